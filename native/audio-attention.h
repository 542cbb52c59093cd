#pragma once

#include <ggml.h>

#include <vector>

namespace whisper_gateway {

/** One attention head of the decoder. */
struct Head {
  int layer;
  int head;
};

/**
 * While it lives, the decoder graphs that whisper.cpp builds on this thread keep what these heads
 * attend to in the audio, and compute no logits but the last row's.
 */
class AttentionScope {
 public:
  /** `vocabulary`: the matrix that the logits are made with. */
  AttentionScope(const std::vector<Head>& heads, const ggml_tensor* vocabulary);
  ~AttentionScope();
  AttentionScope(const AttentionScope&) = delete;
  AttentionScope& operator=(const AttentionScope&) = delete;

  /**
   * After a graph was computed, one tensor a head: a row of weights over the encoder's frames for
   * each token of the batch. Fewer than were asked for where whisper.cpp builds other graphs.
   */
  const std::vector<ggml_tensor*>& Weights() const;
};

// whisper.cpp builds its graphs with these, in place of ggml's.
ggml_tensor* SoftMaxOverAudio(ggml_context* graph, ggml_tensor* logits, ggml_tensor* mask,
                              float scale, float max_bias);
ggml_tensor* MultiplyLastRow(ggml_context* graph, ggml_tensor* weights, ggml_tensor* input);
void ExpandWithAttention(ggml_cgraph* graph, ggml_tensor* tensor);

}  // namespace whisper_gateway
