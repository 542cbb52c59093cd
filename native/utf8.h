#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace whisper_gateway::utf8 {

/** A code point and the bytes that it is made of. U+FFFD stands for bytes that are not UTF-8. */
struct Character {
  char32_t code;
  std::string_view bytes;
};

std::vector<Character> Split(std::string_view text);

/** The same text, with U+FFFD for every byte sequence that is not UTF-8. */
std::string Repair(std::string_view text);

/** Whether the text ends inside a character that more bytes could complete. */
bool EndsInside(std::string_view text);

/** At most the last `max_bytes` of a valid text, from a character's start. */
std::string Tail(const std::string& text, size_t max_bytes);

}  // namespace whisper_gateway::utf8
