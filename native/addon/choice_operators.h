// Operators that choose: the nearest rows, the boxes that stay, the next tokens.
#pragma once

#include <napi.h>

#include "addon/tensor_work.h"

namespace weft::addon {

// cosineTopK(queries [queries, width], matrix [rows, width], count) -> { scores: Float32Array, places:
// Int32Array }, both [queries, count]
Napi::Value cosine_top_k(const Napi::CallbackInfo& info, const OperatorContext& context);

// storedTopK(queries [queries, width], [{ rows: { file, name }, norms?: { file, name } }], count) -> the same
// for rows that stay in their files, F16 or F32 [n, width]; places count through all of them
Napi::Value stored_top_k(const Napi::CallbackInfo& info, const OperatorContext& context);

// suppressBoxes({ boxes: Float32Array [count * 4], scores: Float32Array, classes?: Int32Array, overlap,
// leastScore, most? }) -> Int32Array
Napi::Value suppress_boxes(const Napi::CallbackInfo& info, const OperatorContext& context);

// sampleTokens(logits [rows, vocabulary], { temperature, topK, topP, repetitionPenalty, histories?: one
// Int32Array per row, seed, draw }) -> Int32Array
Napi::Value sample_tokens(const Napi::CallbackInfo& info, const OperatorContext& context);

}  // namespace weft::addon
