#pragma once

#include <napi.h>
#include <whisper.h>

#include <memory>

#include "arguments.h"

namespace whisper_gateway {

/** Weights. Whoever uses them shares this object; they are freed with the last one. */
class Model {
 public:
  /** Off the main thread. Throws `Failure`. */
  explicit Model(const ModelOptions& options);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  whisper_context* context() const { return context_; }
  bool flash_attention() const { return flash_attention_; }

 private:
  whisper_context* context_ = nullptr;
  bool flash_attention_;
};

/** `loadModel` of the contract. Throws `Failure`. */
Napi::Value LoadModel(const Napi::CallbackInfo& info);

}  // namespace whisper_gateway
