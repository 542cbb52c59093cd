#include "whisper-internals.h"

#include <optional>

#include "compressed-tail.h"

// Every call that comes after this line is one of whisper.cpp's.
#define ggml_soft_max_ext whisper_gateway::SoftMaxOverAudio
#define ggml_view_2d whisper_gateway::ViewWithTail
#define ggml_mul_mat whisper_gateway::MultiplyLastRow
#define ggml_build_forward_expand whisper_gateway::ExpandWithAttention
#include "whisper.cpp"
#undef ggml_soft_max_ext
#undef ggml_view_2d
#undef ggml_mul_mat
#undef ggml_build_forward_expand

namespace whisper_gateway {

namespace {

/** Which published model this is, by its dimensions: the name of its file says nothing for sure. */
std::optional<whisper_alignment_heads_preset> PresetOf(const whisper_context* context) {
  const whisper_hparams& hparams = context->model.hparams;
  const bool multilingual = context->vocab.is_multilingual();
  const bool v3 = context->vocab.num_languages() > 99;
  if (hparams.n_audio_layer == 32 && hparams.n_text_layer == 4 && v3) {
    return WHISPER_AHEADS_LARGE_V3_TURBO;
  }
  // Distilled models have fewer layers in the decoder, and heads that nobody has listed.
  if (hparams.n_text_layer != hparams.n_audio_layer) return std::nullopt;
  switch (context->model.type) {
    case MODEL_TINY:
      return multilingual ? WHISPER_AHEADS_TINY : WHISPER_AHEADS_TINY_EN;
    case MODEL_BASE:
      return multilingual ? WHISPER_AHEADS_BASE : WHISPER_AHEADS_BASE_EN;
    case MODEL_SMALL:
      return multilingual ? WHISPER_AHEADS_SMALL : WHISPER_AHEADS_SMALL_EN;
    case MODEL_MEDIUM:
      return multilingual ? WHISPER_AHEADS_MEDIUM : WHISPER_AHEADS_MEDIUM_EN;
    case MODEL_LARGE:
      // The first and the second version have the same dimensions; the second one is in use.
      return v3 ? WHISPER_AHEADS_LARGE_V3 : WHISPER_AHEADS_LARGE_V2;
    default:
      return std::nullopt;
  }
}

}  // namespace

void SetGraphAbort(whisper_state* state, ggml_abort_callback callback, void* data) {
  for (ggml_backend_t backend : state->backends) {
    ggml_backend_dev_t device = ggml_backend_get_device(backend);
    ggml_backend_reg_t reg = device ? ggml_backend_dev_backend_reg(device) : nullptr;
    if (reg == nullptr) continue;
    auto set = reinterpret_cast<ggml_backend_set_abort_callback_t>(
        ggml_backend_reg_get_proc_address(reg, "ggml_backend_set_abort_callback"));
    if (set) set(backend, callback, data);
  }
}

void ResetRandom(whisper_state* state) {
  state->decoders[0].rng = std::mt19937(0);
}

Timings ReadTimings(const whisper_state* state) {
  return {state->t_encode_us,
          state->t_decode_us + state->t_batchd_us + state->t_prompt_us + state->t_sample_us};
}

const ggml_tensor* Positions(const whisper_context* context) {
  return context->model.e_pe;
}

const ggml_tensor* Vocabulary(const whisper_context* context) {
  return context->model.d_te;
}

int EncodeCount(const whisper_state* state) {
  return state->n_encode;
}

const float* StartLogits(whisper_context* context, whisper_state* state, int threads) {
  const whisper_token start = whisper_token_sot(context);
  whisper_kv_cache_clear(state->kv_self);
  if (whisper_decode_with_state(context, state, &start, 1, 0, threads) != 0) return nullptr;
  return state->logits.data();
}

void SetNoSpeechProbability(whisper_state* state, float probability) {
  state->no_speech_prob = probability;
}

void ClearCrossAttention(whisper_state* state) {
  ggml_backend_buffer_clear(state->kv_cross.buffer, 0);
}

std::vector<Head> AlignmentHeads(const whisper_context* context) {
  const whisper_hparams& hparams = context->model.hparams;
  std::vector<Head> heads;
  const auto preset = PresetOf(context);
  if (preset) {
    const whisper_aheads& known = g_aheads.at(*preset);
    for (size_t i = 0; i < known.n_heads; ++i) {
      heads.push_back({known.heads[i].n_text_layer, known.heads[i].n_head});
    }
    return heads;
  }
  for (int layer = hparams.n_text_layer / 2; layer < hparams.n_text_layer; ++layer) {
    for (int head = 0; head < hparams.n_text_head; ++head) heads.push_back({layer, head});
  }
  return heads;
}

bool DecodeForAttention(whisper_context* context, whisper_state* state,
                        const std::vector<whisper_token>& tokens, int threads) {
  whisper_kv_cache_clear(state->kv_self);
  whisper_batch_prep_legacy(state->batch, tokens.data(), static_cast<int>(tokens.size()), 0, 0);
  // Nobody wants to know what comes next.
  state->batch.logits[tokens.size() - 1] = 0;
  return whisper_decode_internal(*context, *state, state->batch, threads, false, nullptr, nullptr);
}

std::vector<whisper_token_data>& TokensOf(whisper_state* state, int segment) {
  return state->result_all[static_cast<size_t>(segment)].tokens;
}

size_t WeightBytes(const whisper_context* context) {
  size_t bytes = 0;
  for (ggml_backend_buffer_t buffer : context->model.buffers) {
    bytes += ggml_backend_buffer_get_size(buffer);
  }
  return bytes;
}

}  // namespace whisper_gateway
