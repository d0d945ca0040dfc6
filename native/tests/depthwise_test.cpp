// The two depthwise kernels alone: widths and channels up to beyond the largest block, one tap to many, odd
// addresses, with NaN and infinity, against sums in double.
#include <limits>

#include "dispatch/kernel_table.h"
#include "tests/guarded_rows.h"

namespace {

using weft::kernels::kDepthwisePadding;
using weft::tests::GuardedRows;
using weft::tests::Random;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

void test_planes(const weft::dispatch::KernelTable& table, size_t taps, size_t width, Random& random) {
  GuardedRows in(taps, width + kDepthwisePadding, 1);
  in.fill(random, -1, 1);
  if (width > 3) {
    in.row(0)[width / 2] = kNan;
    in.row(taps - 1)[width / 3] = kInfinity;
  }
  const std::vector<float> weights = random.numbers(taps);
  std::vector<const float*> rows;
  for (size_t t = 0; t < taps; ++t) rows.push_back(in.row(t));
  // What lies in the padding is anybody's; beyond it stand guards.
  GuardedRows out(1, width + kDepthwisePadding, 0);
  table.depthwise_f32->planes(taps, rows.data(), weights.data(), 0.25f, width, out.data());
  GuardedRows kept(1, width, 0);
  std::vector<double> expected;
  for (size_t i = 0; i < width; ++i) {
    double sum = 0.25;
    for (size_t t = 0; t < taps; ++t) sum += static_cast<double>(weights[t]) * rows[t][i];
    expected.push_back(sum);
    kept.data()[i] = out.data()[i];
  }
  compare({"planes", 1, width, 1e-6 * static_cast<double>(taps), 1e-6}, kept, expected);
  WEFT_CHECK(out.guards_stand(), "planes writes beyond the padding");
}

struct PixelCase {
  size_t lines, taps, stride, dilation, count, channels;
  bool with_bias;
};

void test_pixels(const weft::dispatch::KernelTable& table, const PixelCase& c, Random& random) {
  const size_t pitch = c.count * c.stride + (c.taps - 1) * c.dilation + 1;
  // Fewer pixels than places: some are seen in several, as the pixel of zeros is.
  GuardedRows in(1 + c.lines * pitch / 2, c.channels, 1), weights(c.lines, c.taps * c.channels, 0);
  in.fill(random, -1, 1);
  weights.fill(random, -1, 1);
  in.row(0)[c.channels / 2] = kNan;
  const std::vector<float> bias = random.numbers(c.channels);
  std::vector<const float*> pixels, line_weights;
  for (size_t i = 0; i < c.lines * pitch; ++i) pixels.push_back(in.row(random.below(in.rows)));
  for (size_t line = 0; line < c.lines; ++line) line_weights.push_back(weights.row(line));
  GuardedRows out(c.count, c.channels, 0);
  table.depthwise_f32->pixels({c.lines, c.taps, c.stride, c.dilation, c.channels, c.count, pixels.data(),
                               pitch, line_weights.data(), c.with_bias ? bias.data() : nullptr, out.data()});
  std::vector<double> expected;
  for (size_t p = 0; p < c.count; ++p) {
    for (size_t channel = 0; channel < c.channels; ++channel) {
      double sum = c.with_bias ? bias[channel] : 0;
      for (size_t line = 0; line < c.lines; ++line) {
        for (size_t tap = 0; tap < c.taps; ++tap) {
          sum += static_cast<double>(line_weights[line][tap * c.channels + channel]) *
                 pixels[line * pitch + p * c.stride + tap * c.dilation][channel];
        }
      }
      expected.push_back(sum);
    }
  }
  compare({"pixels", c.count, c.channels, 1e-6 * static_cast<double>(c.lines * c.taps), 1e-6}, out, expected);
}

void test_pick(const weft::dispatch::KernelTable& table, size_t step, size_t count, Random& random) {
  GuardedRows in(3, (count - (count > 0)) * step + 1, 2), out(3, count, 1);
  in.fill(random, -1, 1);
  table.depthwise_f32->pick(3, count, in.data(), in.stride, step, out.data(), out.stride);
  std::vector<double> expected;
  for (size_t row = 0; row < 3; ++row) {
    for (size_t i = 0; i < count; ++i) expected.push_back(in.row(row)[i * step]);
  }
  compare({"pick", 3, count, 0, 0}, out, expected);
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  Random random(3);
  for (size_t width = 0; width <= 300; ++width) test_planes(table, 1 + width % 11, width, random);
  for (size_t channels = 1; channels <= 70; ++channels) {
    for (const size_t count : {0, 1, 5, 6, 7, 13}) {
      const PixelCase c = {
          1 + channels % 4, 1 + random.below(7), 1 + random.below(3), 1 + random.below(2), count,
          channels,         channels % 2 == 0};
      test_pixels(table, c, random);
    }
  }
  for (size_t count = 0; count <= 70; ++count) {
    for (const size_t step : {1, 2, 3}) test_pick(table, step, count, random);
  }
  // The forms that have a path of their own, and channels beyond the widest block.
  for (const size_t taps : {3, 5, 7}) {
    for (const size_t stride : {1, 2}) {
      for (const size_t channels : {16, 33, 150})
        test_pixels(table, {3, taps, stride, 1, 14, channels, true}, random);
    }
  }
  return weft::tests::summary("depthwise");
}
