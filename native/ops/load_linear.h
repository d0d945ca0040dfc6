// Numbers of a checkpoint, from where they are stored to where layers use them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/status.h"
#include "core/team.h"
#include "core/tensor.h"
#include "ops/linear.h"
#include "ops/operators.h"
#include "ops/weight_file.h"

namespace weft::ops {

// Elements of a checkpoint (f32, f16 or bf16, at any alignment) and what keeps them in memory.
struct StoredNumbers {
  std::string name;  // as errors tell it
  const void* data = nullptr;
  DType dtype = DType::f32;
  size_t count = 0;
  std::shared_ptr<const void> owner;
  // The file they belong to, which is the owner then: other stacks may share what is packed from them. Else
  // null.
  const WeightFile* file = nullptr;
};

struct StoredMatrix {
  StoredNumbers numbers;
  size_t outputs = 0;
  size_t inputs = 0;
};

struct LinearLoad {
  Linear* target = nullptr;
  std::vector<StoredMatrix> parts;
  std::vector<StoredNumbers> biases;  // one per part, count 0 for none; or empty
  bool inputs_first = false;
  bool finer = false;  // packed one precision finer than the rest of its stack
};

// Appends the elements as floats. not_finite, and then `detail` names the tensor. Throws std::bad_alloc.
Status append_numbers(const StoredNumbers& numbers, std::vector<float>& target, std::string& detail);

// Packs the parts, shared with whoever uses the same elements of the same files, and gathers the biases.
// invalid_argument, not_finite, bad_file (written to since it was opened), out_of_memory, cancelled; `detail`
// tells more. Throws std::bad_alloc.
Status load_linear(const Operators& operators, const LinearLoad& load, Precision precision, Team& team,
                   std::string& detail);

}  // namespace weft::ops
