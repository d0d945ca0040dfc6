// One pass of a group of items through a stack: the working buffers and where the pass stands. Internal to
// the stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/buffer.h"
#include "ops/stack.h"

namespace weft::ops {

// Working memory of a pass, kept from group to group.
struct StackBuffers {
  Buffer normed;          // [rows, width]
  Buffer projected;       // queries, keys, values side by side, or the inner rows of an FFN
  Buffer gated;           // the other branch of a gated FFN
  Buffer attended;        // [rows, query width]
  Buffer memory;          // keys and values of a memory that no cache keeps
  Buffer cosines, sines;  // [rows, rotary / 2]
  Buffer chosen;          // the rows of the head
  Buffer narrow_query;    // [batch, query width]
  Buffer narrow_stream;   // [batch, width]
  Buffer steps[2];        // what its steps hand on, in turns
};

struct StackPass {
  Team& team;
  const Operators& operators;
  const StackDefinition& definition;
  const StackInput& input;  // of this group only
  StackBuffers& buffers;

  size_t batch = 0;
  size_t length = 0;
  size_t cached = 0;  // tokens that cache or tree hold already
  size_t rows() const { return batch * length; }
  size_t width() const { return definition.width; }

  float* stream = nullptr;      // [rows, width]
  size_t narrow_at = SIZE_MAX;  // the self-attention after which only the head's rows go on
  bool narrowed = false;        // the stream holds one row per item, the one the head reads
  size_t self_index = 0;        // self-attentions done
  size_t cross_index = 0;       // cross-attentions done
};

// Grows `buffer` to hold [rows, columns] floats; what was in it is lost.
Status reserve_rows(Buffer& buffer, size_t rows, size_t columns) noexcept;

constexpr size_t kNeverNarrow = SIZE_MAX;

// The index of the last self-attention where only the head's rows need to go on from it, else kNeverNarrow.
size_t narrowing_attention(const StackDefinition& definition, const StackInput& input) noexcept;

// The row that the head reads of an item, for heads over one row.
size_t head_row(const StackPass& pass, const Head& head, size_t item) noexcept;

// Points `query` at the head's rows only, [batch, query width], and copies their stream to narrow_stream.
// key_counts: how many keys each may see in a causal attention; else empty.
Status narrow_rows(StackPass& pass, const AttentionLayer& layer, const float*& query, size_t query_stride,
                   std::vector<size_t>& key_counts);

// The angles of this pass's positions. Call once before the first rotary attention.
Status prepare_rotary(StackPass& pass) noexcept;

// f(before(x)) of an attention, added to the stream or in its place.
Status run_attention(StackPass& pass, const Sublayer& sublayer, const float* in) noexcept;
Status run_feed_forward(StackPass& pass, const Sublayer& sublayer, const float* in) noexcept;

// The last matrix of a sublayer: its result, gated and scaled, is added to the stream or replaces it.
Status add_to_stream(StackPass& pass, const Sublayer& sublayer, const Linear& linear,
                     const float* in) noexcept;

// Columns of what a head over rows of `width` gives.
size_t head_outputs(const Head& head, size_t width) noexcept;

// The head's steps over its rows of the stream: out [batch, outputs], or [rows, outputs] for all rows.
Status run_head(StackPass& pass, const Head& head, float* out) noexcept;

}  // namespace weft::ops
