// Attention as an operator of its own, for graphs that wire it themselves.
#pragma once

#include <napi.h>

#include "addon/tensor_work.h"

namespace weft::addon {

// attendRows({ query, key, value, heads, keyHeads, scale, causal, causalOffset, prefix, keyBias?, bias? }) ->
// tensor [batch, queries, heads * headSize]. query: [batch, queries, heads * headSize]; key, value: [batch,
// keys, keyHeads * headSize]; keyBias: tensor [batch, keys]; bias: tensor [1 or batch, 1 or heads, queries,
// keys].
Napi::Value attend_rows(const Napi::CallbackInfo& info, const OperatorContext& context);

}  // namespace weft::addon
