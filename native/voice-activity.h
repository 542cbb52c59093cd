#pragma once

#include <napi.h>

namespace whisper_gateway {

/** `loadVoiceActivity` of the contract. Throws `Failure`. */
Napi::Value LoadVoiceActivity(const Napi::CallbackInfo& info);

}  // namespace whisper_gateway
