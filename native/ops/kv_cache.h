// Keys and values of what a causal stack has already read, layer by layer. Copies share their memory until
// one of them is written to. Putting items in another order only notes it: the next run moves the numbers,
// on its threads. Not for two runs at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/buffer.h"
#include "core/status.h"
#include "core/team.h"
#include "core/tensor.h"
#include "ops/attention.h"

namespace weft::ops {

// Shapes of one attention's cache.
struct KvShape {
  size_t key_heads = 0;
  size_t head_size = 0;
  size_t row_width() const noexcept { return key_heads * head_size; }
};

// Which items of a buffer are the items of a cache; empty: all of them, as they lie.
using ItemOrder = std::vector<uint32_t>;

// Keys or values of one layer: [batch][key_heads][capacity][head_size].
class KvRows {
 public:
  // Makes room for `length` rows, keeping the first `used`. out_of_memory.
  Status reserve(const KvShape& shape, size_t batch, size_t used, size_t length) noexcept;
  // Copies rows first .. first + count - 1 of every item from [batch * count] rows at `stride`.
  void write(const KvShape& shape, size_t batch, size_t first, size_t count, const float* rows,
             size_t stride) noexcept;
  // New rows in the given order, with the first `used` of each source and room for `length`. out_of_memory.
  Status gather(Team& team, const KvShape& shape, const ItemOrder& order, size_t used,
                size_t length) noexcept;
  // The first `used` rows of every head as a tensor [batch, key_heads, used, head_size]. out_of_memory.
  Status copy(const KvShape& shape, size_t batch, const ItemOrder& order, size_t used,
              std::shared_ptr<Tensor>& copied) const noexcept;
  HeadRows view(const KvShape& shape) const noexcept;
  const float* row(const KvShape& shape, size_t item, size_t head, size_t index) const noexcept;
  size_t bytes() const noexcept { return buffer_ == nullptr ? 0 : buffer_->bytes(); }

 private:
  // Room for `length` rows, with some to grow where there is not enough.
  size_t capacity_for(size_t used, size_t length) const noexcept;

  std::shared_ptr<Buffer> buffer_;
  size_t capacity_ = 0;
};

// What a cross-attention computed from its memory: [batch * rows][width], keys before values in a row.
struct CrossRows {
  std::shared_ptr<Buffer> buffer;
  size_t rows = 0;
  size_t width = 0;
  ItemOrder order;
};

class KvCache {
 public:
  // One entry per self-attention, one per cross-attention, in the order they run.
  KvCache(uint64_t stack, std::vector<KvShape> self, size_t cross_count, size_t batch);

  uint64_t stack() const noexcept { return stack_; }
  size_t batch() const noexcept { return batch_; }
  size_t length() const noexcept { return length_; }
  size_t bytes() const noexcept;

  // Keeps the first `length` tokens. invalid_argument when it holds fewer.
  Status crop(size_t length) noexcept;
  // Item i becomes what item items[i] was: beams. The batch may grow or shrink. Moves no numbers.
  // invalid_argument, out_of_memory.
  Status reorder(std::span<const uint32_t> items) noexcept;

  // What one attention holds, as tensors [batch, key heads, length, head size] of their own. out_of_memory.
  Status copy(size_t layer, std::shared_ptr<Tensor>& keys, std::shared_ptr<Tensor>& values) const noexcept;

  // For the stack.
  const KvShape& shape(size_t layer) const noexcept { return self_[layer].shape; }
  Status append(Team& team, size_t layer, size_t count, const float* keys, const float* values,
                size_t stride) noexcept;
  // Moves what reorder() has noted, with room for `length` rows. Call it before reading a layer that is not
  // appended to. out_of_memory.
  Status settle(Team& team, size_t layer, size_t length) noexcept;
  HeadRows keys(size_t layer) const noexcept { return self_[layer].keys.view(self_[layer].shape); }
  HeadRows values(size_t layer) const noexcept { return self_[layer].values.view(self_[layer].shape); }
  const KvRows& key_rows(size_t layer) const noexcept { return self_[layer].keys; }
  const KvRows& value_rows(size_t layer) const noexcept { return self_[layer].values; }
  size_t layers() const noexcept { return self_.size(); }
  void advance(size_t count) noexcept { length_ += count; }
  // In its order, what reorder() has noted included. out_of_memory.
  Status cross(Team& team, size_t index, CrossRows*& memory) noexcept;
  void forget_memories() noexcept {
    for (CrossRows& memory : cross_) memory = {};
  }

 private:
  struct Layer {
    KvShape shape;
    KvRows keys, values;
    ItemOrder order;
  };

  uint64_t stack_;
  size_t batch_;
  size_t length_ = 0;
  std::vector<Layer> self_;
  std::vector<CrossRows> cross_;
};

}  // namespace weft::ops
