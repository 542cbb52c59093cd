#pragma once

#include <napi.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace whisper_gateway {

/** `NativeModelOptions`. */
struct ModelOptions {
  std::string path;
  /** Index among the GPUs, or -1 for the CPU. */
  int gpu;
  bool flash_attention;
};

/** `NativeTail`. */
struct TailParams {
  int dense;
  int stride;
};

/** `NativeParams`. */
struct TranscriptionParams {
  std::string language;
  bool translate;
  std::string prompt;
  int threads;
  int audio_context;
  std::optional<TailParams> tail;
  int beam_size;
  int best_of;
  float temperature;
  float temperature_increment;
  float entropy_threshold;
  float logprob_threshold;
  float no_speech_threshold;
  int max_tokens;
  bool single_segment;
  bool suppress_non_speech;
  bool word_timestamps;
  bool yielding;
  bool align_words;
};

// Each of these throws `invalid_argument` for whatever it cannot use. What depends on the model,
// such as its languages, is checked by `Transcribe`.
ModelOptions ReadModelOptions(Napi::Value value);
TranscriptionParams ReadParams(Napi::Value value);
std::string ReadPath(Napi::Value value);
/** Copies, since JavaScript may write to its array while the copy is worked on. */
std::vector<float> ReadPcm(Napi::Value value);

}  // namespace whisper_gateway
