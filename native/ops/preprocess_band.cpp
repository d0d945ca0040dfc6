// See ops/preprocess_band.h. Two small classes: rows of the resized picture, and where an output row is
// written.
#include "ops/preprocess_band.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/alpha.h"

namespace weft::ops {
namespace {

size_t padded(size_t bytes) {
  constexpr size_t kPadding = kernels::kRowPadding;
  return (bytes + kPadding - 1) / kPadding * kPadding + kPadding;
}

// Makes rows of the resized picture, in ascending order.
class ResizedRows {
 public:
  // The rows [first, last) of prepared.visible.
  ResizedRows(const PreparedPicture& prepared, const kernels::ResampleU8& kernels, int first, int last);

  // Visible columns of visible row `y` as interleaved bytes; valid until the next call.
  const uint8_t* row(int y);

 private:
  const uint8_t* source_row(int y, int slot);
  void produce_until(int end);
  void produce(int first, int count);
  uint8_t* ring_row(int y) { return ring_.data() + static_cast<size_t>(y % ring_rows_) * ring_stride_; }

  const PreparedPicture& prepared_;
  const kernels::ResampleU8& kernels_;
  const int channels_;
  // Whether source columns are only copied on their way into the ring (the other order resamples them
  // afterwards).
  const bool copies_columns_;
  const size_t ring_bytes_;  // of the pixels in one ring row
  const size_t ring_stride_;
  const int ring_rows_;
  const int source_end_;  // one past the last source row of this band
  int produced_ = 0;      // source rows before this one are in the ring, or no longer needed
  std::vector<uint8_t> ring_;
  std::vector<uint8_t> scratch_;  // padded or premultiplied copies of source rows
  std::vector<uint8_t> weighed_;
  std::vector<uint8_t> narrowed_;
  std::vector<const uint8_t*> window_;
};

int last_source_row(const ResampleAxis& rows, int first, int last) {
  int end = 0;
  for (int y = first; y < last; ++y) end = std::max(end, rows.end(y));
  return end;
}

ResizedRows::ResizedRows(const PreparedPicture& prepared, const kernels::ResampleU8& kernels, int first,
                         int last)
    : prepared_(prepared),
      kernels_(kernels),
      channels_(prepared.source.channels),
      copies_columns_(prepared.columns.is_passthrough() || prepared.vertical_first),
      ring_bytes_(
          static_cast<size_t>(prepared.vertical_first ? prepared.source.width : prepared.columns.count()) *
          static_cast<size_t>(prepared.source.channels)),
      ring_stride_(padded(ring_bytes_)),
      ring_rows_(prepared.rows.most_taps() + kernels::kRowGroup),
      source_end_(last_source_row(prepared.rows, first, last)),
      ring_(ring_stride_ * static_cast<size_t>(ring_rows_)),
      scratch_(padded(prepared.source.row_bytes()) * kernels::kRowGroup),
      weighed_(ring_stride_),
      narrowed_(prepared.vertical_first
                    ? padded(static_cast<size_t>(prepared.columns.count()) * static_cast<size_t>(channels_))
                    : 0),
      window_(static_cast<size_t>(prepared.rows.most_taps()) + 1) {}

// A source row that kernels may read kRowPadding bytes beyond.
const uint8_t* ResizedRows::source_row(int y, int slot) {
  const ImageView& source = prepared_.source;
  const uint8_t* row = source.row(y);
  const size_t bytes_left = source.bytes() - source.row_bytes() * (static_cast<size_t>(y) + 1);
  if (!prepared_.premultiplied && bytes_left >= static_cast<size_t>(kernels::kRowPadding)) return row;
  uint8_t* copy = scratch_.data() + padded(source.row_bytes()) * static_cast<size_t>(slot);
  if (prepared_.premultiplied) {
    premultiply_alpha(row, copy, static_cast<size_t>(source.width), channels_);
  } else {
    std::memcpy(copy, row, source.row_bytes());
  }
  return copy;
}

void ResizedRows::produce(int first, int count) {
  const uint8_t* sources[kernels::kRowGroup];
  uint8_t* targets[kernels::kRowGroup];
  for (int index = 0; index < count; ++index) {
    sources[index] = source_row(first + index, index);
    targets[index] = ring_row(first + index);
  }
  if (!copies_columns_) {
    kernels_.horizontal(prepared_.columns.taps(), channels_, sources, targets, count);
    return;
  }
  const int first_column = prepared_.vertical_first ? 0 : prepared_.columns.offset();
  const size_t offset = static_cast<size_t>(first_column) * static_cast<size_t>(channels_);
  for (int index = 0; index < count; ++index)
    std::memcpy(targets[index], sources[index] + offset, ring_bytes_);
}

void ResizedRows::produce_until(int end) {
  while (produced_ < end) {
    // Rows of the next window come along: a full group shares its weights.
    const int count = std::min(kernels::kRowGroup, source_end_ - produced_);
    produce(produced_, count);
    produced_ += count;
  }
}

const uint8_t* ResizedRows::row(int y) {
  const ResampleAxis& rows = prepared_.rows;
  const int first = rows.first(y);
  const int taps = rows.end(y) - first;
  if (taps > 0) {
    produced_ = std::max(produced_, first);
    produce_until(first + taps);
  }
  uint8_t* result = taps == 1 && rows.is_passthrough() ? ring_row(first) : weighed_.data();
  if (!rows.is_passthrough()) {
    for (int tap = 0; tap < taps; ++tap) window_[static_cast<size_t>(tap)] = ring_row(first + tap);
    // Kernels take taps in pairs; the second of the last pair has weight zero.
    if (taps % 2 == 1) window_[static_cast<size_t>(taps)] = window_[static_cast<size_t>(taps) - 1];
    kernels_.vertical(rows.taps(), y, window_.data(), result, static_cast<int>(ring_bytes_));
  }
  const ResampleAxis& columns = prepared_.columns;
  if (prepared_.vertical_first) {
    uint8_t* narrowed = narrowed_.data();
    if (columns.is_passthrough()) {
      result += static_cast<size_t>(columns.offset()) * static_cast<size_t>(channels_);
    } else {
      kernels_.horizontal(columns.taps(), channels_, &result, &narrowed, 1);
      result = narrowed;
    }
  }
  if (prepared_.premultiplied) unpremultiply_alpha(result, static_cast<size_t>(columns.count()), channels_);
  return result;
}

// Writes one row of the canvas: value outside the crop, table[0] where the crop leaves the picture, pixels
// inside.
class FloatRows {
 public:
  FloatRows(const PictureRequest& request, const Rectangle& visible)
      : target_(request.floats), crop_(request.crop), channels_(request.source.channels) {
    first_pixel_ = visible.left - crop_.left;
    pixel_count_ = visible.width;
  }

