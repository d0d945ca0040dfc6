// See ops/resize_planes.h. A band of results is made in two passes, as PyTorch sums: the lines it needs along
// x into scratch memory, then each result line as a weighted sum of those along y.
#include "ops/resize_planes.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <vector>

#include "core/scratch.h"
#include "ops/row_blocks.h"

namespace weft::ops {
namespace {

using kernels::kDepthwisePadding;

// A band's lines stay in a second cache level.
constexpr size_t kBandFloats = size_t{1} << 15;

struct Resizer {
  const dispatch::KernelTable& table;
  const PlaneResize& resize;
  const std::vector<InterpolationTaps>& lines;    // of the results
  const std::vector<InterpolationTaps>& columns;  // of the results
  size_t taps;

  size_t first_line(size_t line) const { return lines[line].index[0]; }
  size_t end_line(size_t line) const { return lines[line].index[taps - 1] + 1; }
  // Result lines from `line` on that share lines with their neighbours and fit a band; at least one.
  size_t band_end(size_t line, size_t last) const;
  size_t scratch_floats(size_t span) const { return (span + 1) * resize.out_width + 2 * kDepthwisePadding; }
  Status run_lines(const float* plane, size_t first, size_t last, float* out) const noexcept;

 private:
  void resize_line(const float* in, float* out) const noexcept;
};

size_t Resizer::band_end(size_t line, size_t last) const {
  const size_t most = std::max<size_t>(1, kBandFloats / resize.out_width);
  size_t end = line + 1;
  while (end < last && first_line(end) < end_line(end - 1) && end_line(end) - first_line(line) <= most) ++end;
  return end;
}

void Resizer::resize_line(const float* in, float* out) const noexcept {
  const size_t width = resize.out_width;
  if (taps == 1) {
    for (size_t x = 0; x < width; ++x) out[x] = in[columns[x].index[0]];
  } else if (taps == 2) {
    for (size_t x = 0; x < width; ++x) {
      const InterpolationTaps& t = columns[x];
      out[x] = t.weight[0] * in[t.index[0]] + t.weight[1] * in[t.index[1]];
    }
  } else {
    for (size_t x = 0; x < width; ++x) {
      const InterpolationTaps& t = columns[x];
      out[x] = t.weight[0] * in[t.index[0]] + t.weight[1] * in[t.index[1]] + t.weight[2] * in[t.index[2]] +
               t.weight[3] * in[t.index[3]];
    }
  }
}

// Result lines first .. last - 1 of one plane; `out` is the plane's.
Status Resizer::run_lines(const float* plane, size_t first, size_t last, float* out) const noexcept {
  const size_t width = resize.out_width;
  for (size_t line = first; line < last;) {
    const size_t end = band_end(line, last);
    const size_t base = first_line(line);
    const size_t span = end_line(end - 1) - base;
    auto* band = static_cast<float*>(thread_scratch(scratch_floats(span) * sizeof(float)));
    if (band == nullptr) return Status::out_of_memory;
    float* result = band + span * width + kDepthwisePadding;
    for (size_t y = 0; y < span; ++y) resize_line(plane + (base + y) * resize.in_width, band + y * width);
    for (; line < end; ++line) {
      const float* rows[InterpolationTaps::kMost];
      for (size_t tap = 0; tap < taps; ++tap) rows[tap] = band + (lines[line].index[tap] - base) * width;
      if (taps == 1) {
        std::memcpy(out + line * width, rows[0], width * sizeof(float));
      } else {
        // The sum may write beyond its end, so not into the results of a neighbour.
        table.depthwise_f32->planes(taps, rows, lines[line].weight, 0.0f, width, result);
        std::memcpy(out + line * width, result, width * sizeof(float));
      }
    }
  }
  return Status::ok;
}

std::vector<InterpolationTaps> all_taps(const PlaneResize& resize, size_t in, size_t out) {
  const InterpolationAxis axis = {resize.interpolation, resize.align_corners, in, out};
  std::vector<InterpolationTaps> taps;
  taps.reserve(out);
  for (size_t position = 0; position < out; ++position) taps.push_back(axis.taps(position));
  return taps;
}

}  // namespace

Status resize_planes(Team& team, const dispatch::KernelTable& table, const PlaneResize& resize,
                     const float* in, float* out) noexcept {
  if (resize.in_height == 0 || resize.in_width == 0 || resize.out_height == 0 || resize.out_width == 0) {
    return Status::invalid_argument;
  }
  std::vector<InterpolationTaps> lines, columns;
  try {
    lines = all_taps(resize, resize.in_height, resize.out_height);
    columns = all_taps(resize, resize.in_width, resize.out_width);
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
  const Resizer resizer = {table, resize, lines, columns, tap_count(resize.interpolation)};
  std::atomic<Status> result{Status::ok};
  for_row_blocks(team, resize.planes * resize.out_height, resize.out_width, [&](size_t first, size_t count) {
    // A block may begin in one plane and end in another.
    for (size_t line = first; line < first + count;) {
      const size_t plane = line / resize.out_height;
      const size_t end = std::min(first + count, (plane + 1) * resize.out_height);
      const Status status = resizer.run_lines(in + plane * resize.in_height * resize.in_width,
                                              line % resize.out_height, end - plane * resize.out_height,
                                              out + plane * resize.out_height * resize.out_width);
      if (status != Status::ok) result.store(status);
      line = end;
    }
  });
  return team.is_cancelled() ? Status::cancelled : result.load();
}

}  // namespace weft::ops
