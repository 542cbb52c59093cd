#include "segments.h"

#include <whisper.h>

#include <algorithm>
#include <utility>

#include "utf8.h"

namespace whisper_gateway {

namespace {

Segment ReadSegment(const State& state, int index, int64_t duration_ms, bool with_words) {
  whisper_context* context = state.model().context();
  whisper_state* whisper = state.get();
  const auto clamp = [duration_ms](int64_t ticks) {
    return std::clamp<int64_t>(ticks * 10, 0, duration_ms);
  };
  std::vector<Token> tokens;
  std::string text;
  double logprob = 0;
  for (int i = 0; i < whisper_full_n_tokens_from_state(whisper, index); ++i) {
    const auto data = whisper_full_get_token_data_from_state(whisper, index, i);
    if (data.id >= whisper_token_eot(context)) continue;
    Token token{whisper_token_to_str(context, data.id), clamp(data.t0), clamp(data.t1), data.p};
    text += token.bytes;
    logprob += data.plog;
    tokens.push_back(std::move(token));
  }
  Segment segment;
  segment.start_ms = clamp(whisper_full_get_segment_t0_from_state(whisper, index));
  segment.end_ms =
      std::max(segment.start_ms, clamp(whisper_full_get_segment_t1_from_state(whisper, index)));
  segment.text = utf8::Repair(text);
  segment.avg_logprob = tokens.empty() ? 0 : logprob / static_cast<double>(tokens.size());
  segment.no_speech_probability =
      whisper_full_get_segment_no_speech_prob_from_state(whisper, index);
  if (with_words) segment.words = GroupWords(tokens, duration_ms);
  return segment;
}

}  // namespace

std::vector<Segment> ReadSegments(const State& state, int64_t duration_ms, bool with_words) {
  std::vector<Segment> segments;
  for (int i = 0; i < whisper_full_n_segments_from_state(state.get()); ++i) {
    segments.push_back(ReadSegment(state, i, duration_ms, with_words));
  }
  return segments;
}

}  // namespace whisper_gateway
