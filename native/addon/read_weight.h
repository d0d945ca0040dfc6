// Reads where weights lie: a tensor of an open file, or numbers that JavaScript made.
#pragma once

#include <napi.h>

#include <cstddef>
#include <vector>

#include "ops/stack_builder.h"

namespace weft::addon {

struct WeightPlace {
  ops::StoredNumbers numbers;
  std::vector<size_t> shape;
};

// { file, name, rows? }, of which `rows`: [start, count] leaves some of the first axis, or
// { data, shape, name? }, which is copied. Throws invalid_argument, released.
WeightPlace read_weight(const Napi::Value& value);

}  // namespace weft::addon
