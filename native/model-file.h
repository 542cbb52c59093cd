#pragma once

#include <whisper.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace whisper_gateway {

/**
 * A model file, checked before whisper.cpp reads it: that trusts every length in the file, so that
 * a damaged one overwrites its stack, and it does not notice when the file ends early.
 */
class ModelFile {
 public:
  enum class Kind { kWhisper, kVoiceActivity };

  /** Throws `model_not_found`, `model_corrupt` or `model_load_failed`. */
  ModelFile(const std::string& path, Kind kind);

  /** Reads from the file's start; valid as long as this object. */
  whisper_model_loader Loader();

 private:
  [[noreturn]] void Refuse(const char* why) const;
  void CheckWhisper();
  void CheckVoiceActivity();
  void CheckTensors();
  int32_t Number(int32_t min, int32_t max);
  template <size_t N>
  std::array<int32_t, N> Numbers(int32_t min, int32_t max);
  void Skip(int64_t bytes);
  size_t Read(void* output, size_t size);

  std::string path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  int64_t size_ = 0;
  int64_t position_ = 0;
  bool at_end_ = false;
};

}  // namespace whisper_gateway
