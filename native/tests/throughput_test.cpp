// The throughput loops do what they say they do, so that what is measured is that and no less: their results
// in closed form, for every number of rounds and floats up to beyond two groups of the widest vectors, at odd
// addresses; and the operations on a pool.
#include "ops/throughput.h"

#include "tests/check.h"

namespace {

using weft::Status;
using weft::kernels::kThroughputChains;

void test_multiply_adds(const weft::dispatch::KernelTable& table, size_t rounds) {
  double expected = 0;
  for (size_t k = 0; k < kThroughputChains; ++k) {
    expected += 2 + (static_cast<double>(k) - 2) / std::pow(2.0, static_cast<double>(rounds));
  }
  const float sum = table.throughput_f32->multiply_adds(rounds);
  WEFT_CHECK(weft::tests::close(sum, expected, 0, 1e-6), "multiply-adds of " + std::to_string(rounds));
}

void test_read(const weft::dispatch::KernelTable& table, size_t count, size_t misalignment) {
  weft::tests::Random random(count);
  const std::vector<float> floats = random.numbers(count + misalignment);
  double expected = 0;
  double magnitude = 0;
  for (size_t i = misalignment; i < floats.size(); ++i) {
    expected += floats[i];
    magnitude += std::fabs(floats[i]);
  }
  const float sum = table.throughput_f32->read(count, floats.data() + misalignment);
  WEFT_CHECK(weft::tests::close(sum, expected, 1e-5 * magnitude, 0), "read of " + std::to_string(count));
}

void test_operations(const weft::dispatch::KernelTable& table, unsigned threads) {
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(threads, pool) == Status::ok, "a pool");
  weft::ops::MultiplyAddThroughput arithmetic(table, *pool, 1e6);
  arithmetic.run_task(0);
  WEFT_CHECK(arithmetic.throughput().amount >= 1e6, "operations asked for");
  WEFT_CHECK(arithmetic.throughput().seconds > 0, "time taken");

  std::shared_ptr<weft::Tensor> tensor;
  WEFT_CHECK(weft::Tensor::create(weft::DType::f32, {3, 500'000}, tensor) == Status::ok, "a tensor");
  std::fill_n(tensor->floats(), tensor->count(), 1.0f);
  weft::ops::ReadThroughput reading(table, *pool, tensor);
  reading.run_task(0);
  WEFT_CHECK(reading.throughput().amount == 6e6, "bytes of the tensor");
  WEFT_CHECK(reading.throughput().seconds > 0, "time taken");

  weft::ops::ReadThroughput cancelled(table, *pool, tensor);
  cancelled.cancel();
  cancelled.run_task(0);
  WEFT_CHECK(cancelled.status() == Status::cancelled, "cancelled");
  WEFT_CHECK(cancelled.throughput().amount == 0, "no figure where it was cancelled");
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  for (size_t rounds = 0; rounds <= 40; ++rounds) test_multiply_adds(table, rounds);
  for (size_t count = 0; count <= 300; ++count) test_read(table, count, count % 5);
  for (const unsigned threads : {1u, 3u}) test_operations(table, threads);
  return weft::tests::summary("throughput");
}
