// Convolutions and transposed convolutions of drawn shapes (kernels 1 to 7, strides 1 to 4, uneven padding,
// dilation, groups, depthwise with multipliers, both layouts, bias, batch norm, activation, residual) against
// loops in double that follow the definition, alone and in a team.
#include "ops/convolution.h"

#include <algorithm>
#include <memory>

#include "core/thread_pool.h"
#include "ops/transposed_convolution.h"
#include "tests/check.h"

namespace {

using weft::Activation;
using weft::Status;
using weft::Team;
using weft::tests::Random;
namespace ops = weft::ops;
using ops::ConvolutionAxis;
using ops::ConvolutionShape;
using ops::ImageLayout;

// A picture batch with one set of indices for both layouts.
struct Pictures {
  size_t batch, channels, height, width;
  ImageLayout layout;
  std::vector<float> values;

  Pictures(size_t n, size_t c, size_t h, size_t w, ImageLayout order)
      : batch(n), channels(c), height(h), width(w), layout(order), values(n * c * h * w) {}
  size_t index(size_t n, size_t c, size_t y, size_t x) const {
    return layout == ImageLayout::nchw ? ((n * channels + c) * height + y) * width + x
                                       : ((n * height + y) * width + x) * channels + c;
  }
  float at(size_t n, size_t c, size_t y, size_t x) const { return values[index(n, c, y, x)]; }
};

struct Problem {
  ConvolutionShape shape;
  size_t extra_y = 0, extra_x = 0;
  std::vector<float> weight, bias, mean, variance, gain, shift;
  bool with_bias = false, with_norm = false;
  Activation activation = Activation::none;

