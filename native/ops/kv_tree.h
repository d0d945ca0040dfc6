// One shared prefix and many short branches that continue it: what re-ranking k candidates needs. The prefix
// is kept once; every branch has only its own tail. Not for two runs at once.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/status.h"
#include "ops/kv_cache.h"

namespace weft::ops {

class KvTree {
 public:
  // `prefix`: a cache of batch 1 without cross-attention; later appends to it do not reach this tree.
  KvTree(const KvCache& prefix, size_t branches);

  const KvCache& prefix() const noexcept { return prefix_; }
  size_t branches() const noexcept { return branches_; }
  size_t tail_length() const noexcept { return tail_length_; }
  size_t bytes() const noexcept;

  // Forgets all tails and starts `branches` new ones.
  void clear(size_t branches) noexcept;
  // Appends the first `count` tokens of a branch's tail to the prefix and forgets all tails.
  // invalid_argument.
  Status commit(size_t branch, size_t count) noexcept;

  // For the stack.
  Status append(Team& team, size_t layer, size_t count, const float* keys, const float* values,
                size_t stride) noexcept;
  HeadRows tail_keys(size_t layer) const noexcept { return tails_[layer].keys.view(prefix_.shape(layer)); }
  HeadRows tail_values(size_t layer) const noexcept {
    return tails_[layer].values.view(prefix_.shape(layer));
  }
  void advance(size_t count) noexcept { tail_length_ += count; }

 private:
  struct Tail {
    KvRows keys, values;
  };

  KvCache prefix_;
  size_t branches_;
  size_t tail_length_ = 0;
  std::vector<Tail> tails_;
};

}  // namespace weft::ops
