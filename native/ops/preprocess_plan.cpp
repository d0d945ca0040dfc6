// Validation and preparation; the order of decisions follows Pillow's Image.resize.
#include "ops/preprocess_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "ops/box_reduce.h"

namespace weft::ops {
namespace {

// Pillow resizes taller pictures vertically first.
constexpr int kTallRatio = 100;
// Keeps a cell's sum and reciprocal inside 32 bits.
constexpr int64_t kLargestCell = 1 << 22;

bool valid_size(int width, int height) {
  return width > 0 && height > 0 && width <= kLongestSide && height <= kLongestSide &&
         static_cast<int64_t>(width) * height <= kMostPixels;
}

bool valid_span(const Span& span, int size) {
  // Single precision decides, as it does in the weights.
  return std::isfinite(span.start) && std::isfinite(span.end) && span.start >= 0.0 &&
         static_cast<float>(span.end) > static_cast<float>(span.start) &&
         static_cast<float>(span.end) <= size;
}

bool valid_resize(const ResizeRequest& resize, const ImageView& source) {
  const bool gap_is_valid =
      resize.reducing_gap == 0.0 || (std::isfinite(resize.reducing_gap) && resize.reducing_gap >= 1.0);
  return valid_size(resize.width, resize.height) && valid_span(resize.across, source.width) &&
         valid_span(resize.down, source.height) && gap_is_valid;
}

bool valid_crop(const Rectangle& crop) {
  return valid_size(crop.width, crop.height) && std::abs(static_cast<int64_t>(crop.left)) <= kLongestSide &&
         std::abs(static_cast<int64_t>(crop.top)) <= kLongestSide;
}

bool covers(const Span& span, int size) { return span.start == 0.0 && span.end == size; }

bool is_whole_copy(const ResizeRequest& resize, const ImageView& source) {
  return resize.width == source.width && resize.height == source.height &&
         covers(resize.across, source.width) && covers(resize.down, source.height);
}

int reduction_factor(const Span& span, int target, double gap) {
  return std::max(static_cast<int>((span.end - span.start) / target / gap), 1);
}

// The first source position a cell may start at, and one past the last: the span and what the filter sees
// around it.
void safe_range(const Span& span, int target, Filter filter, int size, int& start, int& end) {
  const double reach = (filter_support(filter) - 0.5) * ((span.end - span.start) / target);
  start = std::max(0, static_cast<int>(span.start - reach));
  end = std::min(size, static_cast<int>(std::ceil(span.end + reach)));
}

// Shrinks the source by whole factors where the gap allows, and moves the request's span with it.
Status reduce_first(ResizeRequest& resize, PreparedPicture& prepared) {
  const int factor_x = reduction_factor(resize.across, resize.width, resize.reducing_gap);
  const int factor_y = reduction_factor(resize.down, resize.height, resize.reducing_gap);
  if (factor_x == 1 && factor_y == 1) return Status::ok;
  if (static_cast<int64_t>(factor_x) * factor_y > kLargestCell) return Status::invalid_argument;
  int left, right, top, bottom;
  safe_range(resize.across, resize.width, resize.filter, prepared.source.width, left, right);
  safe_range(resize.down, resize.height, resize.filter, prepared.source.height, top, bottom);
  prepared.source = box_reduce(prepared.source, {left, top, right - left, bottom - top}, factor_x, factor_y,
                               prepared.reduced);
  resize.across = {(resize.across.start - left) / factor_x, (resize.across.end - left) / factor_x};
  resize.down = {(resize.down.start - top) / factor_y, (resize.down.end - top) / factor_y};
  return Status::ok;
}

Rectangle visible_part(const Rectangle& crop, int width, int height) {
  Rectangle visible;
  visible.left = std::clamp(crop.left, 0, width);
  visible.top = std::clamp(crop.top, 0, height);
  visible.width = std::clamp(crop.left + crop.width, visible.left, width) - visible.left;
  visible.height = std::clamp(crop.top + crop.height, visible.top, height) - visible.top;
  return visible;
}

}  // namespace

Status validate(const PictureRequest& request) noexcept {
  const ImageView& source = request.source;
  if (source.data == nullptr || !valid_size(source.width, source.height)) return Status::invalid_argument;
  if (source.channels < 1 || source.channels > kMostChannels) return Status::invalid_argument;
  if (request.resize && !valid_resize(*request.resize, source)) return Status::invalid_argument;
  if (!valid_crop(request.crop)) return Status::invalid_argument;
  const Rectangle& crop = request.crop;
  if (request.bytes != nullptr) {
    const bool inside = crop.left >= 0 && crop.top >= 0 &&
                        crop.left + crop.width <= request.resized_width() &&
                        crop.top + crop.height <= request.resized_height();
    return inside && request.floats.data == nullptr ? Status::ok : Status::invalid_argument;
  }
  const FloatTarget& floats = request.floats;
  if (floats.data == nullptr || !valid_size(floats.canvas_width, floats.canvas_height))
    return Status::invalid_argument;
  const bool inside = floats.left >= 0 && floats.top >= 0 &&
                      floats.left <= floats.canvas_width - crop.width &&
                      floats.top <= floats.canvas_height - crop.height;
  return inside ? Status::ok : Status::invalid_argument;
}

Status prepare(const PictureRequest& request, PreparedPicture& prepared) {
  prepared.source = request.source;
  prepared.visible = visible_part(request.crop, request.resized_width(), request.resized_height());
  const Rectangle& visible = prepared.visible;
  if (visible.width == 0 || visible.height == 0) return Status::ok;
  if (!request.resize || is_whole_copy(*request.resize, request.source)) {
    prepared.columns.build_passthrough(visible.left, visible.width);
    prepared.rows.build_passthrough(visible.top, visible.height);
    return Status::ok;
  }

  ResizeRequest resize = *request.resize;
  const bool has_alpha = request.source.channels == 2 || request.source.channels == 4;
  prepared.premultiplied = has_alpha && resize.filter != Filter::nearest;
  // Pillow forgets the gap where it converts to premultiplied alpha.
  if (resize.reducing_gap > 0.0 && resize.filter != Filter::nearest && !prepared.premultiplied) {
    const Status status = reduce_first(resize, prepared);
    if (status != Status::ok) return status;
  }
  const ImageView& source = prepared.source;
  prepared.columns.build(resize.filter, source.width, resize.across, resize.width, visible.left,
                         visible.left + visible.width);
  prepared.rows.build(resize.filter, source.height, resize.down, resize.height, visible.top,
                      visible.top + visible.height);
  prepared.vertical_first =
      source.height > static_cast<int64_t>(source.width) * kTallRatio && resize.height < source.height;
  return Status::ok;
}

void fill_table(const Normalisation& normalisation, float (&table)[kByteValues]) noexcept {
  for (int byte = 0; byte < kByteValues; ++byte) {
    float value = static_cast<float>(byte * normalisation.factor);
    if (normalisation.offset) value += *normalisation.offset;
    if (normalisation.mean) value = (value - *normalisation.mean) / normalisation.deviation;
    table[byte] = value;
  }
}

}  // namespace weft::ops
