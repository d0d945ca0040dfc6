// A cache or a tree in the hands of JavaScript, and whether a run is using it. JavaScript thread only.
#pragma once

#include <memory>

#include "addon/handle.h"
#include "ops/kv_cache.h"
#include "ops/kv_tree.h"

namespace weft::addon {

struct HeldCache {
  // One of the two.
  std::unique_ptr<ops::KvCache> cache;
  std::unique_ptr<ops::KvTree> tree;
  bool in_use = false;
};

template <>
struct HandleKind<HeldCache> {
  static constexpr napi_type_tag kTag{0x2b94d07c6e51f8a3, 0xc65a3e7f18d2094b};
};

// The cache or tree behind a handle. Throws invalid_argument, released, cache_in_use.
std::shared_ptr<HeldCache> idle_cache_of(const Napi::Value& handle);

}  // namespace weft::addon
