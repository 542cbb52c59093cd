#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace whisper_gateway {

/** A text token as the model gave it: its bytes may be a part of a character. */
struct Token {
  std::string bytes;
  /** Milliseconds from the first sample. */
  int64_t start_ms;
  int64_t end_ms;
  /** 0 … 1. */
  float probability;
};

/** `NativeWord`. */
struct Word {
  std::string text;
  int64_t start_ms;
  int64_t end_ms;
  /** The mean of its tokens. */
  float probability;
};

/**
 * Joins tokens into words. A word starts at a space; in scripts that have none (Chinese, Japanese,
 * Thai, …) each character with its marks is a word. Punctuation belongs to the word before it,
 * opening punctuation to the one after it. Times never run backwards and stay inside 0 … `end_ms`.
 */
std::vector<Word> GroupWords(const std::vector<Token>& tokens, int64_t end_ms);

}  // namespace whisper_gateway
