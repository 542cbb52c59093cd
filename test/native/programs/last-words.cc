// Compiled by last-words.test.ts together with native/logging.cc: stands in for whisper.cpp and
// ggml, and fails as ggml's CUDA backend does when memory runs out while it computes.
#include <ggml.h>
#include <napi.h>
#include <whisper.h>

#include <cstdlib>

#include "logging.h"

namespace {

ggml_log_callback on_log = nullptr;
ggml_abort_callback_t on_abort = nullptr;

}  // namespace

void whisper_log_set(ggml_log_callback callback, void*) {
  on_log = callback;
}

ggml_abort_callback_t ggml_set_abort_callback(ggml_abort_callback_t callback) {
  on_abort = callback;
  return nullptr;
}

NAPI_MODULE_INIT() {
  return Napi::RegisterModule(env, exports, [](Napi::Env env, Napi::Object exports) {
    whisper_gateway::InstallLogging();
    whisper_gateway::SetLogger(env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}));
    exports.Set("fail", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                  const int before = info[0].As<Napi::Number>();
                  for (int i = 0; i < before; ++i)
                    on_log(GGML_LOG_LEVEL_ERROR, "earlier\n", nullptr);
                  on_log(GGML_LOG_LEVEL_INFO, "all is well\n", nullptr);
                  on_log(GGML_LOG_LEVEL_ERROR, "CUDA error: out of memory\n", nullptr);
                  on_log(GGML_LOG_LEVEL_ERROR, "  cudaMalloc(&ptr, size)\n", nullptr);
                  on_abort("ggml-cuda.cu:103: CUDA error");
                  std::abort();
                }));
    return exports;
  });
}
