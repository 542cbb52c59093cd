#include "transcription.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "compressed-tail.h"
#include "errors.h"
#include "full-params.h"
#include "logging.h"
#include "pauses.h"
#include "token-times.h"
#include "whisper-internals.h"

namespace whisper_gateway {

namespace {

constexpr int64_t kSamplesPerMs = 16;
/** One position of the encoder is 20 ms. */
constexpr size_t kSamplesPerFrame = 320;
/**
 * Shorter audio is padded with silence to 1.1 s: whisper.cpp 1.9.1 reads past its buffers for very
 * short audio, and it ignores what is under 100 ms.
 */
constexpr size_t kMinSamples = 17'600;
/** Keys that flash attention reads at once, whether they were written or not. */
constexpr int kFlashAttentionRows = 256;
/** Tokens of a model besides its languages: text, tasks and timestamps. */
constexpr int kOtherTokens = 51'765;
constexpr int kDetect = -1;

/** Languages of this model. whisper.cpp's list is that of the newest one. */
int LanguageCount(whisper_context* context) {
  if (!whisper_is_multilingual(context)) return 1;
  return std::min(whisper_n_vocab(context) - kOtherTokens - 1, whisper_lang_max_id() + 1);
}

/** The id of a language code, where this model knows it. */
int LanguageId(whisper_context* context, const std::string& code) {
  for (int id = 0; id < LanguageCount(context); ++id) {
    if (code == whisper_lang_str(id)) return id;
  }
  throw Failure{"unknown_language", "The model does not know \"" + code + "\"."};
}

/** Checks what depends on the model. Returns the language's id, or `kDetect`. */
int Check(const State& state, size_t samples, const TranscriptionParams& params) {
  if (state.get() == nullptr) {
    throw Failure{"out_of_memory", "The state was lost when memory ran out. Open another one."};
  }
  whisper_context* context = state.model().context();
  if (params.audio_context > 0) {
    if (state.model().flash_attention() && params.audio_context % kFlashAttentionRows != 0) {
      // whisper.cpp 1.9.1 does not mask the rows in between, which hold earlier windows' audio.
      throw Failure{"invalid_argument",
                    "With flash attention audioContext has to be 0 or a multiple of 256."};
    }
    const int max = whisper_n_audio_ctx(context);
    if (params.audio_context > max ||
        static_cast<size_t>(params.audio_context) * kSamplesPerFrame < samples) {
      throw Failure{"invalid_argument",
                    "audioContext has to cover the audio, at most " + std::to_string(max) + "."};
    }
  }
  if (params.tail && state.model().flash_attention()) {
    throw Failure{"invalid_argument", "With flash attention there is no tail."};
  }
  if (params.language != "auto") return LanguageId(context, params.language);
  return whisper_is_multilingual(context) ? kDetect : 0;
}

std::optional<CompressedTail> TailOf(const State& state, size_t samples,
                                     const TranscriptionParams& params) {
  if (!params.tail) return std::nullopt;
  const auto window = static_cast<int>((samples + kSamplesPerFrame - 1) / kSamplesPerFrame);
  return PlanTail(whisper_n_audio_ctx(state.model().context()), window + params.tail->dense,
                  params.tail->stride);
}

double Softmax(const float* logits, int count, int index) {
  const float max = *std::max_element(logits, logits + count);
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += std::exp(double{logits[i]} - max);
  return std::exp(double{logits[index]} - max) / sum;
}

/** Finds word times while the audio that they belong to is still encoded. */
class WordAligner {
 public:
  WordAligner(State& state, const TranscriptionParams& params, int64_t duration_ms)
      : state_(state), params_(params), duration_ms_(duration_ms) {}

  /** Times the words of the segments that are new since the last call. */
  void Align(int language) {
    if (!params_.word_timestamps || !params_.align_words) return;
    const int segments = whisper_full_n_segments_from_state(state_.get());
    if (segments == segments_) return;
    const auto begin = std::chrono::steady_clock::now();
    const Decoded decoded{whisper_lang_str(language), params_.translate, duration_ms_};
    if (!TimeTokens(state_, segments_, decoded, params_.threads)) complete_ = false;
    segments_ = segments;
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - begin;
    spent_ms_ += spent.count();
  }

  /** Whether there are words, and all of them have been timed. */
  bool aligned() const { return segments_ > 0 && complete_; }
  double spent_ms() const { return spent_ms_; }

 private:
  State& state_;
  const TranscriptionParams& params_;
  int64_t duration_ms_;
  int segments_ = 0;
  bool complete_ = true;
  double spent_ms_ = 0;
};

std::vector<Word*> WordsOf(std::vector<Segment>& segments) {
  std::vector<Word*> words;
  for (Segment& segment : segments) {
    for (Word& word : segment.words) words.push_back(&word);
  }
  return words;
}

/** One call of whisper_full, and what its callbacks find out meanwhile. */
class Run {
 public:
  /** `language` is an id; `detect` makes it a guess, to be corrected once the audio is encoded. */
  Run(State& state, const TranscriptionParams& params, WordAligner& aligner, int language,
      bool detect)
      : state_(state),
        params_(params),
        aligner_(aligner),
        language_(language),
        detect_(detect),
        encodes_(EncodeCount(state.get())),
        errors_(&state.aborted) {}

