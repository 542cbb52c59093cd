#include "background.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <thread>

#include "errors.h"

namespace whisper_gateway {

struct Background::Task {
  std::unique_ptr<Job> job;
  Napi::Promise::Deferred deferred;
  std::thread thread;
  std::optional<Failure> failure;
};

void Background::Install(Napi::Env env) {
  env.SetInstanceData(new Background(env));
}

Background& Background::Of(Napi::Env env) {
  return *env.GetInstanceData<Background>();
}

Background::Background(Napi::Env env) : env_(env) {
  napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "whisper_gateway"),
                                  0, 1, nullptr, nullptr, this, OnEnded, &ended_);
  napi_unref_threadsafe_function(env, ended_);
  // Hooks run in reverse order. This one comes after the function above has added its own, so that
  // every thread has ended by the time that function goes.
  napi_add_env_cleanup_hook(
      env, [](void* self) { static_cast<Background*>(self)->Stop(); }, this);
  // `process.exit` runs no hooks, and then destroys globals that running jobs still use. It does
  // emit `exit` first.
  const auto process = env.Global().Get("process").As<Napi::Object>();
  const auto stop = [this](const Napi::CallbackInfo&) { Stop(); };
  process.Get("once").As<Napi::Function>().Call(
      process, {Napi::String::New(env, "exit"), Napi::Function::New(env, stop)});
}

Background::~Background() {
  Stop();
}

Napi::Promise Background::Start(std::unique_ptr<Job> job) {
  if (stopped_) throw Failure{"aborted", "The process is ending."};
  auto owned = std::make_unique<Task>(
      Task{std::move(job), Napi::Promise::Deferred::New(env_), std::thread(), std::nullopt});
  Task* task = owned.get();
  Napi::Promise promise = task->deferred.Promise();
  tasks_.insert(std::move(owned));
  if (tasks_.size() == 1) napi_ref_threadsafe_function(env_, ended_);
  try {
    task->thread = std::thread([task, ended = ended_] {
      try {
        task->job->Run();
      } catch (...) {
        task->failure = CurrentFailure(task->job->FailureCode());
      }
      napi_call_threadsafe_function(ended, task, napi_tsfn_nonblocking);
    });
  } catch (const std::exception& error) {
    task->failure = Failure{"out_of_memory", std::string("No thread: ") + error.what()};
    Settle(task);
  }
  return promise;
}

void Background::OnEnded(napi_env env, napi_value, void* self, void* task) {
  // Without an environment this is teardown, and `Stop` has already disposed of the task.
  if (env == nullptr) return;
  Napi::HandleScope scope(env);
  try {
    static_cast<Background*>(self)->Settle(static_cast<Task*>(task));
  } catch (...) {
    // A worker thread that is being terminated lets nothing be settled any more.
  }
}

void Background::Settle(Task* task) {
  auto found = std::find_if(tasks_.begin(), tasks_.end(),
                            [task](const auto& owned) { return owned.get() == task; });
  if (found == tasks_.end()) return;
  auto owned = std::move(tasks_.extract(found).value());
  if (tasks_.empty()) napi_unref_threadsafe_function(env_, ended_);
  if (task->thread.joinable()) task->thread.join();
  try {
    if (task->failure) throw *task->failure;
    task->deferred.Resolve(task->job->Result(env_));
  } catch (...) {
    task->deferred.Reject(ToJs(env_, CurrentFailure(task->job->FailureCode())).Value());
  }
}

void Background::Stop() {
  stopped_ = true;
  for (const auto& task : tasks_) task->job->Abort();
  for (const auto& task : tasks_) {
    if (task->thread.joinable()) task->thread.join();
  }
  tasks_.clear();
}

}  // namespace whisper_gateway
