// A run of a stack as an operation of the pool: one piece, whose loops idle threads join.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/operation.h"
#include "core/thread_pool.h"
#include "ops/stack.h"

namespace weft::ops {

class StackRun final : public Operation {
 public:
  // `tensors` are those that `input` points to. Its other pointers stay valid until the operation has ended.
  StackRun(std::shared_ptr<const Stack> stack, ThreadPool& pool, StackInput input,
           std::vector<std::shared_ptr<Tensor>> tensors)
      : stack_(std::move(stack)), pool_(pool), input_(std::move(input)), tensors_(std::move(tensors)) {}

  size_t task_count() const override { return 1; }
  void run_task(size_t) noexcept override {
    Team team(pool_, this);
    const Status status = stack_->run(team, input_, output_);
    if (status != Status::ok) fail(status);
  }
  std::string detail() const override {
    // The only file a run still reads is the one of its token embedding.
    return status() == Status::bad_file ? "the file of its embeddings was written to after it was opened"
                                        : "";
  }

  StackOutput& output() noexcept { return output_; }
  bool wants_hidden() const noexcept { return input_.want_hidden; }

 private:
  std::shared_ptr<const Stack> stack_;
  ThreadPool& pool_;
  StackInput input_;
  StackOutput output_;
  std::vector<std::shared_ptr<Tensor>> tensors_;
};

}  // namespace weft::ops
