#include "token-times.h"

#include <ggml-backend.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "audio-attention.h"
#include "time-warp.h"
#include "whisper-internals.h"

namespace whisper_gateway {

namespace {

/** whisper.cpp counts time in hundredths of a second, and a frame of its encoder is two of them. */
constexpr int64_t kTickMs = 10;
constexpr int64_t kFrameTicks = 2;
/**
 * The decoder looks at a word this much before it begins, as half of the English recordings show
 * against forced alignment (docs/adr/0011).
 */
constexpr int64_t kAheadTicks = 4;

/** What the decoder is given, and which of it is text. */
struct Sequence {
  std::vector<whisper_token> tokens;
  /** Tokens before the first text token. */
  size_t prefix;
  std::vector<whisper_token_data*> texts;
};

Sequence SequenceOf(State& state, int first_segment, const Decoded& decoded) {
  whisper_context* context = state.model().context();
  Sequence sequence;
  sequence.tokens = {whisper_token_sot(context)};
  if (whisper_is_multilingual(context)) {
    sequence.tokens.push_back(whisper_token_lang(context, whisper_lang_id(decoded.language)));
    sequence.tokens.push_back(decoded.translate ? whisper_token_translate(context)
                                                : whisper_token_transcribe(context));
  }
  sequence.tokens.push_back(whisper_token_not(context));
  sequence.prefix = sequence.tokens.size();
  for (int i = first_segment; i < whisper_full_n_segments_from_state(state.get()); ++i) {
    for (whisper_token_data& token : TokensOf(state.get(), i)) {
      if (token.id >= whisper_token_eot(context)) continue;
      sequence.tokens.push_back(token.id);
      sequence.texts.push_back(&token);
    }
  }
  sequence.tokens.push_back(whisper_token_eot(context));
  return sequence;
}

/** What each alignment head attends to in the first `frames`; nothing where that is not known. */
std::vector<Attention> Attend(State& state, const std::vector<whisper_token>& tokens,
                              int64_t frames, int threads) {
  whisper_context* context = state.model().context();
  const std::vector<Head> heads = AlignmentHeads(context);
  const AttentionScope scope(heads, Vocabulary(context));
  if (!DecodeForAttention(context, state.get(), tokens, threads)) return {};
  std::vector<Attention> attention;
  for (ggml_tensor* weights : scope.Weights()) {
    const auto context_frames = static_cast<size_t>(weights->ne[0]);
    const size_t width = std::min(static_cast<size_t>(frames), context_frames);
    Attention head{tokens.size(), width, {}};
    std::vector<float> row(context_frames);
    for (size_t i = 0; i < tokens.size(); ++i) {
      ggml_backend_tensor_get(weights, row.data(), i * weights->nb[1], width * sizeof(float));
      head.weights.insert(head.weights.end(), row.begin(),
                          row.begin() + static_cast<int64_t>(width));
    }
    attention.push_back(std::move(head));
  }
  return attention;
}

/** When the audio that was encoded last begins: whisper.cpp goes on behind what it has decoded. */
int64_t SeekOf(State& state, int first_segment) {
  const whisper_token_data& first = TokensOf(state.get(), first_segment).front();
  return whisper_full_get_segment_t0_from_state(state.get(), first_segment) -
         kFrameTicks * (first.tid - whisper_token_beg(state.model().context()));
}

}  // namespace

bool TimeTokens(State& state, int first_segment, const Decoded& decoded, int threads) {
  if (state.model().flash_attention()) return false;
  const Sequence sequence = SequenceOf(state, first_segment, decoded);
  const auto most = static_cast<size_t>(whisper_n_text_ctx(state.model().context()));
  if (sequence.texts.empty()) return true;
  if (sequence.tokens.size() > most) return false;
  const int64_t seek = SeekOf(state, first_segment);
  const int64_t ticks = decoded.duration_ms / kTickMs - seek;
  if (seek < 0 || ticks <= 0) return false;
  const int64_t frames = (ticks + kFrameTicks - 1) / kFrameTicks;
  std::vector<Attention> heads = Attend(state, sequence.tokens, frames, threads);
  if (heads.empty()) return false;

  // A token is said while the decoder finds it, which is at the token before it.
  const std::vector<size_t> begins = FirstFrames(std::move(heads), sequence.prefix - 1);
  const auto tick_of = [&](size_t index) {
    return seek + static_cast<int64_t>(begins[index]) * kFrameTicks + kAheadTicks;
  };
  for (size_t i = 0; i < sequence.texts.size(); ++i) {
    sequence.texts[i]->t0 = tick_of(i);
    sequence.texts[i]->t1 = tick_of(i + 1);
  }
  return true;
}

}  // namespace whisper_gateway
