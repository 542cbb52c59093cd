// Run by words.test.ts: reads the audio's end and then one token a line (start, end, probability
// and the bytes in hexadecimal), and writes one word a line (start, end, probability, text in
// hexadecimal).
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "../../../native/words.h"

using namespace whisper_gateway;

int main() {
  int64_t end_ms = 0;
  std::string line;
  std::getline(std::cin, line);
  std::istringstream(line) >> end_ms;
  std::vector<Token> tokens;
  while (std::getline(std::cin, line)) {
    std::istringstream fields(line);
    Token token{};
    std::string hex;
    fields >> token.start_ms >> token.end_ms >> token.probability >> hex;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
      token.bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    tokens.push_back(token);
  }
  for (const Word& word : GroupWords(tokens, end_ms)) {
    std::printf("%lld %lld %.6f ", static_cast<long long>(word.start_ms),
                static_cast<long long>(word.end_ms), static_cast<double>(word.probability));
    for (const char byte : word.text) std::printf("%02x", static_cast<unsigned char>(byte));
    std::printf("\n");
  }
}
