// See core/utf8.h.
#include "core/utf8.h"

namespace weft {
namespace {

constexpr size_t kMostQuoted = 80;

}  // namespace

size_t utf8_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto byte = [text](size_t index) { return static_cast<uint8_t>(text[index]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  // Table 3-7 of the Unicode standard: the second byte's range shuts out overlong forms, surrogates and
  // what lies beyond U+10FFFF.
  size_t length = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  }
  if (length == 0 || text.size() < length || byte(1) < low || byte(1) > high) return 0;
  for (size_t index = 2; index < length; ++index) {
    if (byte(index) < 0x80 || byte(index) > 0xbf) return 0;
  }
  return length;
}

void append_utf8(uint32_t code_point, std::string& text) {
  const auto append = [&text](uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  const auto append_rest = [&](uint32_t shift) { append(0x80 | ((code_point >> shift) & 0x3f)); };
  if (code_point < 0x80) {
    append(code_point);
  } else if (code_point < 0x800) {
    append(0xc0 | (code_point >> 6));
    append_rest(0);
  } else if (code_point < 0x10000) {
    append(0xe0 | (code_point >> 12));
    append_rest(6);
    append_rest(0);
  } else {
    append(0xf0 | (code_point >> 18));
    append_rest(12);
    append_rest(6);
    append_rest(0);
  }
}

std::string quote_text(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string result = "\"";
  size_t position = 0;
  while (position < text.size() && result.size() < kMostQuoted) {
    const size_t length = utf8_length(text.substr(position));
    const auto byte = static_cast<uint8_t>(text[position]);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      result += "\\x";
      result += kDigits[byte >> 4];
      result += kDigits[byte & 15];
      position += 1;
    } else {
      if (byte == '"' || byte == '\\') result += '\\';
      result += text.substr(position, length);
      position += length;
    }
  }
  result += position < text.size() ? "…\"" : "\"";
  return result;
}

}  // namespace weft
