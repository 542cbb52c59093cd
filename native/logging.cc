#include "logging.h"

#include <ggml.h>
#include <unistd.h>
#include <whisper.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include "errors.h"

namespace whisper_gateway {

namespace {

/** Lines that may wait for the main thread; more are dropped and counted. */
constexpr size_t kMaxQueuedLines = 1024;
/** A line longer than this is cut. */
constexpr size_t kMaxLineBytes = 4096;

struct Line {
  ggml_log_level level;
  std::string text;
};

/** The logger that JavaScript has set. `function` may be used only while `mutex` is held. */
struct Sink {
  std::mutex mutex;
  napi_env env = nullptr;
  napi_threadsafe_function function = nullptr;
  size_t dropped = 0;
} sink;

thread_local Line unfinished{GGML_LOG_LEVEL_INFO, {}};
thread_local ErrorLines* error_lines = nullptr;
/** The error lines of this thread, each with its newline; the newest where there are too many. */
thread_local std::string last_errors;
thread_local bool quiet = false;

const char* LevelName(ggml_log_level level) {
  switch (level) {
    case GGML_LOG_LEVEL_ERROR:
      return "error";
    case GGML_LOG_LEVEL_WARN:
      return "warn";
    case GGML_LOG_LEVEL_INFO:
      return "info";
    default:
      return "debug";
  }
}

bool Queue(Line line) {
  auto owned = std::make_unique<Line>(std::move(line));
  const bool queued =
      napi_call_threadsafe_function(sink.function, owned.get(), napi_tsfn_nonblocking) == napi_ok;
  if (queued) owned.release();
  return queued;
}

void Deliver(Line line) {
  std::lock_guard lock(sink.mutex);
  if (sink.function == nullptr) return;
  if (sink.dropped > 0 &&
      Queue({GGML_LOG_LEVEL_WARN, std::to_string(sink.dropped) + " log lines were dropped."})) {
    sink.dropped = 0;
  }
  if (!Queue(std::move(line))) ++sink.dropped;
}

void Remember(const std::string& error) {
  if (last_errors.size() + error.size() >= kMaxLineBytes) last_errors.clear();
  last_errors += error;
  last_errors += '\n';
}

/** Lines arrive in pieces; a piece of level CONT continues the one before. */
void OnLog(ggml_log_level level, const char* text, void*) {
  try {
    if (level != GGML_LOG_LEVEL_CONT) unfinished.level = level;
    for (const char* rest = text; *rest != '\0';) {
      const size_t length = std::strcspn(rest, "\n");
      if (unfinished.text.size() + length <= kMaxLineBytes) unfinished.text.append(rest, length);
      rest += length;
      if (*rest == '\0') break;
      ++rest;
      Line line{unfinished.level, {}};
      line.text.swap(unfinished.text);
      if (line.text.empty()) continue;
      if (line.level == GGML_LOG_LEVEL_ERROR && error_lines) {
        error_lines->Add(line.text);
        if (error_lines->Expected()) line.level = GGML_LOG_LEVEL_DEBUG;
      }
      if (line.level == GGML_LOG_LEVEL_ERROR) Remember(line.text);
      if (quiet && line.level < GGML_LOG_LEVEL_WARN) continue;
      Deliver(std::move(line));
    }
  } catch (...) {
    // Without memory for a line there is nothing better to do than to lose it.
  }
}

void CallLogger(napi_env env, napi_value logger, void*, void* data) {
  std::unique_ptr<Line> line(static_cast<Line*>(data));
  if (env == nullptr) return;
  Napi::HandleScope scope(env);
  try {
    Napi::Function(env, logger)
        .Call({Napi::String::New(env, LevelName(line->level)), Napi::String::New(env, line->text)});
  } catch (const Napi::Error& error) {
    // A logger that throws is an uncaught exception of its own program.
    error.ThrowAsJavaScriptException();
  }
}

void Detach(void* env) {
  std::lock_guard lock(sink.mutex);
  if (sink.function == nullptr || sink.env != static_cast<napi_env>(env)) return;
  napi_release_threadsafe_function(sink.function, napi_tsfn_abort);
  sink.function = nullptr;
}

/**
 * A queued line would never be delivered once the process aborts, so last words go out at once,
 * with the errors before them: CUDA's own words, "out of memory" for one, are a line of the log,
 * and what ggml aborts with is only "CUDA error".
 */
void LastWords(const char* text) {
  if (write(STDERR_FILENO, last_errors.data(), last_errors.size()) < 0) return;
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
  if (write(STDERR_FILENO, "\n", 1) < 0) return;
}

[[noreturn]] void OnTerminate() {
  if (std::current_exception()) LastWords(CurrentFailure("terminate").message.c_str());
  std::abort();
}

}  // namespace

void InstallLogging() {
  static std::once_flag once;
  std::call_once(once, [] {
    whisper_log_set(OnLog, nullptr);
    ggml_set_abort_callback(LastWords);
    // ggml's own handler starts a debugger to print a backtrace, which delays the process's end.
    std::set_terminate(OnTerminate);
  });
}

void SetLogger(Napi::Env env, Napi::Value logger) {
  if (!logger.IsNull() && !logger.IsFunction()) {
    throw Failure{"invalid_argument", "setLogger takes a function or null."};
  }
  napi_remove_env_cleanup_hook(env, Detach, env);
  Detach(env);
  if (logger.IsNull()) return;

  napi_threadsafe_function function = nullptr;
  if (napi_create_threadsafe_function(
          env, logger, nullptr, Napi::String::New(env, "whisper_gateway log"), kMaxQueuedLines, 1,
          nullptr, nullptr, nullptr, CallLogger, &function) != napi_ok) {
    throw Failure{"out_of_memory", "The logger could not be set."};
  }
  napi_unref_threadsafe_function(env, function);
  // Added after the function's own hook and so run before it: nobody calls it once it has gone.
  napi_add_env_cleanup_hook(env, Detach, env);
  std::lock_guard lock(sink.mutex);
  // Another thread's environment may have set one; the last one set receives everything.
  if (sink.function != nullptr) napi_release_threadsafe_function(sink.function, napi_tsfn_abort);
  sink.env = env;
  sink.function = function;
  sink.dropped = 0;
}

ErrorLines::ErrorLines(const std::atomic<bool>* aborted)
    : outer_(std::exchange(error_lines, this)), aborted_(aborted) {}

ErrorLines::~ErrorLines() {
  error_lines = outer_;
}

void ErrorLines::Add(const std::string& line) {
  if (text_.size() + line.size() > kMaxLineBytes) return;
  if (!text_.empty()) text_ += "; ";
  text_ += line;
}

bool ErrorLines::MentionMemory() const {
  return Mention("alloc") || Mention("out of memory") || Mention("kv_cache_init");
}

QuietLog::QuietLog() {
  quiet = true;
}

QuietLog::~QuietLog() {
  quiet = false;
}

}  // namespace whisper_gateway
