#pragma once

#include <string>
#include <vector>

#include "arguments.h"
#include "segments.h"
#include "state.h"

namespace whisper_gateway {

/** `NativeResult`. */
struct Transcription {
  std::string language;
  double language_probability = 1;
  std::vector<Segment> segments;
  double encode_ms = 0;
  double decode_ms = 0;
  double align_ms = 0;
};

/** Runs one window, off the main thread. Throws `Failure`. */
Transcription Transcribe(State& state, std::vector<float> pcm, const TranscriptionParams& params);

}  // namespace whisper_gateway
