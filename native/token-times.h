#pragma once

#include <cstdint>
#include <string>

#include "state.h"

namespace whisper_gateway {

/** What a state has decoded. */
struct Decoded {
  /** As whisper.cpp names it. */
  const char* language;
  bool translate;
  /** Of the audio, without what it was padded with. */
  int64_t duration_ms;
};

/**
 * Gives each text token of the segments from `first_segment` on its time by what the decoder
 * attends to while it says that token, for one more pass of the decoder over all of them at once.
 * They have to be those of the audio that was encoded last. False where that cannot be found out,
 * as with flash attention, which keeps no weights: then tokens keep the times that they have.
 */
bool TimeTokens(State& state, int first_segment, const Decoded& decoded, int threads);

}  // namespace whisper_gateway
