// What the threads of a pool reach at most, measured: multiply-adds on registers, bytes read from memory.
// Pool operations of one piece whose loops idle threads join.
#pragma once

#include <memory>

#include "core/operation.h"
#include "core/tensor.h"
#include "core/thread_pool.h"
#include "dispatch/kernel_table.h"

namespace weft::ops {

// How much was done in how long.
struct Throughput {
  double amount = 0;  // operations, or bytes
  double seconds = 0;
};

class ThroughputOperation : public Operation {
 public:
  size_t task_count() const override { return 1; }
  // Zeros unless it succeeded.
  const Throughput& throughput() const noexcept { return throughput_; }

 protected:
  Throughput throughput_;
};

class MultiplyAddThroughput final : public ThroughputOperation {
 public:
  // At least `operations` additions and multiplications of floats, and at least some on every thread.
  MultiplyAddThroughput(const dispatch::KernelTable& table, ThreadPool& pool, double operations)
      : table_(table), pool_(pool), operations_(operations) {}
  void run_task(size_t) noexcept override;

 private:
  const dispatch::KernelTable& table_;
  ThreadPool& pool_;
  double operations_;
};

class ReadThroughput final : public ThroughputOperation {
 public:
  // Reads a float tensor once.
  ReadThroughput(const dispatch::KernelTable& table, ThreadPool& pool, std::shared_ptr<const Tensor> tensor)
      : table_(table), pool_(pool), tensor_(std::move(tensor)) {}
  void run_task(size_t) noexcept override;

 private:
  const dispatch::KernelTable& table_;
  ThreadPool& pool_;
  std::shared_ptr<const Tensor> tensor_;
};

}  // namespace weft::ops
