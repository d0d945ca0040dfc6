// Leaving out rows that nobody reads: once the last self-attention has its keys and values, rows of an item
// no longer see each other, and a head over one row per item needs only that row. See ops/stack_pass.h.
#include <algorithm>
#include <cstring>

#include "ops/stack_pass.h"

namespace weft::ops {

size_t head_row(const StackPass& pass, const Head& head, size_t item) noexcept {
  if (head.rows == HeadRowsKind::first) return 0;
  return head.rows == HeadRowsKind::last ? pass.length - 1 : pass.input.head_rows[item];
}

size_t narrowing_attention(const StackDefinition& definition, const StackInput& input) noexcept {
  const bool one_row = definition.head && (definition.head->rows == HeadRowsKind::first ||
                                           definition.head->rows == HeadRowsKind::last ||
                                           definition.head->rows == HeadRowsKind::chosen);
  if (!one_row || !input.want_head || input.want_hidden || input.tree != nullptr || !input.bias.empty()) {
    return kNeverNarrow;
  }
  // A bias has a row for every row of the stream.
  for (const Memory& memory : input.memories) {
    if (memory.bias != nullptr) return kNeverNarrow;
  }
  size_t self = 0, ended = 0, ended_before_last = 0;
  for (const Sublayer& sublayer : definition.sublayers) {
    if (sublayer.attention && !sublayer.attention->is_cross()) {
      ended_before_last = ended;
      ++self;
    }
    if (sublayer.ends_layer) ++ended;
  }
  for (const size_t wanted : input.hidden_states) {
    if (wanted > ended_before_last) return kNeverNarrow;
  }
  return self == 0 ? kNeverNarrow : self - 1;
}

Status narrow_rows(StackPass& pass, const AttentionLayer& layer, const float*& query, size_t query_stride,
                   std::vector<size_t>& key_counts) {
  const Head& head = *pass.definition.head;
  const size_t width = pass.width();
  const size_t query_width = layer.query_width();
  Status status = reserve_rows(pass.buffers.narrow_query, pass.batch, query_width);
  if (status == Status::ok) status = reserve_rows(pass.buffers.narrow_stream, pass.batch, width);
  if (status != Status::ok) return status;
  for (size_t item = 0; item < pass.batch; ++item) {
    const size_t row = head_row(pass, head, item);
    const size_t from = item * pass.length + row;
    std::memcpy(pass.buffers.narrow_query.floats() + item * query_width, query + from * query_stride,
                query_width * sizeof(float));
    std::memcpy(pass.buffers.narrow_stream.floats() + item * width, pass.stream + from * width,
                width * sizeof(float));
    // What causality lets that row see, as a number of keys.
    if (layer.causal) {
      const size_t seen = std::max(pass.cached + row + 1, pass.input.prefix);
      key_counts.push_back(std::min(seen, pass.cached + pass.length));
    }
  }
  query = pass.buffers.narrow_query.floats();
  return Status::ok;
}

}  // namespace weft::ops
