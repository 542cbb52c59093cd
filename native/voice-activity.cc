#include "voice-activity.h"

#include <whisper.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "background.h"
#include "errors.h"
#include "logging.h"
#include "model-file.h"

namespace whisper_gateway {

namespace {

/** 32 ms at 16 kHz, fixed by the Silero model. */
constexpr size_t kFrameSamples = 512;

/** One stream's detector. */
class Detector {
 public:
  explicit Detector(const std::string& path) {
    ModelFile file(path, ModelFile::Kind::kVoiceActivity);
    whisper_vad_context_params params = whisper_vad_default_context_params();
    // The graph of one frame is so small that a second thread makes it ten times slower.
    params.n_threads = 1;
    params.use_gpu = false;
    const ErrorLines errors;
    whisper_model_loader loader = file.Loader();
    context_ = whisper_vad_init_with_params(&loader, params);
    if (context_ != nullptr) return;
    if (errors.MentionMemory()) throw Failure{"out_of_memory", errors.text()};
    throw Failure{"model_corrupt", path + " is damaged. " + errors.text()};
  }
  ~Detector() { whisper_vad_free(context_); }
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;

  void Reset() { whisper_vad_reset_state(context_); }

  std::vector<float> Probabilities(const std::vector<float>& pcm) {
    // whisper.cpp logs five lines for each call, which is several times a second for each session.
    const QuietLog quiet;
    const ErrorLines errors;
    const bool ok =
        whisper_vad_detect_speech_no_reset(context_, pcm.data(), static_cast<int>(pcm.size()));
    // A graph that fails is logged, and reported as success.
    if (!ok || !errors.text().empty()) {
      throw Failure{"inference_failed", "whisper.cpp failed. " + errors.text()};
    }
    const float* probabilities = whisper_vad_probs(context_);
    return {probabilities, probabilities + whisper_vad_n_probs(context_)};
  }

 private:
  whisper_vad_context* context_ = nullptr;
};

/** What the functions of one JavaScript detector share. Main thread only. */
struct Holder {
  std::shared_ptr<Detector> detector;
  bool busy = false;
  /** Set by `reset`; carried out before the next call, since one may be running. */
  bool forget = false;
};

class ProbabilitiesJob : public Job {
 public:
  ProbabilitiesJob(std::shared_ptr<Holder> holder, std::vector<float> pcm)
      : holder_(std::move(holder)),
        detector_(holder_->detector),
        pcm_(std::move(pcm)),
        forget_(std::exchange(holder_->forget, false)) {
    holder_->busy = true;
  }
  ~ProbabilitiesJob() override { holder_->busy = false; }

  void Run() override {
    if (forget_) detector_->Reset();
    probabilities_ = detector_->Probabilities(pcm_);
  }

  Napi::Value Result(Napi::Env env) override {
    auto array = Napi::Float32Array::New(env, probabilities_.size());
    std::copy(probabilities_.begin(), probabilities_.end(), array.Data());
    return array;
  }

 private:
  std::shared_ptr<Holder> holder_;
  // Its own share, so that a `free` meanwhile takes effect after the run.
  std::shared_ptr<Detector> detector_;
  std::vector<float> pcm_;
  bool forget_;
  std::vector<float> probabilities_;
};

Napi::Value ToJs(Napi::Env env, std::shared_ptr<Detector> detector) {
  auto holder = std::make_shared<Holder>(Holder{std::move(detector)});
  Napi::Object object = Napi::Object::New(env);
  object.Set("probabilities", Napi::Function::New(env, [holder](const Napi::CallbackInfo& info) {
               return Rejecting(info.Env(), [&]() -> Napi::Value {
                 if (!holder->detector) throw Failure{"freed", "Voice activity has been freed."};
                 if (holder->busy) throw Failure{"state_busy", "Voice activity is running."};
                 std::vector<float> pcm = ReadPcm(info[0]);
                 if (pcm.size() % kFrameSamples != 0) {
                   throw Failure{"invalid_argument", "PCM has to be whole frames of 512 samples."};
                 }
                 return Background::Of(info.Env())
                     .Start(std::make_unique<ProbabilitiesJob>(holder, std::move(pcm)));
               });
             }));
  object.Set("reset", Napi::Function::New(
                          env, [holder](const Napi::CallbackInfo&) { holder->forget = true; }));
  object.Set("free", Napi::Function::New(
                         env, [holder](const Napi::CallbackInfo&) { holder->detector.reset(); }));
  object.Freeze();
  return object;
}

class LoadJob : public Job {
 public:
  explicit LoadJob(std::string path) : path_(std::move(path)) {}
  void Run() override {
    detector_ = std::make_shared<Detector>(path_);
    // Fresh memory is not always zero.
    detector_->Reset();
  }
  const char* FailureCode() const override { return "model_load_failed"; }
  Napi::Value Result(Napi::Env env) override { return ToJs(env, std::move(detector_)); }

 private:
  std::string path_;
  std::shared_ptr<Detector> detector_;
};

}  // namespace

Napi::Value LoadVoiceActivity(const Napi::CallbackInfo& info) {
  return Background::Of(info.Env()).Start(std::make_unique<LoadJob>(ReadPath(info[0])));
}

}  // namespace whisper_gateway
