#pragma once

#include <napi.h>

namespace whisper_gateway {

/** `devices` of the contract: GPUs in the order that `loadModel` counts them, the CPU last. */
Napi::Array Devices(Napi::Env env);

/** `gpuProblem` of the contract: why no GPU was found, or null. */
Napi::Value GpuProblem(Napi::Env env);

int GpuCount();

}  // namespace whisper_gateway
