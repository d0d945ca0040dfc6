// Activations of rows of every width up to beyond two vectors, in place and beside, with NaN and infinity,
// against the formulas in double. How exact the vector functions are is activation_test's business.
#include <limits>

#include "ops/rows.h"
#include "tests/activation_oracle.h"
#include "tests/guarded_rows.h"

namespace {

using weft::Activation;
using weft::tests::GuardedRows;
using weft::tests::Random;

void test_activation(const weft::dispatch::KernelTable& table, Activation activation, size_t width,
                     Random& random) {
  const float specials[] = {std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN(),
                            0.0f,
                            -0.0f,
                            1e30f,
                            50.0f,
                            -50.0f};
  GuardedRows in(2, width, 1), out(2, width, 2);
  in.fill(random, -6, 6);
  if (width > 0) in.row(1)[random.below(width)] = specials[random.below(7)];
  std::vector<double> expected;
  for (size_t row = 0; row < 2; ++row) {
    for (size_t i = 0; i < width; ++i)
      expected.push_back(weft::tests::activation_oracle(activation, in.row(row)[i]));
  }
  weft::Team team;
  const weft::tests::RowsCase c = {"activation", 2, width, 1e-35, 1e-6};
  weft::ops::activate_rows(team, table, activation, 2, width, in.data(), in.stride, out.data(), out.stride);
  compare(c, out, expected);
  weft::ops::activate_rows(team, table, activation, 2, width, in.data(), in.stride, in.data(), in.stride);
  compare(c, in, expected);
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  Random random(9);
  for (const Activation activation : weft::tests::kActivations) {
    for (size_t width = 0; width <= 70; ++width) test_activation(table, activation, width, random);
  }
  return weft::tests::summary("activate_rows");
}
