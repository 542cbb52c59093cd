#include "devices.h"

#include <ggml-backend.h>

#include <string>
#include <vector>

#include "cuda-device.h"
#include "logging.h"

namespace whisper_gateway {

namespace {

/** What ggml says while it looks for GPUs, which it does once in a process. */
const std::string& ErrorsOfSearch() {
  static const std::string errors = [] {
    const ErrorLines lines;
    ggml_backend_dev_count();
    return lines.text();
  }();
  return errors;
}

/** GPUs as whisper.cpp counts them. Accelerator libraries such as BLAS are no devices to choose. */
std::vector<ggml_backend_dev_t> Gpus() {
  ErrorsOfSearch();
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

Napi::Value StringOrNull(Napi::Env env, const std::string& text) {
  return text.empty() ? env.Null() : Napi::String::New(env, text);
}

/** Its number among the devices of its backend: for CUDA, the one that its runtime counts by. */
int Ordinal(ggml_backend_dev_t device) {
  ggml_backend_reg_t reg = ggml_backend_dev_backend_reg(device);
  size_t i = 0;
  while (ggml_backend_reg_dev_get(reg, i) != device) ++i;
  return static_cast<int>(i);
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
  described.Set("computeCapability", env.Null());
  described.Set("pciBusId", env.Null());
  return described;
}

Napi::Object DescribeGpu(Napi::Env env, ggml_backend_dev_t device) {
  Napi::Object described = Describe(env, device, "gpu");
  const CudaDevice cuda = ReadCudaDevice(Ordinal(device));
  described.Set("computeCapability", StringOrNull(env, cuda.compute_capability));
  described.Set("pciBusId", StringOrNull(env, cuda.pci_bus_id));
  return described;
}

}  // namespace

Napi::Array Devices(Napi::Env env) {
  Napi::Array devices = Napi::Array::New(env);
  uint32_t count = 0;
  for (ggml_backend_dev_t gpu : Gpus()) devices.Set(count++, DescribeGpu(env, gpu));
  ggml_backend_dev_t cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
  if (cpu != nullptr) devices.Set(count++, Describe(env, cpu, "cpu"));
  return devices;
}

Napi::Value GpuProblem(Napi::Env env) {
  return GpuCount() > 0 ? env.Null() : StringOrNull(env, ErrorsOfSearch());
}

int GpuCount() {
  return static_cast<int>(Gpus().size());
}

}  // namespace whisper_gateway
