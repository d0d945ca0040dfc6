// What to do with one picture, and the tables prepared for it: resize -> crop -> rescale and normalise ->
// canvas. No execution here; ops/preprocess_band.h runs a prepared picture.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "core/image_view.h"
#include "core/status.h"
#include "ops/resample_axis.h"

namespace weft::ops {

constexpr int kMostChannels = 4;
constexpr int kByteValues = 256;
// Limits that keep every size and index inside int and size_t, and refuse absurd requests early.
constexpr int kLongestSide = 1 << 20;
constexpr int64_t kMostPixels = int64_t{1} << 28;

struct ResizeRequest {
  int width = 0;
  int height = 0;
  Filter filter = Filter::bicubic;
  Span across{0, 0};          // columns of the source that are read
  Span down{0, 0};            // rows of the source that are read
  double reducing_gap = 0.0;  // 0: none; else 1 or more
};

// Where float results go: [channels][canvas height][canvas width].
struct FloatTarget {
  float* data = nullptr;
  int canvas_width = 0;
  int canvas_height = 0;
  int left = 0;  // of the crop inside the canvas
  int top = 0;
  float canvas_value = 0.0f;
  float table[kMostChannels][kByteValues] = {};  // byte -> normalised value, per channel
};

// One picture of a batch. Exactly one of `bytes` and `floats.data` is set.
struct PictureRequest {
  ImageView source;
  std::optional<ResizeRequest> resize;
  Rectangle crop;            // in resized coordinates; may reach outside, where pixels are 0
  uint8_t* bytes = nullptr;  // interleaved crop; the crop lies inside the picture
  FloatTarget floats;

  int resized_width() const { return resize ? resize->width : source.width; }
  int resized_height() const { return resize ? resize->height : source.height; }
  int output_rows() const { return bytes != nullptr ? crop.height : floats.canvas_height; }
};

// Checks sizes, ranges and limits; reads no pixels.
Status validate(const PictureRequest& request) noexcept;

// A picture with its weights. Filled once, by the first thread that needs it.
struct PreparedPicture {
  ImageView source;              // the request's, or the reduced copy
  std::vector<uint8_t> reduced;  // owns the reduced copy
  Rectangle visible;             // part of the resized picture that the crop keeps; may be empty
  ResampleAxis columns;          // for visible columns
  ResampleAxis rows;             // for visible rows
  bool vertical_first = false;   // Pillow's order for pictures over 100 times as high as wide
  bool premultiplied = false;    // colours are weighed by alpha
};

// May throw std::bad_alloc.
Status prepare(const PictureRequest& request, PreparedPicture& prepared);

// The table of one channel: value = float(byte x factor) + offset, then (value - mean) / deviation in
// float32, as Hugging Face's numpy processors do. factor is applied in double precision.
struct Normalisation {
  double factor = 1.0;
  std::optional<float> offset;
  std::optional<float> mean;
  float deviation = 1.0f;
};
void fill_table(const Normalisation& normalisation, float (&table)[kByteValues]) noexcept;

}  // namespace weft::ops
