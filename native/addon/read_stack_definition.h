// Reads a stack's definition as src/native/stack-spec.ts describes it.
#pragma once

#include <napi.h>

#include "ops/stack_builder.h"

namespace weft::addon {

// Weights of files stay where they are, and the plan keeps the files. Throws invalid_argument with a clause
// that tells what was refused, and released.
ops::StackPlan read_stack_definition(const Napi::Value& definition, const Napi::Value& precision);

}  // namespace weft::addon
