// Views over pictures that someone else owns. Must not own memory or know about files.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft {

// 8-bit interleaved pixels, rows without gaps: data[(y * width + x) * channels + c].
struct ImageView {
  const uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  int channels = 0;

  size_t row_bytes() const { return static_cast<size_t>(width) * static_cast<size_t>(channels); }
  size_t bytes() const { return row_bytes() * static_cast<size_t>(height); }
  const uint8_t* row(int y) const { return data + row_bytes() * static_cast<size_t>(y); }
};

// A rectangle of whole pixels; left and top may be negative where a crop reaches outside its picture.
struct Rectangle {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
};

}  // namespace weft
