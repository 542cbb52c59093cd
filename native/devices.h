#pragma once

#include <napi.h>

namespace whisper_gateway {

/** `devices` of the contract: GPUs in the order that `loadModel` counts them, the CPU last. */
Napi::Array Devices(Napi::Env env);

int GpuCount();

}  // namespace whisper_gateway
