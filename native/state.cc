#include "state.h"

#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "background.h"
#include "errors.h"
#include "logging.h"
#include "thread-priority.h"
#include "transcription.h"
#include "whisper-internals.h"

namespace whisper_gateway {

namespace {

/** What the functions of one JavaScript state share. Main thread only. */
struct Holder {
  std::shared_ptr<State> state;
  /** The state while it transcribes, which may have been freed meanwhile. */
  State* running = nullptr;
};

Napi::Object ToJs(Napi::Env env, const Word& word) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("text", Napi::String::New(env, word.text));
  object.Set("startMs", Napi::Number::New(env, static_cast<double>(word.start_ms)));
  object.Set("endMs", Napi::Number::New(env, static_cast<double>(word.end_ms)));
  object.Set("probability", Napi::Number::New(env, word.probability));
  return object;
}

Napi::Object ToJs(Napi::Env env, const Segment& segment) {
  Napi::Array words = Napi::Array::New(env, segment.words.size());
  for (uint32_t i = 0; i < segment.words.size(); ++i) words.Set(i, ToJs(env, segment.words[i]));
  Napi::Object object = Napi::Object::New(env);
  object.Set("startMs", Napi::Number::New(env, static_cast<double>(segment.start_ms)));
  object.Set("endMs", Napi::Number::New(env, static_cast<double>(segment.end_ms)));
  object.Set("text", Napi::String::New(env, segment.text));
  object.Set("avgLogprob", Napi::Number::New(env, segment.avg_logprob));
  object.Set("noSpeechProbability", Napi::Number::New(env, segment.no_speech_probability));
  object.Set("words", words);
  return object;
}

Napi::Object ToJs(Napi::Env env, const Transcription& transcription) {
  const auto& segments = transcription.segments;
  Napi::Array array = Napi::Array::New(env, segments.size());
  for (uint32_t i = 0; i < segments.size(); ++i) array.Set(i, ToJs(env, segments[i]));
  Napi::Object object = Napi::Object::New(env);
  object.Set("language", Napi::String::New(env, transcription.language));
  object.Set("languageProbability", Napi::Number::New(env, transcription.language_probability));
  object.Set("segments", array);
  object.Set("encodeMs", Napi::Number::New(env, transcription.encode_ms));
  object.Set("decodeMs", Napi::Number::New(env, transcription.decode_ms));
  object.Set("alignMs", Napi::Number::New(env, transcription.align_ms));
  return object;
}

class TranscribeJob : public Job {
 public:
  TranscribeJob(std::shared_ptr<Holder> holder, std::vector<float> pcm, TranscriptionParams params)
      : holder_(std::move(holder)),
        state_(holder_->state),
        pcm_(std::move(pcm)),
        params_(std::move(params)) {
    state_->aborted = false;
    holder_->running = state_.get();
  }
  ~TranscribeJob() override { holder_->running = nullptr; }

  void Run() override {
    if (params_.yielding) GiveWay();
    transcription_ = Transcribe(*state_, std::move(pcm_), params_);
  }
  void Abort() override { state_->aborted = true; }

  Napi::Value Result(Napi::Env env) override {
    // The abort came too late to stop anything, but the caller no longer wants a result.
    if (state_->aborted) throw Failure{"aborted", "The transcription was aborted."};
    return ToJs(env, transcription_);
  }

 private:
  std::shared_ptr<Holder> holder_;
  // Its own share, so that a `free` meanwhile takes effect after the run.
  std::shared_ptr<State> state_;
  std::vector<float> pcm_;
  TranscriptionParams params_;
  Transcription transcription_;
};

Napi::Value ToJs(Napi::Env env, std::shared_ptr<State> state) {
  auto holder = std::make_shared<Holder>(Holder{std::move(state)});
  Napi::Object object = Napi::Object::New(env);
  object.Set(
      "transcribe", Napi::Function::New(env, [holder](const Napi::CallbackInfo& info) {
        return Rejecting(info.Env(), [&]() -> Napi::Value {
          if (!holder->state) throw Failure{"freed", "The state has been freed."};
          if (holder->running) throw Failure{"state_busy", "The state is transcribing."};
          std::vector<float> pcm = ReadPcm(info[0]);
          TranscriptionParams params = ReadParams(info[1]);
          return Background::Of(info.Env())
              .Start(std::make_unique<TranscribeJob>(holder, std::move(pcm), std::move(params)));
        });
      }));
  object.Set("abort", Napi::Function::New(env, [holder](const Napi::CallbackInfo&) {
               if (holder->running) holder->running->aborted = true;
             }));
  object.Set("free", Napi::Function::New(
                         env, [holder](const Napi::CallbackInfo&) { holder->state.reset(); }));
  object.Freeze();
  return object;
}

class CreateStateJob : public Job {
 public:
  explicit CreateStateJob(std::shared_ptr<Model> model) : model_(std::move(model)) {}
  void Run() override { state_ = std::make_shared<State>(std::move(model_)); }
  Napi::Value Result(Napi::Env env) override { return ToJs(env, std::move(state_)); }

 private:
  std::shared_ptr<Model> model_;
  std::shared_ptr<State> state_;
};

}  // namespace

State::State(std::shared_ptr<Model> model) : model_(std::move(model)) {
  const ErrorLines errors;
  state_ = whisper_init_state(model_->context());
  if (state_ == nullptr) throw Failure{"out_of_memory", "No state. " + errors.text()};
  SetGraphAbort(
      state_, [](void* data) { return static_cast<std::atomic<bool>*>(data)->load(); }, &aborted);
}

State::~State() {
  whisper_free_state(state_);
}

Napi::Value CreateState(Napi::Env env, std::shared_ptr<Model> model) {
  return Background::Of(env).Start(std::make_unique<CreateStateJob>(std::move(model)));
}

}  // namespace whisper_gateway
