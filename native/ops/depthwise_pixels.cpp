// Depthwise convolution of pictures nhwc: pixels whose taps are all inside go in one call per line, those at
// the borders one by one with the taps they have. See ops/depthwise_convolution.h.
#include <atomic>

#include "core/buffer.h"
#include "core/scratch.h"
#include "ops/depthwise_convolution.h"
#include "ops/row_blocks.h"

namespace weft::ops {
namespace {

// Taps of a kernel side that fall inside `size` pixels when the first one falls on `first`.
struct TapRange {
  size_t first, last;
};

TapRange taps_inside(const ConvolutionAxis& axis, ptrdiff_t first, size_t size) {
  TapRange range = {0, axis.kernel};
  const auto place = [&](size_t tap) { return first + static_cast<ptrdiff_t>(tap * axis.dilation); };
  while (range.first < axis.kernel && place(range.first) < 0) ++range.first;
  while (range.last > range.first && place(range.last - 1) >= static_cast<ptrdiff_t>(size)) --range.last;
  return range;
}

ptrdiff_t first_place(const ConvolutionAxis& axis, size_t point) {
  return static_cast<ptrdiff_t>(point * axis.stride) - static_cast<ptrdiff_t>(axis.begin);
}

struct Lines {
  const dispatch::KernelTable& table;
  const DepthwiseProblem& problem;
  size_t out_height, out_width;
  size_t inner_first, inner_last;  // points of a line whose taps are all inside
  const float* weights;            // [taps][channels]
  const float* in;
  float* out;

  void run(size_t line, const float** pointers) const noexcept;

 private:
  void run_points(const float* picture, ptrdiff_t y, TapRange ys, size_t first, size_t count, float* row,
                  const float** pointers) const noexcept;
};

// Points first .. first + count - 1, which all have the taps of the first one.
void Lines::run_points(const float* picture, ptrdiff_t y, TapRange ys, size_t first, size_t count, float* row,
                       const float** pointers) const noexcept {
  const ConvolutionShape& shape = problem.shape;
  const size_t channels = shape.inputs;
  const ptrdiff_t x = first_place(shape.x, first);
  const TapRange xs = taps_inside(shape.x, x, problem.width);
  const float** tap_weights = pointers + shape.taps();
  size_t taps = 0;
  for (size_t ky = ys.first; ky < ys.last; ++ky) {
    const auto line = static_cast<size_t>(y + static_cast<ptrdiff_t>(ky * shape.y.dilation));
    for (size_t kx = xs.first; kx < xs.last; ++kx, ++taps) {
      const auto column = static_cast<size_t>(x + static_cast<ptrdiff_t>(kx * shape.x.dilation));
      pointers[taps] = picture + (line * problem.width + column) * channels;
      tap_weights[taps] = weights + (ky * shape.x.kernel + kx) * channels;
    }
  }
  table.depthwise_f32->pixels(taps, pointers, tap_weights, shape.x.stride * channels, count, channels,
                              problem.bias, row + first * channels);
}

void Lines::run(size_t line, const float** pointers) const noexcept {
  const size_t channels = problem.shape.inputs;
  const size_t row_numbers = out_width * channels;
  const float* picture = in + line / out_height * problem.height * problem.width * channels;
  const ptrdiff_t y = first_place(problem.shape.y, line % out_height);
  const TapRange ys = taps_inside(problem.shape.y, y, problem.height);
  float* row = out + line * row_numbers;
  for (size_t x = 0; x < inner_first; ++x) run_points(picture, y, ys, x, 1, row, pointers);
  if (inner_last > inner_first) {
    run_points(picture, y, ys, inner_first, inner_last - inner_first, row, pointers);
  }
  for (size_t x = inner_last; x < out_width; ++x) run_points(picture, y, ys, x, 1, row, pointers);
  if (problem.activation != Activation::none) {
    table.rows_f32->activate(problem.activation, 1, row_numbers, row, row_numbers, row, row_numbers);
  }
}

}  // namespace

Status convolve_pixels(Team& team, const dispatch::KernelTable& table, const DepthwiseProblem& problem,
                       const float* in, float* out) noexcept {
  const ConvolutionShape& shape = problem.shape;
  const size_t out_height = convolution_size(shape.y, problem.height);
  const size_t out_width = convolution_size(shape.x, problem.width);
  const size_t taps = shape.taps();
  Buffer by_tap;
  const Status allocated = Buffer::allocate(taps * shape.inputs * sizeof(float), by_tap);
  if (allocated != Status::ok) return allocated;
  table.transpose_f32->transpose(shape.inputs, taps, problem.weights, taps, by_tap.floats(), shape.inputs);

  Lines lines = {table, problem, out_height, out_width, out_width, out_width, by_tap.floats(), in, out};
  for (size_t x = 0; x < out_width; ++x) {
    const TapRange xs = taps_inside(shape.x, first_place(shape.x, x), problem.width);
    const bool inner = xs.first == 0 && xs.last == shape.x.kernel;
    if (inner && lines.inner_first == out_width) lines.inner_first = x;
    if (!inner && lines.inner_first != out_width) {
      lines.inner_last = x;
      break;
    }
  }
  std::atomic<bool> no_memory{false};
  for_row_blocks(team, problem.batch * out_height, out_width * shape.inputs, [&](size_t first, size_t count) {
    auto* pointers = static_cast<const float**>(thread_scratch(2 * taps * sizeof(float*)));
    if (pointers == nullptr) {
      no_memory.store(true, std::memory_order_relaxed);
      return;
    }
    for (size_t line = first; line < first + count; ++line) lines.run(line, pointers);
  });
  if (team.is_cancelled()) return Status::cancelled;
  return no_memory.load() ? Status::out_of_memory : Status::ok;
}

}  // namespace weft::ops
