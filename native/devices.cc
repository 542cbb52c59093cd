#include "devices.h"

#include <ggml-backend.h>

#include <vector>

namespace whisper_gateway {

namespace {

/** GPUs as whisper.cpp counts them. Accelerator libraries such as BLAS are no devices to choose. */
std::vector<ggml_backend_dev_t> Gpus() {
  std::vector<ggml_backend_dev_t> gpus;
  for (size_t i = 0; i < ggml_backend_dev_count(); ++i) {
    ggml_backend_dev_t device = ggml_backend_dev_get(i);
    const auto type = ggml_backend_dev_type(device);
    if (type == GGML_BACKEND_DEVICE_TYPE_GPU || type == GGML_BACKEND_DEVICE_TYPE_IGPU) {
      gpus.push_back(device);
    }
  }
  return gpus;
}

Napi::Object Describe(Napi::Env env, ggml_backend_dev_t device, const char* kind) {
  size_t free = 0;
  size_t total = 0;
  ggml_backend_dev_memory(device, &free, &total);
  Napi::Object described = Napi::Object::New(env);
  described.Set("name", Napi::String::New(env, ggml_backend_dev_name(device)));
  described.Set("description", Napi::String::New(env, ggml_backend_dev_description(device)));
  described.Set("kind", Napi::String::New(env, kind));
  described.Set("totalMemory", Napi::Number::New(env, static_cast<double>(total)));
  described.Set("freeMemory", Napi::Number::New(env, static_cast<double>(free)));
  return described;
}

}  // namespace

Napi::Array Devices(Napi::Env env) {
  Napi::Array devices = Napi::Array::New(env);
  uint32_t count = 0;
  for (ggml_backend_dev_t gpu : Gpus()) devices.Set(count++, Describe(env, gpu, "gpu"));
  ggml_backend_dev_t cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
  if (cpu != nullptr) devices.Set(count++, Describe(env, cpu, "cpu"));
  return devices;
}

int GpuCount() {
  return static_cast<int>(Gpus().size());
}

}  // namespace whisper_gateway