  // `pixels`: the visible pixels of this row, or null where the crop leaves the picture.
  void write(int canvas_row, bool in_crop, const uint8_t* pixels) const {
    const size_t plane =
        static_cast<size_t>(target_.canvas_width) * static_cast<size_t>(target_.canvas_height);
    for (int channel = 0; channel < channels_; ++channel) {
      float* row = target_.data + plane * static_cast<size_t>(channel) +
                   static_cast<size_t>(target_.canvas_width) * static_cast<size_t>(canvas_row);
      float* row_end = row + target_.canvas_width;
      if (!in_crop) {
        std::fill(row, row_end, target_.canvas_value);
        continue;
      }
      const float* table = target_.table[channel];
      float* crop_start = row + target_.left;
      float* crop_end = crop_start + crop_.width;
      std::fill(row, crop_start, target_.canvas_value);
      std::fill(crop_end, row_end, target_.canvas_value);
      if (pixels == nullptr) {
        std::fill(crop_start, crop_end, table[0]);
        continue;
      }
      float* out = crop_start + first_pixel_;
      std::fill(crop_start, out, table[0]);
      std::fill(out + pixel_count_, crop_end, table[0]);
      const uint8_t* pixel = pixels + channel;
      for (int x = 0; x < pixel_count_; ++x, pixel += channels_) out[x] = table[*pixel];
    }
  }

 private:
  const FloatTarget& target_;
  const Rectangle& crop_;
  const int channels_;
  int first_pixel_ = 0;
  int pixel_count_ = 0;
};

Status run_bytes(const PictureRequest& request, const PreparedPicture& prepared,
                 const kernels::ResampleU8& kernels, int first_row, int last_row,
                 const Operation& operation) {
  ResizedRows rows(prepared, kernels, first_row, last_row);
  const size_t bytes = static_cast<size_t>(request.crop.width) * static_cast<size_t>(request.source.channels);
  for (int y = first_row; y < last_row; ++y) {
    if (operation.is_cancelled()) return Status::cancelled;
    std::memcpy(request.bytes + bytes * static_cast<size_t>(y), rows.row(y), bytes);
  }
  return Status::ok;
}

Status run_floats(const PictureRequest& request, const PreparedPicture& prepared,
                  const kernels::ResampleU8& kernels, int first_row, int last_row,
                  const Operation& operation) {
  const Rectangle& visible = prepared.visible;
  const bool empty = visible.width == 0 || visible.height == 0;
  // Canvas row of visible row 0, and the visible rows of this band.
  const int shift = request.floats.top + visible.top - request.crop.top;
  const int first_visible = std::clamp(first_row - shift, 0, empty ? 0 : visible.height);
  const int last_visible = std::clamp(last_row - shift, 0, empty ? 0 : visible.height);
  std::optional<ResizedRows> rows;
  if (first_visible < last_visible) rows.emplace(prepared, kernels, first_visible, last_visible);
  const FloatRows target(request, visible);
  for (int canvas_row = first_row; canvas_row < last_row; ++canvas_row) {
    if (operation.is_cancelled()) return Status::cancelled;
    const int crop_row = canvas_row - request.floats.top;
    const int visible_row = canvas_row - shift;
    const bool in_crop = crop_row >= 0 && crop_row < request.crop.height;
    const bool in_picture = in_crop && visible_row >= first_visible && visible_row < last_visible;
    target.write(canvas_row, in_crop, in_picture ? rows->row(visible_row) : nullptr);
  }
  return Status::ok;
}

}  // namespace

Status run_band(const PictureRequest& request, const PreparedPicture& prepared,
                const kernels::ResampleU8& kernels, int first_row, int last_row, const Operation& operation) {
  if (request.bytes != nullptr) return run_bytes(request, prepared, kernels, first_row, last_row, operation);
  return run_floats(request, prepared, kernels, first_row, last_row, operation);
}

}  // namespace weft::ops
