#pragma once

#include <napi.h>

#include <atomic>
#include <string>

namespace whisper_gateway {

/** Takes over every line that whisper.cpp and ggml would print. Once for the process. */
void InstallLogging();

/** `setLogger` of the contract. Throws `Failure`. */
void SetLogger(Napi::Env env, Napi::Value logger);

/**
 * Collects the error lines that whisper.cpp logs on this thread while it lives.
 * What it logs after an abort is only the echo of that, and is passed on as `debug`.
 */
class ErrorLines {
 public:
  explicit ErrorLines(const std::atomic<bool>* aborted = nullptr);
  ~ErrorLines();
  ErrorLines(const ErrorLines&) = delete;
  ErrorLines& operator=(const ErrorLines&) = delete;

  /** Joined with `; `. */
  const std::string& text() const { return text_; }
  bool Mention(const char* word) const { return text_.find(word) != std::string::npos; }
  /** Whether an allocation failed: whisper.cpp has one return code for that and for other causes.
   */
  bool MentionMemory() const;
  void Add(const std::string& line);
  /** What follows comes from an abort of our own. */
  void Expect() { expected_ = true; }
  bool Expected() const { return expected_ || (aborted_ != nullptr && *aborted_); }

 private:
  ErrorLines* outer_;
  const std::atomic<bool>* aborted_;
  bool expected_ = false;
  std::string text_;
};

/** Keeps this thread's lines below warnings to itself while it lives. */
class QuietLog {
 public:
  QuietLog();
  ~QuietLog();
  QuietLog(const QuietLog&) = delete;
  QuietLog& operator=(const QuietLog&) = delete;
};

}  // namespace whisper_gateway
