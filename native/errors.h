#pragma once

#include <napi.h>

#include <exception>
#include <new>
#include <string>
#include <utility>

namespace whisper_gateway {

/** An expected failure. `code` is what callers match, `message` is for people. */
struct Failure {
  const char* code;
  std::string message;
};

/** What the exception being handled stands for; `code` names what nobody foresaw. */
inline Failure CurrentFailure(const char* code) noexcept {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure;
  } catch (const std::bad_alloc&) {
    return {"out_of_memory", "Memory could not be allocated."};
  } catch (const Napi::Error& error) {
    // Only reading what JavaScript gave us runs code of its own: a getter or a proxy that throws.
    return {"invalid_argument", error.Message()};
  } catch (const std::exception& exception) {
    return {code, exception.what()};
  } catch (...) {
    return {code, "An unknown exception was thrown."};
  }
}

inline Napi::Error ToJs(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.message);
  error.Value().Set("code", Napi::String::New(env, failure.code));
  return error;
}

/** Runs what answers with a promise: whatever it throws becomes a rejection. */
template <typename Function>
Napi::Value Rejecting(Napi::Env env, Function&& function) {
  try {
    return function();
  } catch (...) {
    auto deferred = Napi::Promise::Deferred::New(env);
    deferred.Reject(ToJs(env, CurrentFailure("inference_failed")).Value());
    return deferred.Promise();
  }
}

/** Runs what answers at once: whatever it throws becomes a JavaScript exception. */
template <typename Function>
Napi::Value Throwing(Napi::Env env, Function&& function) {
  try {
    return function();
  } catch (...) {
    ToJs(env, CurrentFailure("inference_failed")).ThrowAsJavaScriptException();
    return env.Undefined();
  }
}

}  // namespace whisper_gateway
