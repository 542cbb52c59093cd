#include "arguments.h"

#include <algorithm>
#include <cmath>

#include "errors.h"
#include "utf8.h"

namespace whisper_gateway {

namespace {

/** Thirty seconds at 16 kHz: what the encoder takes at once. */
constexpr size_t kMaxSamples = 480'000;
/** Resamplers overshoot full scale a little. Samples far beyond it are not in the range -1 … 1. */
constexpr float kMaxAmplitude = 2.0F;
constexpr int kMaxThreads = 64;
/** WHISPER_MAX_DECODERS. */
constexpr int kMaxDecoders = 8;
/** The encoder's positions, 20 ms each. */
constexpr int kMaxAudioContext = 1500;
/** The decoder's positions. */
constexpr int kMaxTokens = 448;
/** Each step of the fallback decodes again; the smallest step bounds their number. */
constexpr double kMinTemperatureIncrement = 0.05;
/**
 * The decoder sees the last 223 tokens of a prompt, which this holds. More would only cost stack:
 * whisper.cpp's tokenizer matches words by a recursive regular expression.
 */
constexpr size_t kMaxPromptBytes = 2048;

[[noreturn]] void Refuse(const std::string& message) {
  throw Failure{"invalid_argument", message};
}

/** An object that has exactly these fields. */
class Fields {
 public:
  Fields(Napi::Value value, const char* what, std::initializer_list<const char*> names) {
    if (!value.IsObject()) Refuse(std::string(what) + " has to be an object.");
    object_ = value.As<Napi::Object>();
    const Napi::Array keys = object_.GetPropertyNames();
    for (uint32_t i = 0; i < keys.Length(); ++i) {
      const std::string key = Napi::Value(keys.Get(i)).ToString();
      if (std::find(names.begin(), names.end(), key) == names.end()) {
        Refuse(std::string(what) + " has no field \"" + key + "\".");
      }
    }
  }

  Napi::Value Get(const char* name) const { return object_.Get(name); }

  std::string String(const char* name) const {
    const Napi::Value value = Get(name);
    if (!value.IsString()) Refuse(std::string(name) + " has to be a string.");
    std::string text = value.As<Napi::String>();
    if (text.find('\0') != std::string::npos) Refuse(std::string(name) + " holds a NUL.");
    return text;
  }

  bool Boolean(const char* name) const {
    const Napi::Value value = Get(name);
    if (!value.IsBoolean()) Refuse(std::string(name) + " has to be a boolean.");
    return value.As<Napi::Boolean>();
  }

  double Number(const char* name, double min, double max) const {
    const Napi::Value value = Get(name);
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
    if (!(number >= min && number <= max)) {
      Refuse(std::string(name) + " has to be a number from " + Short(min) + " to " + Short(max) +
             ".");
    }
    return number;
  }

  float Float(const char* name, double min, double max) const {
    return static_cast<float>(Number(name, min, max));
  }

  int Integer(const char* name, int min, int max) const {
    const double number = Number(name, min, max);
    if (number != std::floor(number)) Refuse(std::string(name) + " has to be an integer.");
    return static_cast<int>(number);
  }

 private:
  static std::string Short(double number) {
    std::string text = std::to_string(number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  }

  Napi::Object object_;
};

std::optional<TailParams> ReadTail(Napi::Value value) {
  if (value.IsNull()) return std::nullopt;
  const Fields fields(value, "A tail", {"dense", "stride"});
  return TailParams{fields.Integer("dense", 0, kMaxAudioContext),
                    fields.Integer("stride", 1, kMaxAudioContext)};
}

}  // namespace

ModelOptions ReadModelOptions(Napi::Value value) {
  const Fields fields(value, "Model options", {"path", "gpu", "flashAttention"});
  ModelOptions options;
  options.path = ReadPath(fields.Get("path"));
  options.gpu = fields.Get("gpu").IsNull() ? -1 : fields.Integer("gpu", 0, 1024);
  options.flash_attention = fields.Boolean("flashAttention");
  return options;
}

TranscriptionParams ReadParams(Napi::Value value) {
  const Fields fields(
      value, "Transcription parameters",
      {"language", "translate", "prompt", "threads", "audioContext", "tail", "beamSize", "bestOf",
       "temperature", "temperatureIncrement", "entropyThreshold", "logprobThreshold",
       "noSpeechThreshold", "maxTokens", "singleSegment", "suppressNonSpeech", "wordTimestamps",
       "alignWords", "yielding"});
  TranscriptionParams params;
  params.language = fields.String("language");
  params.translate = fields.Boolean("translate");
  params.prompt = utf8::Tail(fields.String("prompt"), kMaxPromptBytes);
  params.threads = fields.Integer("threads", 1, kMaxThreads);
  params.audio_context = fields.Integer("audioContext", 0, kMaxAudioContext);
  params.tail = ReadTail(fields.Get("tail"));
  if (params.tail && params.audio_context != 0) Refuse("A tail needs an audioContext of 0.");
  params.beam_size = fields.Integer("beamSize", 1, kMaxDecoders);
  params.best_of = fields.Integer("bestOf", 1, kMaxDecoders);
  params.temperature = fields.Float("temperature", 0, 1);
  params.temperature_increment = fields.Float("temperatureIncrement", 0, 1);
  if (params.temperature_increment > 0 && params.temperature_increment < kMinTemperatureIncrement) {
    Refuse("temperatureIncrement has to be 0, or a number from 0.05 to 1.");
  }
  params.entropy_threshold = fields.Float("entropyThreshold", -100, 100);
  params.logprob_threshold = fields.Float("logprobThreshold", -100, 100);
  params.no_speech_threshold = fields.Float("noSpeechThreshold", 0, 1);
  params.max_tokens = fields.Integer("maxTokens", 0, kMaxTokens);
  params.single_segment = fields.Boolean("singleSegment");
  params.suppress_non_speech = fields.Boolean("suppressNonSpeech");
  params.word_timestamps = fields.Boolean("wordTimestamps");
  params.yielding = fields.Boolean("yielding");
  params.align_words = fields.Boolean("alignWords");
  return params;
}

std::string ReadPath(Napi::Value value) {
  const std::string path = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  if (path.empty() || path.find('\0') != std::string::npos) {
    Refuse("A path has to be a string that is not empty.");
  }
  return path;
}

std::vector<float> ReadPcm(Napi::Value value) {
  if (!value.IsTypedArray() ||
      value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
    Refuse("PCM has to be a Float32Array.");
  }
  const auto samples = value.As<Napi::Float32Array>();
  const size_t count = samples.ElementLength();
  if (count == 0) Refuse("PCM is empty.");
  if (count > kMaxSamples) Refuse("PCM is longer than 30 s.");
  std::vector<float> pcm(samples.Data(), samples.Data() + count);
  // A NaN fails this comparison as well.
  const auto usable = [](float sample) { return std::fabs(sample) <= kMaxAmplitude; };
  if (!std::all_of(pcm.begin(), pcm.end(), usable)) {
    Refuse("PCM holds samples that are not numbers from -1 to 1.");
  }
  return pcm;
}

}  // namespace whisper_gateway
