// Resized planes against PyTorch 2's numbers (interpolate of a 3 x 4 plane), and against the definition in
// double for drawn sizes up and down, alone and in a team.
#include "ops/resize_planes.h"

#include <algorithm>
#include <memory>

#include "core/thread_pool.h"
#include "tests/check.h"

namespace {

using weft::Status;
using weft::Team;
using weft::tests::Random;
namespace ops = weft::ops;
using ops::Interpolation;
using ops::PlaneResize;

struct Reference {
  Interpolation interpolation;
  bool align_corners;
  size_t height, width;
  std::vector<float> expected;
};

const std::vector<Reference> kReferences = {
    {Interpolation::bilinear,
     false,
     5,
     7,
     {1.0f,       -0.071428716f, -1.7857144f,  0.5000006f,  2.8214281f,  1.3928567f,  0.5f,
      2.2f,       0.98571414f,   -0.95714289f, 0.10000019f, 1.3785712f,  1.2071428f,  1.1f,
      4.0f,       2.5714283f,    0.28571415f,  -0.5000001f, -0.7857137f, 0.92857194f, 2.0f,
      -0.200001f, 0.94285703f,   2.7714293f,   1.7500002f,  0.5000003f,  0.49999991f, 0.49999964f,
      -3.0f,      -0.14285678f,  4.4285712f,   3.2499995f,  1.3571424f,  0.21428534f, -0.5f}},
    {Interpolation::bilinear, true, 5, 7, {1.0f,  -0.5f, -2.0f, 0.5f,   3.0f,  1.75f, 0.5f,   2.5f,  0.75f,
                                           -1.0f, 0.0f,  1.0f,  1.125f, 1.25f, 4.0f,  2.0f,   0.0f,  -0.5f,
                                           -1.0f, 0.5f,  2.0f,  0.5f,   1.5f,  2.5f,  1.375f, 0.25f, 0.5f,
                                           0.75f, -3.0f, 1.0f,  5.0f,   3.25f, 1.5f,  0.5f,   -0.5f}},
    {Interpolation::bicubic,
     false,
     5,
     7,
     {1.0001252f,   -0.62043196f, -2.2834113f, 0.60762566f,  3.4683163f,   1.7306821f,   0.055572677f,
      3.0898688f,   1.0437672f,   -1.4724557f, -0.55606145f, 1.3993955f,   1.4394351f,   1.2614045f,
      4.3968678f,   2.6985252f,   0.27505541f, -1.1562501f,  -0.87454343f, 0.91627192f,  2.2976494f,
      -0.39263722f, 1.2290686f,   3.1536098f,  1.9982504f,   0.12440514f,  0.28135413f,  0.61133623f,
      -4.5800309f,  -0.32351497f, 5.129118f,   4.7005005f,   1.4253464f,   -0.12495765f, -0.98605686f}},
    {Interpolation::bicubic, true, 5, 7, {1.0f,         -0.96875f,   -2.0f,      0.453125f,   3.0f,
                                          2.21875f,     0.5f,        3.15625f,   0.63427734f, -1.46875f,
                                          -0.85253906f, 0.765625f,   1.3344727f, 1.484375f,   4.0f,
                                          2.09375f,     0.0f,        -1.15625f,  -1.0f,       0.40625f,
                                          2.0f,         0.78125f,    1.9980469f, 2.6875f,     1.3647461f,
                                          -0.125f,      0.11914062f, 0.890625f,  -3.0f,       1.328125f,
                                          5.0f,         4.1875f,     1.5f,       0.171875f,   -0.5f}},
    {Interpolation::bilinear, false, 2, 3, {1.2083333f, 0.25f, 1.0624998f, -0.41666669f, 2.3125f, 0.25f}},
    {Interpolation::bicubic,
     false,
     2,
     3,
     {1.3374319f, -0.099365234f, 1.1471956f, -0.50108987f, 2.9202271f, 0.16125645f}},
    {Interpolation::nearest, false, 5, 7, {1.0f,  1.0f,  -2.0f, -2.0f, 3.0f, 3.0f, 0.5f, 1.0f,  1.0f,
                                           -2.0f, -2.0f, 3.0f,  3.0f,  0.5f, 4.0f, 4.0f, 0.0f,  0.0f,
                                           -1.0f, -1.0f, 2.0f,  4.0f,  4.0f, 0.0f, 0.0f, -1.0f, -1.0f,
                                           2.0f,  -3.0f, -3.0f, 5.0f,  5.0f, 1.5f, 1.5f, -0.5f}},
    {Interpolation::bicubic, true, 1, 1, {1.0f}},
    {Interpolation::bilinear, false, 1, 2, {2.0f, 0.5f}},
};

void test_references(const weft::dispatch::KernelTable& table) {
  const std::vector<float> plane = {1, -2, 3, 0.5f, 4, 0, -1, 2, -3, 5, 1.5f, -0.5f};
  Team team;
  for (const Reference& reference : kReferences) {
    std::vector<float> out(reference.height * reference.width);
    const PlaneResize resize = {reference.interpolation, reference.align_corners, 1, 3, 4,
                                reference.height,        reference.width};
    WEFT_CHECK(ops::resize_planes(team, table, resize, plane.data(), out.data()) == Status::ok, "fails");
    for (size_t i = 0; i < out.size(); ++i) {
      WEFT_CHECK(weft::tests::close(out[i], reference.expected[i], 2e-6, 2e-6),
                 "PyTorch has " + std::to_string(reference.expected[i]) + " at " + std::to_string(i) +
                     ", not " + std::to_string(out[i]));
    }
  }
}

// One axis in double: weights of all `in` numbers for one position.
std::vector<double> axis_weights(Interpolation interpolation, bool align_corners, size_t in, size_t out,
                                 size_t position) {
  std::vector<double> weights(in);
  const auto add = [&](double index, double weight) {
    weights[static_cast<size_t>(std::clamp(index, 0.0, static_cast<double>(in - 1)))] += weight;
  };
  const double point = static_cast<double>(position);
  const double ratio = static_cast<double>(in) / static_cast<double>(out);
  if (interpolation == Interpolation::nearest) {
    add(std::floor(point * ratio), 1);
    return weights;
  }
  double place = ratio * (point + 0.5) - 0.5;
  if (align_corners) {
    place = out == 1 ? 0.0 : point * static_cast<double>(in - 1) / static_cast<double>(out - 1);
  }
  if (interpolation == Interpolation::bilinear) place = std::max(place, 0.0);
  const double first = std::floor(place), t = place - first;
  if (interpolation == Interpolation::bilinear) {
    add(first, 1 - t);
    add(first + 1, t);
    return weights;
  }
  for (int tap = -1; tap <= 2; ++tap) {
    const double a = -0.75, x = std::fabs(t - tap);
    add(first + tap, x <= 1 ? (a + 2) * x * x * x - (a + 3) * x * x + 1
                            : a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a);
  }
  return weights;
}

void test_drawn(Team& team, const weft::dispatch::KernelTable& table, Random& random, size_t largest) {
  PlaneResize resize;
  resize.interpolation = static_cast<Interpolation>(random.below(3));
  resize.align_corners = random.below(2) == 0;
  resize.planes = 1 + random.below(4);
  resize.in_height = 1 + random.below(largest);
  resize.in_width = 1 + random.below(largest);
  // nearest: a factor of a power of two, else float and double may round to either side of a pixel's edge.
  const bool nearest = resize.interpolation == Interpolation::nearest;
  resize.out_height = nearest ? 2 * resize.in_height : 1 + random.below(2 * largest);
  resize.out_width = nearest ? 4 * resize.in_width : 1 + random.below(2 * largest);
  const size_t in_size = resize.in_height * resize.in_width, out_size = resize.out_height * resize.out_width;
  const std::vector<float> in = random.numbers(resize.planes * in_size);
  std::vector<float> out(resize.planes * out_size + 1, -9.0f);
  WEFT_CHECK(ops::resize_planes(team, table, resize, in.data(), out.data()) == Status::ok, "fails");
  WEFT_CHECK(out.back() == -9.0f, "writes beyond the last plane");
  const auto weigh = [&](size_t size_in, size_t size_out, size_t position) {
    return axis_weights(resize.interpolation, resize.align_corners, size_in, size_out, position);
  };
  bool good = true;
  std::vector<std::vector<double>> columns;
  for (size_t x = 0; x < resize.out_width; ++x)
    columns.push_back(weigh(resize.in_width, resize.out_width, x));
  for (size_t y = 0; y < resize.out_height; ++y) {
    const std::vector<double> rows = weigh(resize.in_height, resize.out_height, y);
    for (size_t plane = 0; plane < resize.planes; ++plane) {
      for (size_t x = 0; x < resize.out_width; ++x) {
        double expected = 0;
        for (size_t iy = 0; iy < resize.in_height; ++iy) {
          if (rows[iy] == 0) continue;
          for (size_t ix = 0; ix < resize.in_width; ++ix) {
            expected += rows[iy] * columns[x][ix] * in[plane * in_size + iy * resize.in_width + ix];
          }
        }
        // A place of up to `largest` is off by some units in the last place, and the slope is at most 2.
        good = good && weft::tests::close(out[plane * out_size + y * resize.out_width + x], expected,
                                          4e-7 * static_cast<double>(largest), 0);
      }
    }
  }
  WEFT_CHECK(good, std::to_string(resize.in_height) + " x " + std::to_string(resize.in_width) + " to " +
                       std::to_string(resize.out_height) + " x " + std::to_string(resize.out_width) +
                       " interpolation " + std::to_string(static_cast<int>(resize.interpolation)));
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  Random random(21);
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == Status::ok, "no pool");
  Team alone, team(*pool);
  test_references(table);
  for (int round = 0; round < 200; ++round) test_drawn(round % 2 == 0 ? alone : team, table, random, 20);
  for (int round = 0; round < 6; ++round) test_drawn(team, table, random, 120);
  std::vector<float> one(1);
  WEFT_CHECK(ops::resize_planes(alone, table, {}, one.data(), one.data()) == Status::invalid_argument,
             "sizes of zero pass");
  return weft::tests::summary("resize_planes");
}
