#pragma once

// The little of CUDA's runtime that native/cuda-device.cc uses, for machines without the toolkit.
enum cudaError_t { cudaSuccess = 0 };
enum cudaDeviceAttr {
  cudaDevAttrComputeCapabilityMajor = 75,
  cudaDevAttrComputeCapabilityMinor = 76
};
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device);
cudaError_t cudaDeviceGetPCIBusId(char* bytes, int length, int device);
cudaError_t cudaGetLastError(void);
