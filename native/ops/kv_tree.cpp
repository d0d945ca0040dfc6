// See ops/kv_tree.h.
#include "ops/kv_tree.h"

#include <new>

namespace weft::ops {

KvTree::KvTree(const KvCache& prefix, size_t branches)
    : prefix_(prefix), branches_(branches), tails_(prefix.layers()) {}

size_t KvTree::bytes() const noexcept {
  size_t total = prefix_.bytes();
  for (const Tail& tail : tails_) total += tail.keys.bytes() + tail.values.bytes();
  return total;
}

void KvTree::clear(size_t branches) noexcept {
  // Tails of the same number of branches keep their memory.
  if (branches != branches_) {
    for (Tail& tail : tails_) tail = {};
  }
  branches_ = branches;
  tail_length_ = 0;
}

Status KvTree::commit(size_t branch, size_t count) noexcept {
  if (branch >= branches_ || count > tail_length_) return Status::invalid_argument;
  Team alone;
  for (size_t layer = 0; count > 0 && layer < tails_.size(); ++layer) {
    const KvShape& shape = prefix_.shape(layer);
    Buffer rows;
    const Status allocated = Buffer::allocate(2 * count * shape.row_width() * sizeof(float), rows);
    if (allocated != Status::ok) return allocated;
    float* keys = rows.floats();
    float* values = keys + count * shape.row_width();
    for (size_t index = 0; index < count; ++index) {
      for (size_t head = 0; head < shape.key_heads; ++head) {
        const size_t place = index * shape.row_width() + head * shape.head_size;
        const float* key = tails_[layer].keys.row(shape, branch, head, index);
        const float* value = tails_[layer].values.row(shape, branch, head, index);
        for (size_t element = 0; element < shape.head_size; ++element) {
          keys[place + element] = key[element];
          values[place + element] = value[element];
        }
      }
    }
    const Status status = prefix_.append(alone, layer, count, keys, values, shape.row_width());
    if (status != Status::ok) return status;
  }
  prefix_.advance(count);
  clear(branches_);
  return Status::ok;
}

Status KvTree::append(Team& team, size_t layer, size_t count, const float* keys, const float* values,
                      size_t stride) noexcept {
  const KvShape& shape = prefix_.shape(layer);
  Tail& tail = tails_[layer];
  Status status = prefix_.settle(team, layer, prefix_.length());
  if (status == Status::ok) status = tail.keys.reserve(shape, branches_, tail_length_, tail_length_ + count);
  if (status == Status::ok)
    status = tail.values.reserve(shape, branches_, tail_length_, tail_length_ + count);
  if (status != Status::ok) return status;
  tail.keys.write(shape, branches_, tail_length_, count, keys, stride);
  tail.values.write(shape, branches_, tail_length_, count, values, stride);
  return Status::ok;
}

}  // namespace weft::ops
