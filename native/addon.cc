// What `NativeAddon` in src/engine/native-binding.ts describes. No C++ exception leaves a function
// of this file, and nothing here prints or ends the process.
#include <napi.h>
#include <whisper.h>

#include "background.h"
#include "cuda-device.h"
#include "devices.h"
#include "errors.h"
#include "logging.h"
#include "model.h"
#include "voice-activity.h"

namespace whisper_gateway {

namespace {

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  InstallLogging();
  Background::Install(env);
  exports.Set("whisperVersion", Napi::String::New(env, whisper_version()));
  exports.Set("openmp", Napi::Boolean::New(env, BUILD_OPENMP != 0));
  exports.Set("backend", Napi::String::New(env, BUILD_BACKEND));
  exports.Set("cudaArchitectures", Napi::String::New(env, CudaArchitectures()));
  exports.Set("gpuFlashAttention", Napi::Boolean::New(env, BUILD_CUDA_FLASH_ATTENTION != 0));
  exports.Set("gpuProblem", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Throwing(info.Env(), [&] { return GpuProblem(info.Env()); });
              }));
  exports.Set("devices", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Throwing(info.Env(), [&] { return Devices(info.Env()); });
              }));
  exports.Set("setLogger", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Throwing(info.Env(), [&] {
                  SetLogger(info.Env(), info[0]);
                  return info.Env().Undefined();
                });
              }));
  exports.Set("loadModel", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Rejecting(info.Env(), [&] { return LoadModel(info); });
              }));
  exports.Set("loadVoiceActivity", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Rejecting(info.Env(), [&] { return LoadVoiceActivity(info); });
              }));
  return exports;
}

}  // namespace

}  // namespace whisper_gateway

NAPI_MODULE_INIT() {
  return Napi::RegisterModule(env, exports, whisper_gateway::Initialize);
}
