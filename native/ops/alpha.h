// Premultiplied alpha in 8 bits, as Pillow converts RGBA to RGBa and LA to La, and back.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::ops {

// channels is 2 or 4, the last one alpha; `pixels` pixels from `source` to `target`.
void premultiply_alpha(const uint8_t* source, uint8_t* target, size_t pixels, int channels) noexcept;

// The reverse, in place; where alpha is 0 or 255 colours stay as they are.
void unpremultiply_alpha(uint8_t* data, size_t pixels, int channels) noexcept;

}  // namespace weft::ops
