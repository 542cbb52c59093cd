#include "utf8.h"

#include <algorithm>

namespace whisper_gateway::utf8 {

namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kReplacementBytes = "\xEF\xBF\xBD";

unsigned char At(std::string_view text, size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool IsContinuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

/** Bytes of the character that this byte starts; 0 where none starts with it. */
size_t Length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

/** Refuses overlong forms, surrogates and what is beyond U+10FFFF (Unicode 15, table 3-7). */
bool IsSecond(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xE0:
      return second >= 0xA0 && second <= 0xBF;
    case 0xED:
      return second >= 0x80 && second <= 0x9F;
    case 0xF0:
      return second >= 0x90 && second <= 0xBF;
    case 0xF4:
      return second >= 0x80 && second <= 0x8F;
    default:
      return IsContinuation(second);
  }
}

/** How many bytes from the text's start belong to one character, complete or not. */
size_t Prefix(std::string_view text) {
  const size_t length = Length(At(text, 0));
  size_t count = 1;
  while (count < length && count < text.size() &&
         (count == 1 ? IsSecond(At(text, 0), At(text, 1)) : IsContinuation(At(text, count)))) {
    ++count;
  }
  return count;
}

}  // namespace

std::vector<Character> Split(std::string_view text) {
  std::vector<Character> characters;
  while (!text.empty()) {
    const size_t length = Length(At(text, 0));
    const size_t count = Prefix(text);
    char32_t code = kReplacement;
    if (count == length) {
      code = length == 1 ? At(text, 0) : At(text, 0) & (0xFFU >> (length + 1));
      for (size_t i = 1; i < length; ++i) code = (code << 6) | (At(text, i) & 0x3FU);
    }
    characters.push_back({code, text.substr(0, count)});
    text.remove_prefix(count);
  }
  return characters;
}

std::string Repair(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size());
  for (const Character& character : Split(text)) {
    repaired += character.code == kReplacement ? kReplacementBytes : character.bytes;
  }
  return repaired;
}

bool EndsInside(std::string_view text) {
  const size_t longest = std::min<size_t>(text.size(), 3);
  for (size_t back = 1; back <= longest; ++back) {
    const std::string_view end = text.substr(text.size() - back);
    if (IsContinuation(At(end, 0))) continue;
    return Length(At(end, 0)) > back && Prefix(end) == back;
  }
  return false;
}

std::string Tail(const std::string& text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t start = text.size() - max_bytes;
  while (start < text.size() && IsContinuation(At(text, start))) ++start;
  return text.substr(start);
}

}  // namespace whisper_gateway::utf8
