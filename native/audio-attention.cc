#include "audio-attention.h"

#include <optional>

#include "compressed-tail.h"

namespace whisper_gateway {

namespace {

struct Current {
  std::vector<Head> heads;
  const ggml_tensor* vocabulary = nullptr;
  /** Layers of the decoder that were built so far. */
  int layers = 0;
  std::vector<ggml_tensor*> weights;
  /** How many of them are in the graph. */
  size_t expanded = 0;
};
thread_local std::optional<Current> current;

}  // namespace

AttentionScope::AttentionScope(const std::vector<Head>& heads, const ggml_tensor* vocabulary) {
  current.emplace();
  current->heads = heads;
  current->vocabulary = vocabulary;
}

AttentionScope::~AttentionScope() {
  current.reset();
}

const std::vector<ggml_tensor*>& AttentionScope::Weights() const {
  return current->weights;
}

ggml_tensor* SoftMaxOverAudio(ggml_context* graph, ggml_tensor* logits, ggml_tensor* mask,
                              float scale, float max_bias) {
  ggml_tensor* result = SoftMaxOverTail(graph, logits, mask, scale, max_bias);
  // Attention over the audio is the one that whisper.cpp does not mask itself.
  if (!current || mask != nullptr) return result;
  const int layer = current->layers++;
  for (const Head& head : current->heads) {
    if (head.layer != layer || head.head >= result->ne[2]) continue;
    const size_t offset = static_cast<size_t>(head.head) * result->nb[2];
    ggml_tensor* one =
        ggml_view_2d(graph, result, result->ne[0], result->ne[1], result->nb[1], offset);
    current->weights.push_back(ggml_cont(graph, one));
    ggml_set_output(current->weights.back());
  }
  return result;
}

ggml_tensor* MultiplyLastRow(ggml_context* graph, ggml_tensor* weights, ggml_tensor* input) {
  if (current && weights == current->vocabulary) {
    const size_t offset = static_cast<size_t>(input->ne[1] - 1) * input->nb[1];
    input = ggml_view_2d(graph, input, input->ne[0], 1, input->nb[1], offset);
  }
  return ggml_mul_mat(graph, weights, input);
}

void ExpandWithAttention(ggml_cgraph* graph, ggml_tensor* tensor) {
  // Right behind their layer: whisper.cpp takes the last node of a graph for its result.
  for (; current && current->expanded < current->weights.size(); ++current->expanded) {
    ggml_build_forward_expand(graph, current->weights[current->expanded]);
  }
  ggml_build_forward_expand(graph, tensor);
}

}  // namespace whisper_gateway
