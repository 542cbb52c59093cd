#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "state.h"
#include "words.h"

namespace whisper_gateway {

/** `NativeSegment`. */
struct Segment {
  int64_t start_ms;
  int64_t end_ms;
  std::string text;
  double avg_logprob;
  double no_speech_probability;
  std::vector<Word> words;
};

/** What a state has decoded last. Times are kept inside the audio's duration. */
std::vector<Segment> ReadSegments(const State& state, int64_t duration_ms, bool with_words);

}  // namespace whisper_gateway
