// Depthwise convolution of pictures nchw. A band of a plane is laid out once with its zeros around it, and
// with every stride-th pixel side by side; then each tap is a shift of the same long row, and the whole band
// is one weighted sum whatever stride and dilation are. See ops/depthwise_convolution.h.
#include <algorithm>
#include <atomic>
#include <cstring>

#include "core/scratch.h"
#include "ops/depthwise_convolution.h"
#include "ops/row_blocks.h"

namespace weft::ops {
namespace {

using kernels::kDepthwisePadding;

// A band's pixels and results stay in a first cache level of 32 KiB or more.
constexpr size_t kBandFloats = size_t{1} << 12;

// The pixels of one direction, dealt to `stride` phases: padded pixel p is number p / stride of phase
// p % stride.
struct PhaseAxis {
  const ConvolutionAxis& axis;
  size_t size;      // pixels of the picture
  size_t out_size;  // results

  size_t phases() const { return std::min(axis.stride, (axis.kernel - 1) * axis.dilation + 1); }
  size_t tap_phase(size_t tap) const { return tap * axis.dilation % axis.stride; }
  size_t tap_shift(size_t tap) const { return tap * axis.dilation / axis.stride; }
  // Numbers of a phase that `points` results see.
  size_t length(size_t points) const { return points + tap_shift(axis.kernel - 1); }
  // Of `length` numbers of a phase from padded pixel `start` on, those inside the picture; the first is pixel
  // `pixel`.
  struct Inside {
    size_t first, last, pixel;
  };
  Inside inside(size_t start, size_t length) const {
    const size_t first =
        start >= axis.begin ? 0 : std::min(length, (axis.begin - start + axis.stride - 1) / axis.stride);
    const size_t end = axis.begin + size;
    const size_t last = start >= end ? 0 : std::min(length, (end - start + axis.stride - 1) / axis.stride);
    return {first, std::max(first, last), first < last ? start + first * axis.stride - axis.begin : 0};
  }
};

struct Planes {
  const dispatch::KernelTable& table;
  const DepthwiseProblem& problem;
  PhaseAxis y, x;
  size_t band_lines;

  size_t pitch() const { return x.length(x.out_size); }
  size_t phase_floats() const { return y.length(band_lines) * pitch(); }
  size_t staged_floats() const { return y.phases() * x.phases() * phase_floats() + kDepthwisePadding; }
  size_t result_floats() const { return band_lines * pitch() + kDepthwisePadding; }
  size_t scratch_bytes() const {
    return problem.shape.taps() * sizeof(float*) + (staged_floats() + result_floats()) * sizeof(float);
  }
  void run(size_t channel, const float* plane, float* out, void* scratch) const noexcept;

 private:
  void stage(const float* plane, size_t first_line, size_t lines, float* staged) const noexcept;
};

void Planes::stage(const float* plane, size_t first_line, size_t lines, float* staged) const noexcept {
  const size_t rows = y.length(lines);
  for (size_t phase_y = 0; phase_y < y.phases(); ++phase_y) {
    const PhaseAxis::Inside ys = y.inside(first_line * y.axis.stride + phase_y, rows);
    for (size_t phase_x = 0; phase_x < x.phases(); ++phase_x) {
      const PhaseAxis::Inside xs = x.inside(phase_x, pitch());
      float* phase = staged + (phase_y * x.phases() + phase_x) * phase_floats();
      std::memset(phase, 0, ys.first * pitch() * sizeof(float));
      for (size_t row = ys.first; row < ys.last; ++row) {
        float* to = phase + row * pitch();
        const float* from = plane + (ys.pixel + (row - ys.first) * y.axis.stride) * problem.width + xs.pixel;
        std::memset(to, 0, xs.first * sizeof(float));
        table.depthwise_f32->pick(from, x.axis.stride, xs.last - xs.first, to + xs.first);
        std::memset(to + xs.last, 0, (pitch() - xs.last) * sizeof(float));
      }
      std::memset(phase + ys.last * pitch(), 0, (rows - ys.last) * pitch() * sizeof(float));
    }
  }
}

void Planes::run(size_t channel, const float* plane, float* out, void* scratch) const noexcept {
  const size_t taps = problem.shape.taps();
  auto* rows = static_cast<const float**>(scratch);
  auto* staged = reinterpret_cast<float*>(rows + taps);
  float* results = staged + staged_floats();
  for (size_t ky = 0, tap = 0; ky < y.axis.kernel; ++ky) {
    for (size_t kx = 0; kx < x.axis.kernel; ++kx, ++tap) {
      const size_t phase = y.tap_phase(ky) * x.phases() + x.tap_phase(kx);
      rows[tap] = staged + phase * phase_floats() + y.tap_shift(ky) * pitch() + x.tap_shift(kx);
    }
  }
  const float bias = problem.bias == nullptr ? 0.0f : problem.bias[channel];
  for (size_t line = 0; line < y.out_size; line += band_lines) {
    const size_t lines = std::min(band_lines, y.out_size - line);
    stage(plane, line, lines, staged);
    table.depthwise_f32->planes(taps, rows, problem.weights + channel * taps, bias,
                                (lines - 1) * pitch() + x.out_size, results);
    table.rows_f32->activate(problem.activation, lines, x.out_size, results, pitch(), out + line * x.out_size,
                             x.out_size);
  }
}

}  // namespace

Status convolve_planes(Team& team, const dispatch::KernelTable& table, const DepthwiseProblem& problem,
                       const float* in, float* out) noexcept {
  const ConvolutionShape& shape = problem.shape;
  Planes planes = {table,
                   problem,
                   {shape.y, problem.height, convolution_size(shape.y, problem.height)},
                   {shape.x, problem.width, convolution_size(shape.x, problem.width)},
                   1};
  const size_t out_pixels = planes.y.out_size * planes.x.out_size;
  if (out_pixels == 0) return Status::ok;
  const size_t line_floats = planes.pitch() * (1 + planes.y.phases() * planes.x.phases());
  planes.band_lines = std::clamp<size_t>(2 * kBandFloats / line_floats, 1, planes.y.out_size);
  const size_t multiplier = shape.outputs / shape.inputs;
  std::atomic<bool> no_memory{false};
  for_row_blocks(team, problem.batch * shape.outputs, out_pixels, [&](size_t first, size_t count) {
    void* scratch = thread_scratch(planes.scratch_bytes());
    if (scratch == nullptr) {
      no_memory.store(true, std::memory_order_relaxed);
      return;
    }
    for (size_t plane = first; plane < first + count; ++plane) {
      planes.run(plane % shape.outputs, in + plane / multiplier * problem.height * problem.width,
                 out + plane * out_pixels, scratch);
    }
  });
  if (team.is_cancelled()) return Status::cancelled;
  return no_memory.load() ? Status::out_of_memory : Status::ok;
}

}  // namespace weft::ops