  ops::BatchNorm norm() const { return {mean.data(), variance.data(), gain.data(), shift.data(), 1e-3}; }
  ops::ConvolutionWeights weights(const ops::BatchNorm* folded) const {
    return {weight.data(), with_bias ? bias.data() : nullptr, folded};
  }
  // What happens to a sum of products.
  double finish(double sum, size_t output) const {
    if (with_bias) sum += bias[output];
    if (with_norm) {
      sum = (sum - mean[output]) / std::sqrt(variance[output] + 1e-3) * gain[output] + shift[output];
    }
    return activation == Activation::relu ? std::fmax(sum, 0.0) : sum;
  }
  std::string describe() const {
    char text[300];
    const auto axis = [](const ConvolutionAxis& a) {
      return std::to_string(a.kernel) + "/" + std::to_string(a.stride) + " dilation " +
             std::to_string(a.dilation) + " padding " + std::to_string(a.begin) + "," + std::to_string(a.end);
    };
    std::snprintf(text, sizeof(text), "%zu -> %zu channels, groups %zu, y %s, x %s, extra %zu %zu",
                  shape.inputs, shape.outputs, shape.groups, axis(shape.y).c_str(), axis(shape.x).c_str(),
                  extra_y, extra_x);
    return text;
  }
};

ConvolutionAxis draw_axis(Random& random, bool transposed) {
  ConvolutionAxis axis;
  axis.kernel = 1 + random.below(7);
  axis.stride = 1 + random.below(4);
  if (transposed && random.below(3) == 0) axis.stride = axis.kernel;
  axis.dilation = random.below(3) == 0 ? 1 + random.below(3) : 1;
  axis.begin = random.below(axis.kernel);
  axis.end = random.below(axis.kernel);
  return axis;
}

Problem draw_problem(Random& random, bool transposed) {
  Problem problem;
  ConvolutionShape& shape = problem.shape;
  const size_t kind = random.below(4);
  if (kind == 0) {  // depthwise, now and then with several outputs per input
    shape.groups = shape.inputs = 1 + random.below(40);
    shape.outputs = shape.inputs * (random.below(3) == 0 ? 1 + random.below(3) : 1);
  } else {
    shape.groups = kind == 1 ? 1 + random.below(4) : 1;
    shape.inputs = shape.groups * (1 + random.below(20));
    shape.outputs = shape.groups * (1 + random.below(20));
  }
  shape.y = draw_axis(random, transposed);
  shape.x = draw_axis(random, transposed);
  if (transposed && random.below(3) == 0) {
    problem.extra_y = random.below(shape.y.stride);
    problem.extra_x = random.below(shape.x.stride);
  }
  problem.weight = random.numbers(shape.outputs * shape.group_inputs() * shape.taps());
  problem.bias = random.numbers(shape.outputs);
  problem.mean = random.numbers(shape.outputs);
  problem.variance = random.numbers(shape.outputs, 0.1f, 2.0f);
  problem.gain = random.numbers(shape.outputs);
  problem.shift = random.numbers(shape.outputs);
  problem.with_bias = random.below(2) == 0;
  problem.with_norm = random.below(3) == 0;
  problem.activation = random.below(2) == 0 ? Activation::relu : Activation::none;
  return problem;
}

// Input pixel of output pixel `point` under `tap`, or -1 outside.
ptrdiff_t pixel_under(const ConvolutionAxis& axis, size_t point, size_t tap, size_t size) {
  const auto place =
      static_cast<ptrdiff_t>(point * axis.stride + tap * axis.dilation) - static_cast<ptrdiff_t>(axis.begin);
  return place >= 0 && place < static_cast<ptrdiff_t>(size) ? place : -1;
}

// Output pixel that input pixel `point` adds to through `tap`, or -1 outside.
ptrdiff_t pixel_reached(const ConvolutionAxis& axis, size_t point, size_t tap, size_t out_size) {
  return pixel_under(axis, point, tap, out_size);
}

std::vector<double> convolve(const Problem& problem, const Pictures& in, const Pictures& out) {
  const ConvolutionShape& shape = problem.shape;
  std::vector<double> expected(out.values.size());
  for (size_t n = 0; n < out.batch; ++n) {
    for (size_t o = 0; o < out.channels; ++o) {
      const size_t group = o / shape.group_outputs();
      for (size_t y = 0; y < out.height; ++y) {
        for (size_t x = 0; x < out.width; ++x) {
          double sum = 0;
          const float* weight = problem.weight.data() + o * shape.group_inputs() * shape.taps();
          for (size_t c = 0; c < shape.group_inputs(); ++c) {
            for (size_t ky = 0; ky < shape.y.kernel; ++ky) {
              for (size_t kx = 0; kx < shape.x.kernel; ++kx, ++weight) {
                const ptrdiff_t iy = pixel_under(shape.y, y, ky, in.height);
                const ptrdiff_t ix = pixel_under(shape.x, x, kx, in.width);
                if (iy < 0 || ix < 0) continue;
                sum += static_cast<double>(*weight) * in.at(n, group * shape.group_inputs() + c,
                                                            static_cast<size_t>(iy), static_cast<size_t>(ix));
              }
            }
          }
          expected[out.index(n, o, y, x)] = problem.finish(sum, o);
        }
      }
    }
  }
  return expected;
}

std::vector<double> convolve_transposed(const Problem& problem, const Pictures& in, const Pictures& out) {
  const ConvolutionShape& shape = problem.shape;
  std::vector<double> expected(out.values.size());
  for (size_t n = 0; n < in.batch; ++n) {
    for (size_t c = 0; c < in.channels; ++c) {
      const size_t group = c / shape.group_inputs();
      for (size_t y = 0; y < in.height; ++y) {
        for (size_t x = 0; x < in.width; ++x) {
          const float* weight = problem.weight.data() + c * shape.group_outputs() * shape.taps();
          for (size_t o = 0; o < shape.group_outputs(); ++o) {
            for (size_t ky = 0; ky < shape.y.kernel; ++ky) {
              for (size_t kx = 0; kx < shape.x.kernel; ++kx, ++weight) {
                const ptrdiff_t oy = pixel_reached(shape.y, y, ky, out.height);
                const ptrdiff_t ox = pixel_reached(shape.x, x, kx, out.width);
                if (oy < 0 || ox < 0) continue;
                expected[out.index(n, group * shape.group_outputs() + o, static_cast<size_t>(oy),
                                   static_cast<size_t>(ox))] +=
                    static_cast<double>(*weight) * in.at(n, c, y, x);
              }
            }
          }
        }
      }
    }
  }
  for (size_t n = 0; n < out.batch; ++n) {
    for (size_t o = 0; o < out.channels; ++o) {
      for (size_t y = 0; y < out.height; ++y) {
        for (size_t x = 0; x < out.width; ++x) {
          double& value = expected[out.index(n, o, y, x)];
          value = problem.finish(value, o);
        }
      }
    }
  }
  return expected;
}

void compare(const Problem& problem, const Pictures& out, const std::vector<double>& expected) {
  const double terms = static_cast<double>(problem.shape.group_inputs() * problem.shape.taps());
  const double absolute = 3e-7 * terms + 1e-6;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (weft::tests::close(out.values[i], expected[i], absolute, 4e-6)) continue;
    WEFT_CHECK(false, problem.describe() + ": " + std::to_string(out.values[i]) + ", expected " +
                          std::to_string(expected[i]));
    return;
  }
  WEFT_CHECK(true, "");
}

ImageLayout draw_layout(Random& random) {
  return random.below(2) == 0 ? ImageLayout::nchw : ImageLayout::nhwc;
}

