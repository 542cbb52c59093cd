#pragma once

#include <cstddef>
#include <vector>

namespace whisper_gateway {

/** What one head attends to: a row of `frames` weights for each of `tokens`. */
struct Attention {
  size_t tokens;
  size_t frames;
  std::vector<float> weights;
};

/**
 * The frame at which each token from `first` on, but the last one, begins, by dynamic time warping
 * over the mean of all heads, each of them normalized over the tokens and smoothed over the frames,
 * as OpenAI's Whisper does it (whisper/timing.py). All heads have the same size: one frame or more,
 * and `first` + 2 tokens or more.
 */
std::vector<size_t> FirstFrames(std::vector<Attention> heads, size_t first);

}  // namespace whisper_gateway
