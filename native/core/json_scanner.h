// Reads JSON (RFC 8259) from bytes in memory, piece by piece, as strictly as serde_json: no comments, no
// trailing commas, valid UTF-8. Builds no tree: the caller knows the grammar and says what comes next.
// Allocates only what it gives out: strings no longer than their text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft {

class JsonScanner {
 public:
  // Deepest nesting of arrays and objects that `skip_value` follows.
  static constexpr unsigned kDeepest = 32;

  // `base` is where `text` lies in its file: messages tell positions in the file.
  JsonScanner(std::string_view text, size_t base) : text_(text), base_(base) {}

  // Each of these skips white space first and returns false once anything is wrong; then `error` tells the
  // first thing that was.

  // The next character is `wanted`: takes it. Otherwise takes nothing, and that is no error.
  bool accept(char wanted) noexcept;
  bool expect(char wanted, const char* what);
  bool string(std::string& value);
  // A whole number, 0 to 2^53 - 1: what JavaScript holds exactly.
  bool count(uint64_t& value, const char* what);
  // Any value, checked and forgotten.
  bool skip_value();
  // The literal null: takes it. Otherwise takes nothing, and that is no error.
  bool accept_null() noexcept;
  // Nothing but white space is left.
  bool end();

  const std::string& error() const noexcept { return error_; }

 private:
  void skip_space() noexcept;
  bool fail_expecting(const char* expected);
  bool escape(std::string& value);
  bool hexadecimal(uint32_t& unit);
  bool number();
  bool skip_nested(unsigned depth);
  bool skip_members(unsigned depth);
  bool skip_elements(unsigned depth);
  size_t digits() noexcept;
  bool literal(std::string_view word) noexcept;

  std::string_view text_;
  size_t base_;
  size_t position_ = 0;
  std::string error_;
};

}  // namespace weft
