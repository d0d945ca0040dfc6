// What matrix products reach on the threads of a pool, measured: to be read beside MultiplyAddThroughput.
#pragma once

#include "ops/packed_matrix.h"
#include "ops/throughput.h"

namespace weft::ops {

class MatrixThroughput final : public ThroughputOperation {
 public:
  // A layer of usual size: float rows times weights of that precision, packed beforehand.
  static constexpr size_t kRows = 256;
  static constexpr size_t kInputs = 1024;
  static constexpr size_t kOutputs = 1024;

  // As many products as `operations` (multiplications and additions) need, at least one.
  MatrixThroughput(const dispatch::KernelTable& table, ThreadPool& pool, Precision precision,
                   double operations)
      : table_(table), pool_(pool), precision_(precision), operations_(operations) {}
  void run_task(size_t) noexcept override;

 private:
  const dispatch::KernelTable& table_;
  ThreadPool& pool_;
  Precision precision_;
  double operations_;
};

}  // namespace weft::ops
