#include "model-file.h"

#include <ggml.h>

#include <cerrno>
#include <cstring>

#include "errors.h"

namespace whisper_gateway {

namespace {

// Bounds that every published model is far inside of.
constexpr int32_t kMaxSize = 16'384;
constexpr int32_t kMaxVocabulary = 200'000;
constexpr int32_t kMaxNameBytes = 1024;
/** The samples in a frame; see voice-activity.cc. */
constexpr int32_t kFrameSamples = 512;

}  // namespace

ModelFile::ModelFile(const std::string& path, Kind kind)
    : path_(path), file_(std::fopen(path.c_str(), "rb"), std::fclose) {
  if (!file_) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    throw Failure{missing ? "model_not_found" : "model_load_failed",
                  path + ": " + std::strerror(errno)};
  }
  std::fseek(file_.get(), 0, SEEK_END);
  size_ = std::ftell(file_.get());
  std::rewind(file_.get());
  uint32_t magic = 0;
  if (Read(&magic, sizeof magic) != sizeof magic || magic != GGML_FILE_MAGIC) {
    Refuse("is not a ggml model.");
  }
  kind == Kind::kWhisper ? CheckWhisper() : CheckVoiceActivity();
  CheckTensors();
}

whisper_model_loader ModelFile::Loader() {
  std::rewind(file_.get());
  position_ = 0;
  at_end_ = false;
  whisper_model_loader loader{};
  loader.context = this;
  loader.read = [](void* self, void* output, size_t size) {
    return static_cast<ModelFile*>(self)->Read(output, size);
  };
  loader.eof = [](void* self) { return static_cast<ModelFile*>(self)->at_end_; };
  loader.close = [](void*) {};
  return loader;
}

void ModelFile::Refuse(const char* why) const {
  throw Failure{"model_corrupt", path_ + " " + why};
}

void ModelFile::CheckWhisper() {
  const int32_t vocabulary = Number(1, kMaxVocabulary);
  // Sizes of encoder, decoder and spectrogram, then the type of the weights.
  Numbers<9>(1, kMaxSize);
  Number(0, kMaxSize);
  const auto [mels, bins] = Numbers<2>(1, kMaxSize);
  Skip(int64_t{4} * mels * bins);
  // Further tokens up to `vocabulary` have no text.
  for (int32_t words = Number(1, vocabulary); words > 0; --words) Skip(Number(0, kMaxNameBytes));
}

void ModelFile::CheckVoiceActivity() {
  constexpr char kName[] = "silero";
  std::array<char, kMaxNameBytes> name{};
  const int32_t length = Number(1, kMaxNameBytes);
  Read(name.data(), static_cast<size_t>(length));
  if (std::strncmp(name.data(), kName, sizeof kName - 1) != 0) {
    Refuse("is not a Silero voice activity model.");
  }
  Numbers<3>(0, kMaxSize);  // Version.
  Number(kFrameSamples, kFrameSamples);
  Number(0, kFrameSamples);
  for (int32_t layers = Number(1, 16); layers > 0; --layers) Numbers<3>(1, kMaxSize);
  Numbers<4>(1, kMaxSize);
}

/** Follows the tensors' lengths, which have to lead to the very end of the file. */
void ModelFile::CheckTensors() {
  do {
    const int32_t dimensions = Number(1, GGML_MAX_DIMS);
    const int32_t name_bytes = Number(1, kMaxNameBytes);
    const auto type = static_cast<ggml_type>(Number(0, GGML_TYPE_COUNT - 1));
    // Types that ggml no longer has are blocks of no elements.
    const int64_t block = ggml_blck_size(type);
    int64_t elements = 1;
    for (int32_t i = 0; i < dimensions; ++i) {
      elements *= Number(1, INT32_MAX);
      if (elements > INT32_MAX) Refuse("is damaged.");
    }
    if (block == 0 || elements % block != 0) Refuse("is damaged.");
    Skip(name_bytes + elements / block * static_cast<int64_t>(ggml_type_size(type)));
  } while (position_ != size_);
}

int32_t ModelFile::Number(int32_t min, int32_t max) {
  int32_t number = 0;
  if (Read(&number, sizeof number) != sizeof number || number < min || number > max) {
    Refuse("is damaged, or is not a model of this kind.");
  }
  return number;
}

template <size_t N>
std::array<int32_t, N> ModelFile::Numbers(int32_t min, int32_t max) {
  std::array<int32_t, N> numbers{};
  for (int32_t& number : numbers) number = Number(min, max);
  return numbers;
}

void ModelFile::Skip(int64_t bytes) {
  std::array<char, kMaxNameBytes> scratch;
  if (bytes > size_ - position_) Refuse("is damaged: it ends early.");
  if (bytes <= kMaxNameBytes) {
    // A seek would drop what has been read ahead.
    Read(scratch.data(), static_cast<size_t>(bytes));
  } else {
    position_ += bytes;
    std::fseek(file_.get(), static_cast<long>(position_), SEEK_SET);
  }
}

size_t ModelFile::Read(void* output, size_t size) {
  const size_t count = std::fread(output, 1, size, file_.get());
  position_ += static_cast<int64_t>(count);
  if (count < size) {
    at_end_ = true;
    // whisper.cpp goes on with what it has: let that be zeros, not whatever was in memory.
    std::memset(static_cast<char*>(output) + count, 0, size - count);
  }
  return count;
}

}  // namespace whisper_gateway
