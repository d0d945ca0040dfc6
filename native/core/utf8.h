// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft {

// Bytes of the character that `text` starts with; 0 when it starts with none.
size_t utf8_length(std::string_view text) noexcept;

// Appends one code point, which must not be a surrogate or above 0x10FFFF.
void append_utf8(uint32_t code_point, std::string& text);

// `text` in double quotes for a message: escaped where it would not print, and cut after about 80 bytes.
std::string quote_text(std::string_view text);

}  // namespace weft
