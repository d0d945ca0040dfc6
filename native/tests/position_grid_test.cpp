// Learned positions on another grid equal the same numbers resized as planes, whose own test knows PyTorch's.
#include "ops/position_grid.h"

#include "ops/resize_planes.h"
#include "tests/check.h"

namespace {

namespace ops = weft::ops;

void test_grid(const weft::dispatch::KernelTable& table, ops::Interpolation interpolation, size_t in_size,
               size_t out_height, size_t out_width, weft::tests::Random& random) {
  constexpr size_t kChannels = 5;
  weft::Team team;
  const size_t in_count = in_size * in_size, out_count = out_height * out_width;
  const std::vector<float> planes = random.numbers(kChannels * in_count);
  std::vector<float> grid(planes.size());
  for (size_t i = 0; i < planes.size(); ++i) grid[i % in_count * kChannels + i / in_count] = planes[i];
  std::vector<float> expected(kChannels * out_count), out(kChannels * out_count);
  const ops::PlaneResize resize = {interpolation, false, kChannels, in_size, in_size, out_height, out_width};
  WEFT_CHECK(ops::resize_planes(team, table, resize, planes.data(), expected.data()) == weft::Status::ok,
             "fails");
  ops::resize_position_grid(team, interpolation, grid.data(), in_size, in_size, kChannels, out.data(),
                            out_height, out_width);
  for (size_t i = 0; i < expected.size(); ++i) {
    WEFT_CHECK(
        weft::tests::close(out[i % out_count * kChannels + i / out_count], expected[i], 2e-6, 0),
        std::to_string(in_size) + " to " + std::to_string(out_height) + " x " + std::to_string(out_width));
  }
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  weft::tests::Random random(71);
  for (const auto interpolation : {ops::Interpolation::bilinear, ops::Interpolation::bicubic}) {
    test_grid(table, interpolation, 7, 14, 9, random);
    test_grid(table, interpolation, 14, 7, 20, random);
    test_grid(table, interpolation, 1, 3, 2, random);
  }
  return weft::tests::summary("position_grid");
}
