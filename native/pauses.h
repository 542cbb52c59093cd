#pragma once

#include <cstdint>
#include <vector>

#include "words.h"

namespace whisper_gateway {

/** Milliseconds from the first sample. */
struct Pause {
  int64_t start_ms;
  int64_t end_ms;
};

/**
 * Where 16 kHz audio is much quieter than its speech: for longer than a stop consonant, or at its
 * beginning or end. In the order of their times.
 */
std::vector<Pause> FindPauses(const float* pcm, size_t samples);

/**
 * Ends words where a pause begins and begins them where it ends: what the model attends to during a
 * pause is anything. A border is moved to a pause that is near it, or long; `words` keep their
 * order.
 */
void LeaveOutPauses(const std::vector<Pause>& pauses, const std::vector<Word*>& words);

}  // namespace whisper_gateway
