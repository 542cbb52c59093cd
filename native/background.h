#pragma once

#include <napi.h>

#include <memory>
#include <unordered_set>

namespace whisper_gateway {

/**
 * One piece of work off the main thread. What it needs and what it makes lives in it. It is created
 * and destroyed on the main thread.
 */
class Job {
 public:
  virtual ~Job() = default;
  /** On a thread of its own. May throw; a `Failure` names its code. */
  virtual void Run() = 0;
  /** The code of failures that nobody foresaw. */
  virtual const char* FailureCode() const { return "inference_failed"; }
  /** Asks a running job to end soon. From the main thread, while `Run` may be running. */
  virtual void Abort() {}
  /** On the main thread, if nothing failed: what the promise resolves to. May throw. */
  virtual Napi::Value Result(Napi::Env env) = 0;
};

/**
 * The jobs that run for one JavaScript environment (the process, or one of its worker threads).
 *
 * Each job has a thread of its own. libuv's pool has four threads by default and serves files, DNS
 * and compression as well; a few long inferences in it would stop all of that, and four would stop
 * each other. Starting a thread costs some 30 µs, an inference at least a thousand times as much.
 *
 * When the environment ends, or the process does, running jobs are aborted and waited for: nothing
 * runs on into memory that is being torn down.
 */
class Background {
 public:
  /** Called once for each environment, before anything else. */
  static void Install(Napi::Env env);
  static Background& Of(Napi::Env env);

  Napi::Promise Start(std::unique_ptr<Job> job);
  /** Aborts what runs, waits for it and refuses what comes later. Idempotent. */
  void Stop();

  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background();

 private:
  struct Task;

  explicit Background(Napi::Env env);
  static void OnEnded(napi_env env, napi_value, void* self, void* task);
  void Settle(Task* task);

  Napi::Env env_;
  napi_threadsafe_function ended_ = nullptr;
  bool stopped_ = false;
  std::unordered_set<std::unique_ptr<Task>> tasks_;
};

}  // namespace whisper_gateway
