#include "cuda-device.h"

#ifdef BUILD_CUDA

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cctype>

namespace whisper_gateway {

namespace {

/** `0000:01:00.0` and a NUL. */
constexpr int kMaxBusIdBytes = 16;

std::string ComputeCapability(int ordinal) {
  int major = 0;
  int minor = 0;
  if (cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, ordinal) != cudaSuccess ||
      cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, ordinal) != cudaSuccess) {
    return {};
  }
  return std::to_string(major) + "." + std::to_string(minor);
}

std::string PciBusId(int ordinal) {
  char bytes[kMaxBusIdBytes] = {};
  if (cudaDeviceGetPCIBusId(bytes, kMaxBusIdBytes, ordinal) != cudaSuccess) return {};
  std::string id = bytes;
  std::transform(id.begin(), id.end(), id.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return id;
}

}  // namespace

CudaDevice ReadCudaDevice(int ordinal) {
  CudaDevice device{ComputeCapability(ordinal), PciBusId(ordinal)};
  // The runtime keeps the last error of a thread, and ggml would take ours for one of its own.
  cudaGetLastError();
  return device;
}

const char* CudaArchitectures() {
  return BUILD_CUDA_ARCHITECTURES;
}

}  // namespace whisper_gateway

#else

namespace whisper_gateway {

CudaDevice ReadCudaDevice(int) {
  return {};
}

const char* CudaArchitectures() {
  return "";
}

}  // namespace whisper_gateway

#endif
