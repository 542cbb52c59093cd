#pragma once

#include <napi.h>
#include <whisper.h>

#include <atomic>
#include <memory>

#include "model.h"

namespace whisper_gateway {

/** Working memory of one inference at a time. */
class State {
 public:
  /** Off the main thread. Throws `Failure`. */
  explicit State(std::shared_ptr<Model> model);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Model& model() const { return *model_; }
  /** Null once whisper.cpp has freed it by itself, which it does when memory runs out. */
  whisper_state* get() const { return state_; }
  void Forget() { state_ = nullptr; }

  /** Set from the main thread, read between any two graph nodes. */
  std::atomic<bool> aborted{false};
  /** The language detected last, which the next detection starts from; English at first. */
  int likely_language = 0;
  /** Whether the last window cut the context; see `Transcribe`. */
  bool was_cut = false;

 private:
  std::shared_ptr<Model> model_;
  whisper_state* state_ = nullptr;
};

/** `createState` of the contract. Throws `Failure`. */
Napi::Value CreateState(Napi::Env env, std::shared_ptr<Model> model);

}  // namespace whisper_gateway
