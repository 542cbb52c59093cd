#include "words.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "utf8.h"

namespace whisper_gateway {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

template <size_t N>
bool IsIn(const Range (&ranges)[N], char32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

/** Scripts written without spaces between words. */
constexpr Range kUnspacedScripts[] = {
    {0x0E00, 0x0EFF},   // Thai and Lao.
    {0x1000, 0x109F},   // Myanmar.
    {0x1780, 0x17FF},   // Khmer.
    {0x2E80, 0x2FDF},   // Radicals.
    {0x3005, 0x3007},   // Ideographic iteration mark and zero.
    {0x3041, 0x30FF},   // Kana.
    {0x3100, 0x312F},   // Bopomofo.
    {0x31F0, 0x31FF},   // Kana extensions.
    {0x3400, 0x9FFF},   // Ideographs.
    {0xF900, 0xFAFF},   // Compatibility ideographs.
    {0xFF66, 0xFF9F},   // Half-width kana.
    {0x20000, 0x3FFFF}  // More ideographs.
};

/** Marks that belong to the character before them. */
constexpr Range kMarks[] = {
    {0x0300, 0x036F}, {0x0E31, 0x0E31}, {0x0E33, 0x0E3A}, {0x0E45, 0x0E4E}, {0x0EB1, 0x0EB1},
    {0x0EB3, 0x0EBC}, {0x0EC8, 0x0ECE}, {0x102B, 0x103E}, {0x1056, 0x1059}, {0x105E, 0x1060},
    {0x1062, 0x1064}, {0x1067, 0x106D}, {0x1071, 0x1074}, {0x1082, 0x108D}, {0x17B4, 0x17D3},
    {0x17DD, 0x17DD}, {0x3099, 0x309C}, {0x30FC, 0x30FC}, {0xFE00, 0xFE0F}, {0xFF9E, 0xFF9F},
};

constexpr Range kPunctuation[] = {
    {0x21, 0x2F},     {0x3A, 0x40},     {0x5B, 0x60},     {0x7B, 0x7E},     {0xA1, 0xBF},
    {0x0E2F, 0x0E2F}, {0x0E46, 0x0E46}, {0x0E5A, 0x0E5B}, {0x104A, 0x104F}, {0x17D4, 0x17DA},
    {0x2010, 0x205E}, {0x3001, 0x3004}, {0x3008, 0x301F}, {0x30FB, 0x30FB}, {0xFF01, 0xFF0F},
    {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65},
};

constexpr std::u32string_view kOpeningMarks = U"([{¿¡‘“«‹〈《「『【〔〖（［｛｟";

bool IsSpace(char32_t code) {
  return code == 0x20 || (code >= 0x09 && code <= 0x0D) || code == 0xA0 || code == 0x3000;
}

enum class Kind { kSpace, kOpening, kJoining, kUnspaced, kSpaced };

Kind KindOf(char32_t code) {
  if (IsSpace(code)) return Kind::kSpace;
  if (kOpeningMarks.find(code) != std::u32string_view::npos) return Kind::kOpening;
  if (IsIn(kMarks, code) || IsIn(kPunctuation, code)) return Kind::kJoining;
  return IsIn(kUnspacedScripts, code) ? Kind::kUnspaced : Kind::kSpaced;
}

/** Tokens of one character or more, none of which is split between two of them. */
std::vector<Token> JoinSplitCharacters(const std::vector<Token>& tokens) {
  std::vector<Token> joined;
  bool open = false;
  for (const Token& token : tokens) {
    if (open) {
      Token& last = joined.back();
      last.bytes += token.bytes;
      last.end_ms = token.end_ms;
      // The character is as sure as its least sure part.
      last.probability = std::min(last.probability, token.probability);
    } else {
      joined.push_back(token);
    }
    open = utf8::EndsInside(joined.back().bytes);
  }
  return joined;
}

class Grouping {
 public:
  explicit Grouping(int64_t end_ms) : end_ms_(end_ms) {}

  /** Shares the token's time out evenly among its characters. */
  void Add(const Token& token) {
    const std::vector<utf8::Character> characters = utf8::Split(token.bytes);
    const auto count = static_cast<int64_t>(characters.size());
    const int64_t start_ms = std::clamp<int64_t>(token.start_ms, now_ms_, end_ms_);
    const int64_t end_ms = std::clamp<int64_t>(token.end_ms, start_ms, end_ms_);
    bool counted = false;
    for (int64_t i = 0; i < count; ++i) {
      const utf8::Character& character = characters[static_cast<size_t>(i)];
      const Kind kind = KindOf(character.code);
      if (Starts(kind)) {
        words_.push_back({"", start_ms + (end_ms - start_ms) * i / count, 0, 0});
        tokens_in_word_ = 0;
        counted = false;
      }
      Word& word = words_.back();
      word.text += utf8::Repair(character.bytes);
      word.end_ms = start_ms + (end_ms - start_ms) * (i + 1) / count;
      if (!counted) {
        word.probability +=
            (token.probability - word.probability) / static_cast<float>(++tokens_in_word_);
        counted = true;
      }
      last_ = kind;
      if (kind == Kind::kUnspaced || kind == Kind::kSpaced) script_ = kind;
    }
    now_ms_ = end_ms;
  }

  std::vector<Word> Take() {
    // A space at the very end is a word without letters.
    if (!words_.empty() && last_ == Kind::kSpace) words_.pop_back();
    for (size_t i = 1; i < words_.size(); ++i) {
      // whisper.cpp gives some tokens no time at all. They last until the next word, then.
      Word& word = words_[i - 1];
      if (word.end_ms == word.start_ms) word.end_ms = words_[i].start_ms;
    }
    return std::move(words_);
  }

 private:
  bool Starts(Kind kind) const {
    if (words_.empty()) return true;
    if (kind == Kind::kSpace) return last_ != Kind::kSpace;
    if (kind == Kind::kJoining || last_ == Kind::kSpace || last_ == Kind::kOpening) return false;
    return kind == Kind::kUnspaced || script_ == Kind::kUnspaced;
  }

  int64_t end_ms_;
  int64_t now_ms_ = 0;
  /** The last character's kind. */
  Kind last_ = Kind::kSpaced;
  /** The last letter's kind. */
  Kind script_ = Kind::kSpaced;
  int tokens_in_word_ = 0;
  std::vector<Word> words_;
};

}  // namespace

std::vector<Word> GroupWords(const std::vector<Token>& tokens, int64_t end_ms) {
  Grouping grouping(end_ms);
  for (const Token& token : JoinSplitCharacters(tokens)) grouping.Add(token);
  return grouping.Take();
}

}  // namespace whisper_gateway
