#pragma once

#include <ggml.h>

#include <optional>

namespace whisper_gateway {

/**
 * The silence between a window and the end of the 30 s that the encoder was made for, in few
 * frames: each of them has the position of the middle one of `stride` frames and counts as much as
 * all of them, by log(stride) on its attention logits. The model hears a full context for the cost
 * of a cut one (docs/adr/0006).
 */
struct CompressedTail {
  /** The first frame that stands for others. */
  int start;
  /** Frames that each of them stands for. */
  int stride;
  /** Frames of the encoder. */
  int context;
};

/**
 * The tail behind `start` frames, or up to 15 more so that the context is a multiple of 8. None
 * where fewer than `stride` of the `full` frames are left.
 */
std::optional<CompressedTail> PlanTail(int full, int start, int stride);

/** While it lives, the graphs that whisper.cpp builds on this thread have the tail. */
class TailScope {
 public:
  /** `positions`: the encoder's position embeddings, one row a frame of the full context. */
  TailScope(const CompressedTail& tail, const ggml_tensor* positions);
  ~TailScope();
  TailScope(const TailScope&) = delete;
  TailScope& operator=(const TailScope&) = delete;

  /** Whether the graphs were those that the tail knows how to change. */
  bool Applied() const;
};

// whisper.cpp builds its graphs with these, in place of ggml_soft_max_ext and ggml_view_2d.
ggml_tensor* SoftMaxOverTail(ggml_context* graph, ggml_tensor* logits, ggml_tensor* mask,
                             float scale, float max_bias);
ggml_tensor* ViewWithTail(ggml_context* graph, ggml_tensor* source, int64_t columns, int64_t rows,
                          size_t row_bytes, size_t offset);

}  // namespace whisper_gateway
