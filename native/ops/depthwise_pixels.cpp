// Depthwise convolution of pictures nhwc, a line of results at a time. See ops/depthwise_convolution.h.
#include <algorithm>
#include <atomic>

#include "core/buffer.h"
#include "core/scratch.h"
#include "ops/depthwise_convolution.h"
#include "ops/row_blocks.h"

namespace weft::ops {
namespace {

struct Lines {
  const dispatch::KernelTable& table;
  const DepthwiseProblem& problem;
  size_t out_height, out_width;
  const float* weights;  // [taps][channels]
  const float* zeros;    // [channels]: what stands beside the picture
  const float* in;
  float* out;

  // Input pixels that a line of results sees, those beside the picture included.
  size_t pitch() const {
    const ConvolutionAxis& x = problem.shape.x;
    return (out_width - 1) * x.stride + (x.kernel - 1) * x.dilation + 1;
  }
  size_t scratch_bytes() const { return problem.shape.y.kernel * (pitch() + 1) * sizeof(float*); }
  void run(size_t line, const float** scratch) const noexcept;

 private:
  void point_to_line(const float* line, const float** pixels) const noexcept;
};

// Where each pixel of a line lies, from the left padding on.
void Lines::point_to_line(const float* line, const float** pixels) const noexcept {
  const size_t begin = std::min(problem.shape.x.begin, pitch());
  const size_t end = std::min(begin + problem.width, pitch());
  for (size_t i = 0; i < begin; ++i) pixels[i] = zeros;
  for (size_t i = begin; i < end; ++i) pixels[i] = line + (i - begin) * problem.shape.inputs;
  for (size_t i = end; i < pitch(); ++i) pixels[i] = zeros;
}

void Lines::run(size_t line, const float** scratch) const noexcept {
  const ConvolutionShape& shape = problem.shape;
  const size_t channels = shape.inputs;
  const size_t row_numbers = out_width * channels;
  const float* picture = in + line / out_height * problem.height * problem.width * channels;
  const float** line_weights = scratch;
  const float** pixels = scratch + shape.y.kernel;
  size_t lines = 0;
  for (size_t ky = 0; ky < shape.y.kernel; ++ky) {
    const size_t padded = line % out_height * shape.y.stride + ky * shape.y.dilation;
    if (padded < shape.y.begin || padded >= shape.y.begin + problem.height) continue;
    point_to_line(picture + (padded - shape.y.begin) * problem.width * channels, pixels + lines * pitch());
    line_weights[lines++] = weights + ky * shape.x.kernel * channels;
  }
  float* row = out + line * row_numbers;
  table.depthwise_f32->pixels({lines, shape.x.kernel, shape.x.stride, shape.x.dilation, channels, out_width,
                               pixels, pitch(), line_weights, problem.bias, row});
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
  if (out_height == 0 || out_width == 0) return Status::ok;
  const size_t taps = shape.taps(), channels = shape.inputs;
  Buffer prepared;
  const Status allocated = Buffer::allocate((taps + 1) * channels * sizeof(float), prepared);
  if (allocated != Status::ok) return allocated;
  float* by_tap = prepared.floats();
  table.transpose_f32->transpose(channels, taps, problem.weights, taps, by_tap, channels);
  std::fill_n(by_tap + taps * channels, channels, 0.0f);

  const Lines lines = {table, problem, out_height, out_width, by_tap, by_tap + taps * channels, in, out};
  std::atomic<bool> no_memory{false};
  for_row_blocks(team, problem.batch * out_height, out_width * channels, [&](size_t first, size_t count) {
    auto* scratch = static_cast<const float**>(thread_scratch(lines.scratch_bytes()));
    if (scratch == nullptr) {
      no_memory.store(true, std::memory_order_relaxed);
      return;
    }
    for (size_t line = first; line < first + count; ++line) lines.run(line, scratch);
  });
  if (team.is_cancelled()) return Status::cancelled;
  return no_memory.load() ? Status::out_of_memory : Status::ok;
}

}  // namespace weft::ops
