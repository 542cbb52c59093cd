#include "whisper-internals.h"

#include "compressed-tail.h"

// Every call that comes after this line is one of whisper.cpp's.
#define ggml_soft_max_ext whisper_gateway::SoftMaxOverTail
#define ggml_view_2d whisper_gateway::ViewWithTail
#include "whisper.cpp"
#undef ggml_soft_max_ext
#undef ggml_view_2d

namespace whisper_gateway {

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

size_t WeightBytes(const whisper_context* context) {
  size_t bytes = 0;
  for (ggml_backend_buffer_t buffer : context->model.buffers) {
    bytes += ggml_backend_buffer_get_size(buffer);
  }
  return bytes;
}

}  // namespace whisper_gateway