  /** False where the guess was wrong: nothing was decoded, and `language` is the right one. */
  bool Decode(const std::vector<float>& pcm) {
    const int guess = language_;
    whisper_full_params full = FullParams(params_, whisper_lang_str(language_));
    full.encoder_begin_callback = [](whisper_context*, whisper_state*, void* self) {
      auto* run = static_cast<Run*>(self);
      // What was decoded so far belongs to the audio that is still encoded.
      run->aligner_.Align(run->language_);
      return !run->state_.aborted;
    };
    full.encoder_begin_callback_user_data = this;
    full.abort_callback = [](void* self) { return static_cast<Run*>(self)->OnStep(); };
    full.abort_callback_user_data = this;
    full.logits_filter_callback = [](whisper_context*, whisper_state* whisper,
                                     const whisper_token_data*, int count, float*, void* self) {
      // The first call of each attempt comes right after whisper.cpp's own, wrong computation.
      if (count == 0) SetNoSpeechProbability(whisper, static_cast<Run*>(self)->no_speech_);
    };
    full.logits_filter_callback_user_data = this;

    const std::optional<CompressedTail> tail = TailOf(state_, pcm.size(), params_);
    std::optional<TailScope> scope;
    if (tail) {
      full.audio_ctx = tail->context;
      scope.emplace(*tail, Positions(state_.model().context()));
    }
    ResetRandom(state_.get());
    const int status = whisper_full_with_state(state_.model().context(), state_.get(), full,
                                               pcm.data(), static_cast<int>(pcm.size()));
    // This one status means that whisper.cpp has freed the state.
    if (status == -7) state_.Forget();
    if (state_.aborted) throw Failure{"aborted", "The transcription was aborted."};
    if (language_ != guess) return false;
    if (status != 0) Fail();
    aligner_.Align(language_);
    if (state_.aborted) throw Failure{"aborted", "The transcription was aborted."};
    if (scope && !scope->Applied()) {
      throw Failure{"inference_failed", "This whisper.cpp builds other graphs than a tail knows."};
    }
    return true;
  }

  int language() const { return language_; }
  double language_probability() const { return language_probability_; }

 private:
  /** Between encoder and decoder, and after each step of the decoder. True ends the run. */
  bool OnStep() {
    if (state_.aborted) return true;
    if (EncodeCount(state_.get()) == encodes_) return false;
    encodes_ = EncodeCount(state_.get());
    const int guess = language_;
    ReadStart();
    if (language_ != guess) errors_.Expect();
    return language_ != guess;
  }

  /** Takes from the start token's logits what whisper_full gets wrong or keeps to itself. */
  void ReadStart() {
    whisper_context* context = state_.model().context();
    const float* logits = StartLogits(context, state_.get(), params_.threads);
    if (state_.aborted) return;
    if (logits == nullptr) Fail();
    no_speech_ =
        static_cast<float>(Softmax(logits, whisper_n_vocab(context), whisper_token_nosp(context)));
    if (!detect_) return;
    detect_ = false;
    const float* languages = logits + whisper_token_lang(context, 0);
    const int count = LanguageCount(context);
    language_ = static_cast<int>(std::max_element(languages, languages + count) - languages);
    language_probability_ = Softmax(languages, count, language_);
  }

  [[noreturn]] void Fail() const {
    throw Failure{errors_.MentionMemory() ? "out_of_memory" : "inference_failed",
                  "whisper.cpp failed. " + errors_.text()};
  }

  State& state_;
  const TranscriptionParams& params_;
  WordAligner& aligner_;
  int language_;
  bool detect_;
  int encodes_;
  ErrorLines errors_;
  float no_speech_ = 0;
  double language_probability_ = 1;
};

}  // namespace

Transcription Transcribe(State& state, std::vector<float> pcm, const TranscriptionParams& params) {
  const int language = Check(state, pcm.size(), params);
  const auto duration_ms = static_cast<int64_t>(pcm.size()) / kSamplesPerMs;
  pcm.resize(std::max(pcm.size(), kMinSamples), 0.0F);

  // The full context is padded from 1500 rows to 1536 for flash attention. Cut windows, whose rows
  // are all their own, have written where that padding lies.
  const bool cut = params.audio_context > 0;
  if (state.model().flash_attention() && state.was_cut && !cut) ClearCrossAttention(state.get());
  state.was_cut = cut;

  // Detection needs the encoder's output, and would encode twice. So a language is guessed, and
  // decoding goes straight on where the guess turns out to be right.
  const bool detect = language == kDetect;
  const Timings before = ReadTimings(state.get());
  WordAligner aligner(state, params, duration_ms);
  Run run(state, params, aligner, detect ? state.likely_language : language, detect);
  if (!run.Decode(pcm)) Run(state, params, aligner, run.language(), false).Decode(pcm);
  const Timings after = ReadTimings(state.get());
  if (detect) state.likely_language = run.language();

  Transcription result;
  result.language = whisper_lang_str(run.language());
  result.language_probability = run.language_probability();
  result.segments = ReadSegments(state, duration_ms, params.word_timestamps);
  if (aligner.aligned()) {
    const size_t samples = static_cast<size_t>(duration_ms * kSamplesPerMs);
    LeaveOutPauses(FindPauses(pcm.data(), samples), WordsOf(result.segments));
  }
  result.encode_ms = static_cast<double>(after.encode - before.encode) / 1000;
  result.align_ms = aligner.spent_ms();
  result.decode_ms = static_cast<double>(after.decode - before.decode) / 1000;
  return result;
}

}  // namespace whisper_gateway
