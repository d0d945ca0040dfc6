// Builds a stack: loads and packs the weights its definition asks for, then checks that all parts fit each
// other.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/operation.h"
#include "core/thread_pool.h"
#include "ops/load_linear.h"
#include "ops/stack.h"

namespace weft::ops {

struct VectorLoad {
  std::vector<float>* target = nullptr;  // grows by the numbers
  StoredNumbers numbers;
};

struct GateLoad {
  float* target = nullptr;
  Activation activation = Activation::none;
  StoredNumbers numbers;  // one
};

// A definition whose weights are still where the checkpoint keeps them. The targets point into `definition`.
struct StackPlan {
  std::unique_ptr<StackDefinition> definition = std::make_unique<StackDefinition>();
  Precision precision = Precision::f32;
  std::vector<LinearLoad> linears;
  std::vector<VectorLoad> vectors;
  std::vector<GateLoad> gates;
};

class StackBuild final : public Operation {
 public:
  StackBuild(const Operators& operators, ThreadPool& pool, StackPlan plan)
      : operators_(operators), pool_(pool), plan_(std::move(plan)) {}

  size_t task_count() const override { return 1; }
  void run_task(size_t index) noexcept override;
  // Which tensor is not finite, which parts do not fit.
  std::string detail() const override { return detail_; }

  const std::shared_ptr<const Stack>& stack() const noexcept { return stack_; }
  // Packed bytes, those shared with other stacks included.
  size_t bytes() const noexcept { return bytes_; }

 private:
  Status load();

  const Operators& operators_;
  ThreadPool& pool_;
  StackPlan plan_;
  std::shared_ptr<const Stack> stack_;
  size_t bytes_ = 0;
  std::string detail_;
};

// Empty when every part fits the others; else a clause that names the first that does not.
std::string check_definition(const StackDefinition& definition);

}  // namespace weft::ops
