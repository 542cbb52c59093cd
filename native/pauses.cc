#include "pauses.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace whisper_gateway {

namespace {

constexpr int64_t kFrameMs = 10;
constexpr size_t kFrameSamples = 160;
/** Far below 16 bits' least step. */
constexpr float kLeastPower = 1e-9F;
/** Of a frame: below it nothing was recorded, which tells nothing of the noise in a recording. */
constexpr float kNothingDb = -70;
/** Speech within a window is within this many decibels of its loudest. */
constexpr float kQuietDb = 30;
/** Of the way from the noise to the speech: where there is noise, a pause is as loud as that. */
constexpr float kQuietShare = 0.25F;
/** The shares of frames below which levels count as noise, and above which as speech. */
constexpr double kNoiseShare = 0.2;
constexpr double kSpeechShare = 0.95;
constexpr int64_t kShortestPauseMs = 120;
/** A border of words is that of a pause no further away than this … */
constexpr int64_t kNearMs = 150;
/** … but nobody pauses for so long inside of a word: then it is the nearest one's, however far. */
constexpr int64_t kLongPauseMs = 500;

/** Decibels of each frame, over the frame and its neighbours. */
std::vector<float> Levels(const float* pcm, size_t samples) {
  std::vector<float> powers;
  for (size_t start = 0; start + kFrameSamples <= samples; start += kFrameSamples) {
    float power = 0;
    for (size_t i = start; i < start + kFrameSamples; ++i) power += pcm[i] * pcm[i];
    powers.push_back(power);
  }
  std::vector<float> levels(powers.size());
  for (size_t i = 0; i < powers.size(); ++i) {
    float power = powers[i];
    if (i > 0) power += powers[i - 1];
    if (i + 1 < powers.size()) power += powers[i + 1];
    levels[i] = 10 * std::log10(power / 3 + kLeastPower);
  }
  return levels;
}

float Percentile(std::vector<float> values, double share) {
  const auto at = static_cast<int64_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<size_t>(at)];
}

/** Whether the model hears a word where the audio is quiet: then somebody may speak softly there.
 */
bool HoldsWord(const Pause& pause, const std::vector<Word*>& words) {
  return std::any_of(words.begin(), words.end(), [&pause](const Word* word) {
    return word->start_ms >= pause.start_ms && word->end_ms <= pause.end_ms &&
           word->end_ms > word->start_ms;
  });
}

/** How far a pause is from the border before a word: before the first, or behind the last one. */
int64_t Distance(const Pause& pause, const std::vector<Word*>& words, size_t border) {
  const int64_t end = border > 0 ? words[border - 1]->end_ms : words[0]->start_ms;
  const int64_t start = border < words.size() ? words[border]->start_ms : end;
  return std::max<int64_t>({pause.start_ms - std::max(start, end), end - pause.end_ms, 0});
}

}  // namespace

std::vector<Pause> FindPauses(const float* pcm, size_t samples) {
  const std::vector<float> levels = Levels(pcm, samples);
  std::vector<float> recorded;
  std::copy_if(levels.begin(), levels.end(), std::back_inserter(recorded),
               [](float level) { return level > kNothingDb; });
  if (recorded.empty()) return {};
  const float noise = Percentile(recorded, kNoiseShare);
  const float speech = Percentile(recorded, kSpeechShare);
  const float quiet = std::max(speech - kQuietDb, noise + kQuietShare * (speech - noise));
  std::vector<Pause> pauses;
  for (size_t i = 0; i < levels.size(); ++i) {
    const size_t begin = i;
    while (i < levels.size() && levels[i] < quiet) ++i;
    if (i == begin) continue;
    const Pause pause{static_cast<int64_t>(begin) * kFrameMs, static_cast<int64_t>(i) * kFrameMs};
    const bool at_edge = begin == 0 || i == levels.size();
    if (at_edge || pause.end_ms - pause.start_ms >= kShortestPauseMs) pauses.push_back(pause);
  }
  return pauses;
}

void LeaveOutPauses(const std::vector<Pause>& pauses, const std::vector<Word*>& words) {
  if (words.empty()) return;
  struct Border {
    int64_t end_ms = 0;
    int64_t start_ms = 0;
    bool found = false;
  };
  // All borders are compared as the model heard them, before any of them is moved.
  std::vector<Border> borders(words.size() + 1);
  for (const Pause& pause : pauses) {
    if (HoldsWord(pause, words)) continue;
    size_t nearest = 0;
    for (size_t i = 1; i <= words.size(); ++i) {
      if (Distance(pause, words, i) < Distance(pause, words, nearest)) nearest = i;
    }
    const bool is_long = pause.end_ms - pause.start_ms >= kLongPauseMs;
    if (!is_long && Distance(pause, words, nearest) > kNearMs) continue;
    Border& border = borders[nearest];
    if (!border.found) border.end_ms = pause.start_ms;
    border.start_ms = pause.end_ms;
    border.found = true;
  }
  int64_t now_ms = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    Word& word = *words[i];
    if (borders[i].found) word.start_ms = borders[i].start_ms;
    if (borders[i + 1].found) word.end_ms = borders[i + 1].end_ms;
    word.start_ms = std::max(word.start_ms, now_ms);
    word.end_ms = std::max(word.end_ms, word.start_ms);
    now_ms = word.end_ms;
  }
}

}  // namespace whisper_gateway
