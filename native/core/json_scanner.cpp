// See core/json_scanner.h.
#include "core/json_scanner.h"

#include "core/utf8.h"

namespace weft {
namespace {

constexpr uint64_t kMostExact = (uint64_t{1} << 53) - 1;

bool is_digit(char character) { return character >= '0' && character <= '9'; }

}  // namespace

void JsonScanner::skip_space() noexcept {
  while (position_ < text_.size()) {
    const char character = text_[position_];
    if (character != ' ' && character != '\n' && character != '\r' && character != '\t') return;
    ++position_;
  }
}

bool JsonScanner::fail_expecting(const char* expected) {
  if (!error_.empty()) return false;
  const std::string place = std::to_string(base_ + position_);
  if (position_ >= text_.size()) {
    error_ = "its header ends at byte " + place + " where " + expected + " was expected";
  } else {
    const size_t length = utf8_length(text_.substr(position_));
    const std::string received = quote_text(text_.substr(position_, length == 0 ? 1 : length));
    error_ = "its header has " + received + " at byte " + place + " where " + expected + " was expected";
  }
  return false;
}

bool JsonScanner::accept(char wanted) noexcept {
  skip_space();
  if (position_ >= text_.size() || text_[position_] != wanted) return false;
  ++position_;
  return true;
}

bool JsonScanner::expect(char wanted, const char* what) { return accept(wanted) || fail_expecting(what); }

bool JsonScanner::end() {
  skip_space();
  return position_ == text_.size() || fail_expecting("its end");
}

bool JsonScanner::literal(std::string_view word) noexcept {
  if (text_.substr(position_, word.size()) != word) return false;
  position_ += word.size();
  return true;
}

bool JsonScanner::accept_null() noexcept {
  skip_space();
  return literal("null");
}

bool JsonScanner::string(std::string& value) {
  value.clear();
  if (!expect('"', "a string")) return false;
  while (position_ < text_.size()) {
    const char character = text_[position_];
    if (character == '"') {
      ++position_;
      return true;
    }
    if (character == '\\') {
      ++position_;
      if (!escape(value)) return false;
      continue;
    }
    const size_t length = utf8_length(text_.substr(position_));
    if (length == 0) return fail_expecting("UTF-8");
    if (static_cast<uint8_t>(character) < 0x20) return fail_expecting("an escaped control character");
    value.append(text_, position_, length);
    position_ += length;
  }
  return fail_expecting("the end of a string");
}

// Behind the backslash.
bool JsonScanner::escape(std::string& value) {
  static constexpr std::string_view kNames = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (position_ >= text_.size()) return fail_expecting("an escape");
  const size_t known = kNames.find(text_[position_]);
  if (known != std::string_view::npos) {
    value.push_back(kMeanings[known]);
    ++position_;
    return true;
  }
  uint32_t unit = 0;
  if (!literal("u")) return fail_expecting("an escape");
  if (!hexadecimal(unit)) return false;
  if (unit >= 0xdc00 && unit <= 0xdfff) return fail_expecting("no lone half of a surrogate pair before it");
  if (unit >= 0xd800 && unit <= 0xdbff) {
    uint32_t low = 0;
    if (!literal("\\u")) return fail_expecting("the second half of a surrogate pair");
    if (!hexadecimal(low)) return false;
    if (low < 0xdc00 || low > 0xdfff) return fail_expecting("the second half of a surrogate pair before it");
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }
  append_utf8(unit, value);
  return true;
}

bool JsonScanner::hexadecimal(uint32_t& unit) {
  unit = 0;
  for (int digit = 0; digit < 4; ++digit) {
    const char character = position_ < text_.size() ? text_[position_] : '\0';
    uint32_t nibble = 0;
    if (is_digit(character)) {
      nibble = static_cast<uint32_t>(character - '0');
    } else if (character >= 'a' && character <= 'f') {
      nibble = static_cast<uint32_t>(character - 'a') + 10;
    } else if (character >= 'A' && character <= 'F') {
      nibble = static_cast<uint32_t>(character - 'A') + 10;
    } else {
      return fail_expecting("a hexadecimal digit");
    }
    unit = unit * 16 + nibble;
    ++position_;
  }
  return true;
}

size_t JsonScanner::digits() noexcept {
  const size_t start = position_;
  while (position_ < text_.size() && is_digit(text_[position_])) ++position_;
  return position_ - start;
}

bool JsonScanner::count(uint64_t& value, const char* what) {
  skip_space();
  const size_t start = position_;
  const size_t length = digits();
  const std::string_view written = text_.substr(start, length);
  const char next = position_ < text_.size() ? text_[position_] : '\0';
  position_ = start;
  // No leading zeros; what has a fraction or an exponent is no whole number.
  if (length == 0 || (length > 1 && written[0] == '0') || next == '.' || next == 'e' || next == 'E') {
    return fail_expecting(what);
  }
  value = 0;
  for (const char digit : written) {
    value = value * 10 + static_cast<uint64_t>(digit - '0');
    if (value > kMostExact) return fail_expecting("a whole number below 2^53");
  }
  position_ = start + length;
  return true;
}

bool JsonScanner::number() {
  if (position_ < text_.size() && text_[position_] == '-') ++position_;
  if (position_ < text_.size() && text_[position_] == '0') {
    ++position_;
  } else if (digits() == 0) {
    return fail_expecting("a value");
  }
  if (position_ < text_.size() && text_[position_] == '.') {
    ++position_;
    if (digits() == 0) return fail_expecting("a digit");
  }
  if (position_ < text_.size() && (text_[position_] == 'e' || text_[position_] == 'E')) {
    ++position_;
    if (position_ < text_.size() && (text_[position_] == '+' || text_[position_] == '-')) ++position_;
    if (digits() == 0) return fail_expecting("a digit");
  }
  return true;
}

bool JsonScanner::skip_value() { return skip_nested(0); }

bool JsonScanner::skip_nested(unsigned depth) {
  skip_space();
  if (position_ >= text_.size()) return fail_expecting("a value");
  const char character = text_[position_];
  if (character == '"') {
    std::string ignored;
    return string(ignored);
  }
  if (character == '{' || character == '[') {
    if (depth == kDeepest) return fail_expecting("no deeper nesting");
    return character == '{' ? skip_members(depth + 1) : skip_elements(depth + 1);
  }
  return literal("null") || literal("true") || literal("false") || number();
}

bool JsonScanner::skip_members(unsigned depth) {
  if (!expect('{', "an object")) return false;
  if (accept('}')) return true;
  do {
    std::string ignored;
    if (!string(ignored) || !expect(':', "a colon") || !skip_nested(depth)) return false;
  } while (accept(','));
  return expect('}', "a comma or the end of an object");
}

bool JsonScanner::skip_elements(unsigned depth) {
  if (!expect('[', "an array")) return false;
  if (accept(']')) return true;
  do {
    if (!skip_nested(depth)) return false;
  } while (accept(','));
  return expect(']', "a comma or the end of an array");
}

}  // namespace weft
