#pragma once

#include <string>

namespace whisper_gateway {

/** What ggml does not tell of a GPU. Empty where it is not known. */
struct CudaDevice {
  /** Such as `9.0`. */
  std::string compute_capability;
  /** Such as `0000:01:00.0`. */
  std::string pci_bus_id;
};

/** `ordinal` counts as CUDA's runtime does. Everything is empty in an addon without CUDA. */
CudaDevice ReadCudaDevice(int ordinal);

/** What the GPU code was compiled for, as CMake takes it but with commas. Empty without CUDA. */
const char* CudaArchitectures();

}  // namespace whisper_gateway
