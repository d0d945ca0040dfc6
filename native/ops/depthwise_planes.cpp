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
constexpr size_t kBandFloats = size_t{1} << 13;

// The pixels of one direction, dealt to `stride` phases: padded pixel p is number p / stride of phase
// p % stride.
struct PhaseAxis {
  const ConvolutionAxis& axis;
  size_t size;      // pixels of the picture
  size_t out_size;  // results
  size_t phases;    // those that have taps
  size_t reach;     // numbers of a phase between the first tap and the last one

  PhaseAxis(const ConvolutionAxis& from, size_t pixels)
      : axis(from),
        size(pixels),
        out_size(convolution_size(from, pixels)),
        phases(std::min(from.stride, (from.kernel - 1) * from.dilation + 1)),
        reach(shift(from.kernel - 1)) {}

  size_t phase(size_t tap) const { return tap * axis.dilation % axis.stride; }
  size_t shift(size_t tap) const { return tap * axis.dilation / axis.stride; }
  // Of `length` numbers of a phase from padded pixel `start` on, those inside the picture; the first is pixel
  // `pixel`.
  struct Inside {
    size_t first, last, pixel;
  };
  Inside inside(size_t start, size_t length) const {
    const size_t first = start >= axis.begin ? 0 : std::min(length, steps(axis.begin - start));
    const size_t end = axis.begin + size;
    const size_t last = start >= end ? 0 : std::min(length, steps(end - start));
    return {first, std::max(first, last), first < last ? start + first * axis.stride - axis.begin : 0};
  }

 private:
  size_t steps(size_t distance) const { return (distance + axis.stride - 1) / axis.stride; }
};

struct Planes {
  const dispatch::KernelTable& table;
  const DepthwiseProblem& problem;
  PhaseAxis y, x;
  size_t pitch;         // numbers of a staged line
  size_t band_lines;    // results
  size_t phase_floats;  // of a band

  Planes(const dispatch::KernelTable& kernels, const DepthwiseProblem& of)
      : table(kernels),
        problem(of),
        y(of.shape.y, of.height),
        x(of.shape.x, of.width),
        pitch(x.out_size + x.reach),
        band_lines(std::clamp<size_t>(kBandFloats / (pitch * (1 + y.phases * x.phases)), 1,
                                      std::max<size_t>(1, y.out_size))),
        phase_floats((band_lines + y.reach) * pitch) {}

  size_t staged_floats() const { return y.phases * x.phases * phase_floats + kDepthwisePadding; }
  size_t result_floats() const { return band_lines * pitch + kDepthwisePadding; }
  size_t scratch_bytes() const {
    return problem.shape.taps() * sizeof(float*) + (staged_floats() + result_floats()) * sizeof(float);
  }
  // `fresh`: the first plane that works in this scratch memory.
  void run(size_t channel, const float* plane, bool fresh, float* out, void* scratch) const noexcept;

 private:
  void point_to_taps(const float* staged, const float** rows) const noexcept;
  void stage(const float* plane, size_t first_line, size_t lines, bool fresh, float* staged) const noexcept;
};

// Each tap's row: a shift within its phase.
void Planes::point_to_taps(const float* staged, const float** rows) const noexcept {
  for (size_t ky = 0, tap = 0; ky < y.axis.kernel; ++ky) {
    for (size_t kx = 0; kx < x.axis.kernel; ++kx, ++tap) {
      const size_t phase = y.phase(ky) * x.phases + x.phase(kx);
      rows[tap] = staged + phase * phase_floats + y.shift(ky) * pitch + x.shift(kx);
    }
  }
}

// Zeros beside the picture are the same for every band and plane, so they are written once, where `staged` is
// `fresh`; those above and below it are not, unless a plane is one band.
void Planes::stage(const float* plane, size_t first_line, size_t lines, bool fresh,
                   float* staged) const noexcept {
  if (fresh) std::memset(staged, 0, staged_floats() * sizeof(float));
  const bool zero_lines = !fresh && band_lines < y.out_size;
  const size_t rows = lines + y.reach;
  for (size_t phase_y = 0; phase_y < y.phases; ++phase_y) {
    const PhaseAxis::Inside ys = y.inside(first_line * y.axis.stride + phase_y, rows);
    for (size_t phase_x = 0; phase_x < x.phases; ++phase_x) {
      const PhaseAxis::Inside xs = x.inside(phase_x, pitch);
      float* phase = staged + (phase_y * x.phases + phase_x) * phase_floats;
      if (zero_lines) {
        std::memset(phase, 0, ys.first * pitch * sizeof(float));
        std::memset(phase + ys.last * pitch, 0, (rows - ys.last) * pitch * sizeof(float));
      }
      table.depthwise_f32->pick(ys.last - ys.first, xs.last - xs.first,
                                plane + ys.pixel * problem.width + xs.pixel, y.axis.stride * problem.width,
                                x.axis.stride, phase + ys.first * pitch + xs.first, pitch);
    }
  }
}

void Planes::run(size_t channel, const float* plane, bool fresh, float* out, void* scratch) const noexcept {
  const size_t taps = problem.shape.taps();
  auto* rows = static_cast<const float**>(scratch);
  auto* staged = reinterpret_cast<float*>(rows + taps);
  float* results = staged + staged_floats();
  if (fresh) point_to_taps(staged, rows);
  const float bias = problem.bias == nullptr ? 0.0f : problem.bias[channel];
  for (size_t line = 0; line < y.out_size; line += band_lines) {
    const size_t lines = std::min(band_lines, y.out_size - line);
    stage(plane, line, lines, fresh && line == 0, staged);
    table.depthwise_f32->planes(taps, rows, problem.weights + channel * taps, bias,
                                (lines - 1) * pitch + x.out_size, results);
    table.rows_f32->activate(problem.activation, lines, x.out_size, results, pitch, out + line * x.out_size,
                             x.out_size);
  }
}

}  // namespace

Status convolve_planes(Team& team, const dispatch::KernelTable& table, const DepthwiseProblem& problem,
                       const float* in, float* out) noexcept {
  const ConvolutionShape& shape = problem.shape;
  const Planes planes(table, problem);
  const size_t out_pixels = planes.y.out_size * planes.x.out_size;
  if (out_pixels == 0) return Status::ok;
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
                 plane == first, out + plane * out_pixels, scratch);
    }
  });
  if (team.is_cancelled()) return Status::cancelled;
  return no_memory.load() ? Status::out_of_memory : Status::ok;
}

}  // namespace weft::ops
