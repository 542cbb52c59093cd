#include "compressed-tail.h"

#include <cmath>

namespace whisper_gateway {

namespace {

/** ggml's matrix kernel for f16 refuses sums of another length, and the attention gets slow. */
constexpr int kContextStep = 8;
/** One frame more at `start` may be one fewer behind it, but never twice in a row. */
constexpr int kMostExtraFrames = 2 * kContextStep - 1;

struct Current {
  CompressedTail tail;
  const ggml_tensor* positions;
  bool moved = false;
  bool masked = false;
};
thread_local std::optional<Current> current;

/** One row a query: 0 for each frame of the window, log(stride) for each of the tail. */
ggml_tensor* Mask(ggml_context* graph, const CompressedTail& tail, int64_t queries) {
  ggml_tensor* row = ggml_arange(graph, 0, static_cast<float>(tail.context), 1);
  row = ggml_step(graph, ggml_scale_bias(graph, row, 1, 0.5F - static_cast<float>(tail.start)));
  row = ggml_scale(graph, row, std::log(static_cast<float>(tail.stride)));
  return ggml_repeat_4d(graph, row, tail.context, queries, 1, 1);
}

}  // namespace

std::optional<CompressedTail> PlanTail(int full, int start, int stride) {
  const auto plan = [&](int from) {
    return CompressedTail{from, stride, from + (full - from) / stride};
  };
  CompressedTail tail = plan(start);
  for (int extra = 1; extra <= kMostExtraFrames && tail.context % kContextStep != 0; ++extra) {
    tail = plan(start + extra);
  }
  if (tail.context <= tail.start) return std::nullopt;
  return tail;
}

TailScope::TailScope(const CompressedTail& tail, const ggml_tensor* positions) {
  current = Current{tail, positions};
}

TailScope::~TailScope() {
  current.reset();
}

bool TailScope::Applied() const {
  return current->moved && current->masked;
}

ggml_tensor* SoftMaxOverTail(ggml_context* graph, ggml_tensor* logits, ggml_tensor* mask,
                             float scale, float max_bias) {
  // Attention over the audio is the one that whisper.cpp does not mask itself.
  if (current && mask == nullptr) {
    mask = Mask(graph, current->tail, logits->ne[1]);
    current->masked = true;
  }
  return ggml_soft_max_ext(graph, logits, mask, scale, max_bias);
}

ggml_tensor* ViewWithTail(ggml_context* graph, ggml_tensor* source, int64_t columns, int64_t rows,
                          size_t row_bytes, size_t offset) {
  if (!current || source != current->positions) {
    return ggml_view_2d(graph, source, columns, rows, row_bytes, offset);
  }
  current->moved = true;
  const CompressedTail& tail = current->tail;
  const auto stride = static_cast<size_t>(tail.stride);
  const size_t middle = static_cast<size_t>(tail.start) + stride / 2;
  ggml_tensor* window = ggml_view_2d(graph, source, columns, tail.start, row_bytes, 0);
  ggml_tensor* silence = ggml_view_2d(graph, source, columns, rows - tail.start, row_bytes * stride,
                                      row_bytes * middle);
  return ggml_concat(graph, window, silence, 1);
}

}  // namespace whisper_gateway