void test_convolution(Team& team, const weft::dispatch::KernelTable& table, Random& random, size_t largest) {
  const Problem problem = draw_problem(random, false);
  const ConvolutionShape& shape = problem.shape;
  Pictures in(1 + random.below(3), shape.inputs, 1 + random.below(largest), 1 + random.below(largest),
              draw_layout(random));
  in.values = random.numbers(in.values.size());
  Pictures out(in.batch, shape.outputs, ops::convolution_size(shape.y, in.height),
               ops::convolution_size(shape.x, in.width), draw_layout(random));
  const ops::BatchNorm norm = problem.norm();
  std::shared_ptr<const ops::Convolution> convolution;
  Status status = ops::Convolution::create(table, shape, problem.weights(problem.with_norm ? &norm : nullptr),
                                           problem.activation, ops::Precision::f32, team, convolution);
  if (!WEFT_CHECK(status == Status::ok, problem.describe() + " is refused")) return;
  std::vector<double> expected = convolve(problem, in, out);
  const bool depthwise = shape.groups > 1 && shape.group_inputs() == 1;
  const bool residual = out.layout == ImageLayout::nhwc && !depthwise && random.below(2) == 0;
  if (residual) {
    out.values = random.numbers(out.values.size());
    for (size_t i = 0; i < expected.size(); ++i) expected[i] += out.values[i];
  }
  status = convolution->run(team, table, in.batch, in.height, in.width, in.values.data(), in.layout,
                            residual ? out.values.data() : nullptr, out.values.data(), out.layout);
  WEFT_CHECK(status == Status::ok, problem.describe() + " fails");
  compare(problem, out, expected);
}

void test_transposed(Team& team, const weft::dispatch::KernelTable& table, Random& random, size_t largest) {
  const Problem problem = draw_problem(random, true);
  const ConvolutionShape& shape = problem.shape;
  Pictures in(1 + random.below(3), shape.inputs, 1 + random.below(largest), 1 + random.below(largest),
              draw_layout(random));
  in.values = random.numbers(in.values.size());
  const ops::BatchNorm norm = problem.norm();
  std::shared_ptr<const ops::TransposedConvolution> convolution;
  Status status = ops::TransposedConvolution::create(
      table, shape, problem.extra_y, problem.extra_x, problem.weights(problem.with_norm ? &norm : nullptr),
      problem.activation, ops::Precision::f32, team, convolution);
  if (!WEFT_CHECK(status == Status::ok, problem.describe() + " is refused")) return;
  Pictures out(in.batch, shape.outputs, convolution->out_height(in.height), convolution->out_width(in.width),
               draw_layout(random));
  status = convolution->run(team, table, in.batch, in.height, in.width, in.values.data(), in.layout,
                            out.values.data(), out.layout);
  WEFT_CHECK(status == Status::ok, problem.describe() + " fails");
  compare(problem, out, convolve_transposed(problem, in, out));
}

// Sizes as PyTorch 2 computes them: conv2d and conv_transpose2d of 20 pixels.
void test_sizes() {
  WEFT_CHECK(ops::convolution_size({3, 2, 1, 1, 1}, 20) == 10, "convolution of stride 2");
  WEFT_CHECK(ops::convolution_size({5, 3, 2, 0, 4}, 20) == 6, "convolution with dilation");
  WEFT_CHECK(ops::convolution_size({7, 1, 4, 0, 0}, 20) == 0, "kernel larger than the picture");
  WEFT_CHECK(ops::transposed_size({3, 2, 1, 1, 1}, 20, 1) == 40, "transposed with output padding");
  WEFT_CHECK(ops::transposed_size({16, 16, 1, 0, 0}, 20, 0) == 320, "transposed patches");
}

void test_refusals(const weft::dispatch::KernelTable& table) {
  Team team;
  std::vector<float> weight(64, 1.0f);
  std::shared_ptr<const ops::Convolution> convolution;
  const auto create = [&](const ConvolutionShape& shape) {
    return ops::Convolution::create(table, shape, {weight.data(), nullptr, nullptr}, Activation::none,
                                    ops::Precision::f32, team, convolution);
  };
  const ConvolutionShape fine = {4, 4, 1, {2, 1, 1, 0, 0}, {2, 1, 1, 0, 0}};
  WEFT_CHECK(create(fine) == Status::ok, "a good shape is refused");
  for (size_t fault = 0; fault < 6; ++fault) {
    ConvolutionShape shape = fine;
    if (fault == 0) shape.groups = 3;
    if (fault == 1) shape.inputs = 0;
    if (fault == 2) shape.y.kernel = 0;
    if (fault == 3) shape.x.stride = 0;
    if (fault == 4) shape.y.dilation = 0;
    if (fault == 5) shape.x.begin = SIZE_MAX;
    WEFT_CHECK(create(shape) == Status::invalid_argument, "fault " + std::to_string(fault) + " passes");
  }
  weight[7] = std::nanf("");
  WEFT_CHECK(create(fine) == Status::not_finite, "a NaN weight passes");
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  Random random(5);
  Team alone;
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == Status::ok, "no pool");
  Team team(*pool);
  test_sizes();
  test_refusals(table);
  for (int round = 0; round < 400; ++round) {
    test_convolution(round % 2 == 0 ? alone : team, table, random, 16);
    test_transposed(round % 2 == 0 ? alone : team, table, random, 9);
  }
  for (int round = 0; round < 12; ++round) test_convolution(team, table, random, 90);
  return weft::tests::summary("convolution");
}
