// A whole transformer stack as one operation: embedding, sublayers, final norm, pooled head. Immutable once
// built; any number of runs may use it at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/status.h"
#include "core/team.h"
#include "core/tensor.h"
#include "ops/attention.h"
#include "ops/embedding.h"
#include "ops/kv_cache.h"
#include "ops/kv_tree.h"
#include "ops/operators.h"
#include "ops/stack_layers.h"

namespace weft::ops {

// Rotary positions: the angle of pair d at position p is p * inverse_frequencies[d]; both parts are scaled.
struct Rotary {
  std::vector<float> inverse_frequencies;  // [rotary / 2]
  float scale = 1.0f;
};

// Which rows the head reads.
enum class HeadRowsKind : uint8_t {
  all,     // every row
  first,   // row 0 of every item
  last,    // the last row of every item
  chosen,  // row `head_rows[item]` of the input
  mean,    // the mean over rows from `skip` on
};

// activation(linear(norm(x))); norm and linear may be absent.
struct HeadStep {
  std::optional<OwnedNorm> norm;
  Linear linear;
  Activation activation = Activation::none;
};

struct Head {
  HeadRowsKind rows = HeadRowsKind::first;
  size_t skip = 0;              // mean: leading rows left out
  std::vector<HeadStep> steps;  // of the chosen rows only; at least one
};

struct StackDefinition {
  size_t width = 0;
  std::optional<TokenEmbedding> tokens;
  std::optional<PatchEmbedding> patches;
  std::vector<Sublayer> sublayers;
  std::optional<OwnedNorm> norm;  // of the whole stream, after the last layer
  std::optional<Head> head;
  std::optional<Rotary> rotary;
};

// What a cross-attention reads: [batch, rows, width].
struct Memory {
  const Tensor* rows = nullptr;
  // [batch, rows] added to the scores, or null.
  const float* key_bias = nullptr;
  // [1 or batch, 1 or heads, length, rows] added to the scores, or null.
  const Tensor* bias = nullptr;
};

// Exactly one of `ids` (a token embedding), `pixels` (a patch embedding) and `rows` (neither) is given.
struct StackInput {
  size_t batch = 0;
  size_t length = 0;                   // rows per item; for pixels it follows from their size
  const int64_t* ids = nullptr;        // [batch, length]
  const int64_t* positions = nullptr;  // [batch, length], of tokens and rotary; null: counted on
  const int64_t* segments = nullptr;   // [batch, length]
  const float* pixels = nullptr;       // [batch, channels, picture_height, picture_width]
  size_t picture_height = 0;
  size_t picture_width = 0;
  const float* rows = nullptr;  // [batch, length, width]
  // Self-attention: [batch, cached + length], added to the scores of every query; null: nothing is masked.
  const float* key_bias = nullptr;
  // Self-attention, every layer or one tensor per layer: [1 or batch, 1 or heads, length, cached + length].
  std::vector<const Tensor*> bias;
  size_t prefix = 0;  // rows at the start that every row sees, causal or not
  std::vector<Memory> memories;
  const uint32_t* head_rows = nullptr;  // [batch], for HeadRowsKind::chosen
  KvCache* cache = nullptr;
  KvTree* tree = nullptr;
  // Hidden states wanted: 0 is the input of the first layer, n the output of layer n (before the final norm).
  std::vector<size_t> hidden_states;
  // The stream after the final norm. Without it a head over one row per item spares the last layer the other
  // rows.
  bool want_hidden = true;
  bool want_head = true;
};

struct StackOutput {
  std::shared_ptr<Tensor> hidden;  // [batch, length, width]
  std::shared_ptr<Tensor> head;    // [batch, outputs], or [batch, length, outputs] for HeadRowsKind::all
  std::vector<std::shared_ptr<Tensor>> hidden_states;  // as asked for, [batch, length, width]
};

class Stack {
 public:
  // The definition must be consistent; the builder checks it (ops/stack_builder.h).
  Stack(const Operators& operators, StackDefinition definition);

  const StackDefinition& definition() const noexcept { return definition_; }
  uint64_t id() const noexcept { return id_; }
  size_t layers() const noexcept { return layers_; }
  size_t memories() const noexcept { return memories_; }

  // A cache for `batch` items. out_of_memory.
  Status new_cache(size_t batch, std::unique_ptr<KvCache>& cache) const noexcept;

  // Pictures and batches larger than the caches run in groups of items; results are the same.
  // invalid_argument, token_out_of_range, position_out_of_range, wrong_cache, bad_file, out_of_memory,
  // cancelled. A cache or tree is as before when the run fails.
  Status run(Team& team, const StackInput& input, StackOutput& output) const noexcept;

 private:
  const Operators& operators_;
  StackDefinition definition_;
  uint64_t id_;
  size_t layers_ = 0;
  size_t memories_ = 0;
  std::vector<KvShape> self_shapes_;
  size_t cross_count_ = 0;
};

}  // namespace weft::ops
