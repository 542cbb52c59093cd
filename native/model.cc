#include "model.h"

#include <string>
#include <utility>

#include "background.h"
#include "devices.h"
#include "errors.h"
#include "logging.h"
#include "model-file.h"
#include "state.h"
#include "whisper-internals.h"

namespace whisper_gateway {

namespace {

Napi::Value ToJs(Napi::Env env, std::shared_ptr<Model> loaded) {
  whisper_context* context = loaded->context();
  Napi::Object object = Napi::Object::New(env);
  object.Set("type", Napi::String::New(env, whisper_model_type_readable(context)));
  object.Set("multilingual", Napi::Boolean::New(env, whisper_is_multilingual(context) != 0));
  object.Set("memory", Napi::Number::New(env, static_cast<double>(WeightBytes(context))));

  // Both functions share the holder: `free` empties it, and states keep the model on their own.
  auto holder = std::make_shared<std::shared_ptr<Model>>(std::move(loaded));
  object.Set("createState", Napi::Function::New(env, [holder](const Napi::CallbackInfo& info) {
               return Rejecting(info.Env(), [&] {
                 if (!*holder) throw Failure{"freed", "The model has been freed."};
                 return CreateState(info.Env(), *holder);
               });
             }));
  object.Set("free",
             Napi::Function::New(env, [holder](const Napi::CallbackInfo&) { holder->reset(); }));
  object.Freeze();
  return object;
}

class LoadModelJob : public Job {
 public:
  explicit LoadModelJob(ModelOptions options) : options_(std::move(options)) {}
  void Run() override { model_ = std::make_shared<Model>(options_); }
  const char* FailureCode() const override { return "model_load_failed"; }
  Napi::Value Result(Napi::Env env) override { return ToJs(env, std::move(model_)); }

 private:
  ModelOptions options_;
  std::shared_ptr<Model> model_;
};

}  // namespace

Model::Model(const ModelOptions& options) : flash_attention_(options.flash_attention) {
  ModelFile file(options.path, ModelFile::Kind::kWhisper);
  whisper_context_params params = whisper_context_default_params();
  params.use_gpu = options.gpu >= 0;
  params.gpu_device = options.gpu >= 0 ? options.gpu : 0;
  params.flash_attn = options.flash_attention;
  params.dtw_token_timestamps = false;

  const ErrorLines errors;
  whisper_model_loader loader = file.Loader();
  context_ = whisper_init_with_params_no_state(&loader, params);
  if (context_ != nullptr) return;
  if (errors.MentionMemory()) throw Failure{"out_of_memory", errors.text()};
  const bool corrupt = errors.Mention("tensor") || errors.Mention("invalid model");
  throw Failure{
      corrupt ? "model_corrupt" : "model_load_failed",
      options.path + (corrupt ? " is damaged. " : " could not be loaded. ") + errors.text()};
}

Model::~Model() {
  whisper_free(context_);
}

Napi::Value LoadModel(const Napi::CallbackInfo& info) {
  ModelOptions options = ReadModelOptions(info[0]);
  if (options.gpu >= GpuCount()) {
    // whisper.cpp would use the CPU without a word.
    throw Failure{"invalid_argument", "There is no GPU " + std::to_string(options.gpu) + "."};
  }
  if (options.gpu >= 0 && options.flash_attention && BUILD_CUDA_FLASH_ATTENTION == 0) {
    // ggml would bring every attention back to the CPU, without a word.
    throw Failure{"invalid_argument", "This addon was built without flash attention for GPUs."};
  }
  return Background::Of(info.Env()).Start(std::make_unique<LoadModelJob>(std::move(options)));
}

}  // namespace whisper_gateway
