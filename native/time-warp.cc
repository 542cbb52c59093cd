#include "time-warp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace whisper_gateway {

namespace {

/** Frames over which weights are smoothed. */
constexpr size_t kMedianWidth = 7;
constexpr double kLeastVariance = 1e-9;

/** Each frame's weights as deviations from their mean over all tokens. */
void Normalize(Attention& head) {
  const auto tokens = static_cast<double>(head.tokens);
  for (size_t frame = 0; frame < head.frames; ++frame) {
    double sum = 0;
    double squares = 0;
    for (size_t token = 0; token < head.tokens; ++token) {
      const double weight = head.weights[token * head.frames + frame];
      sum += weight;
      squares += weight * weight;
    }
    const double mean = sum / tokens;
    const double variance = std::max(0.0, squares / tokens - mean * mean);
    const double deviation = std::sqrt(variance + kLeastVariance);
    for (size_t token = 0; token < head.tokens; ++token) {
      float& weight = head.weights[token * head.frames + frame];
      weight = static_cast<float>((weight - mean) / deviation);
    }
  }
}

/** The median around a frame, with the row mirrored at its ends. */
float MedianAt(const float* row, size_t frames, size_t frame) {
  constexpr auto kHalf = static_cast<int64_t>(kMedianWidth / 2);
  const auto last = static_cast<int64_t>(frames) - 1;
  std::array<float, kMedianWidth> values;
  for (size_t i = 0; i < kMedianWidth; ++i) {
    int64_t at = std::abs(static_cast<int64_t>(frame + i) - kHalf);
    if (at > last) at = std::max<int64_t>(0, 2 * last - at);
    values[i] = row[at];
  }
  std::nth_element(values.begin(), values.begin() + kHalf, values.end());
  return values[static_cast<size_t>(kHalf)];
}

/** How badly each token from `first` on fits each frame. */
std::vector<float> Costs(std::vector<Attention> heads, size_t first) {
  const size_t frames = heads[0].frames;
  const size_t rows = heads[0].tokens - first - 1;
  std::vector<float> costs(rows * frames, 0.0F);
  for (Attention& head : heads) {
    Normalize(head);
    for (size_t row = 0; row < rows; ++row) {
      const float* weights = &head.weights[(first + row) * frames];
      for (size_t frame = 0; frame < frames; ++frame) {
        costs[row * frames + frame] -=
            MedianAt(weights, frames, frame) / static_cast<float>(heads.size());
      }
    }
  }
  return costs;
}

enum Step : uint8_t { kBoth, kToken, kFrame };

}  // namespace

std::vector<size_t> FirstFrames(std::vector<Attention> heads, size_t first) {
  const size_t frames = heads[0].frames;
  const size_t rows = heads[0].tokens - first - 1;
  const std::vector<float> costs = Costs(std::move(heads), first);

  constexpr float kNever = std::numeric_limits<float>::infinity();
  std::vector<float> above(frames + 1, kNever);
  above[0] = 0;
  std::vector<Step> steps(rows * frames);
  for (size_t row = 0; row < rows; ++row) {
    std::vector<float> sums(frames + 1, kNever);
    for (size_t frame = 0; frame < frames; ++frame) {
      const float both = above[frame];
      const float token = above[frame + 1];
      const float stay = sums[frame];
      Step step = kFrame;
      if (both < token && both < stay) step = kBoth;
      if (token < both && token < stay) step = kToken;
      steps[row * frames + frame] = step;
      sums[frame + 1] = costs[row * frames + frame] + std::min({both, token, stay});
    }
    above = std::move(sums);
  }

  std::vector<size_t> begins(rows, 0);
  size_t row = rows - 1;
  size_t frame = frames - 1;
  for (;;) {
    begins[row] = frame;
    const Step step = row == 0 ? kFrame : frame == 0 ? kToken : steps[row * frames + frame];
    if (row == 0 && frame == 0) return begins;
    if (step != kFrame) --row;
    if (step != kToken) --frame;
  }
}

}  // namespace whisper_gateway
