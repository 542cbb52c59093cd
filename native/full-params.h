#pragma once

#include <whisper.h>

#include "arguments.h"

namespace whisper_gateway {

/**
 * What whisper_full is called with, but for the callbacks, which are all null. Every field is
 * filled here: nothing depends on whisper.cpp's defaults. `language` and `params` have to outlive
 * the result.
 */
whisper_full_params FullParams(const TranscriptionParams& params, const char* language);

}  // namespace whisper_gateway
