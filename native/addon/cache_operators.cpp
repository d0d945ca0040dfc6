// Caches and trees between runs. See addon/stack_operators.h.
#include <span>
#include <utility>

#include "addon/held_cache.h"
#include "addon/held_stack.h"
#include "addon/read_value.h"
#include "addon/stack_operators.h"
#include "addon/tensor_operators.h"

namespace weft::addon {
namespace {

void require(Napi::Env env, Status status) {
  if (status != Status::ok) throw status_error(env, status);
}

std::shared_ptr<HeldCache> plain_cache_of(const Napi::Value& handle) {
  std::shared_ptr<HeldCache> held = idle_cache_of(handle);
  if (held->cache == nullptr) refuse(handle.Env());
  return held;
}

std::shared_ptr<HeldCache> tree_of(const Napi::Value& handle) {
  std::shared_ptr<HeldCache> held = idle_cache_of(handle);
  if (held->tree == nullptr) refuse(handle.Env());
  return held;
}

size_t read_count(const Napi::Value& value) {
  const size_t count = read_size(value);
  if (count == 0) refuse(value.Env());
  return count;
}

}  // namespace

std::shared_ptr<HeldCache> idle_cache_of(const Napi::Value& handle) {
  std::shared_ptr<HeldCache> held = handle_target<HeldCache>(handle);
  if (held->in_use) throw status_error(handle.Env(), Status::cache_in_use);
  return held;
}

Napi::Value new_cache(const Napi::CallbackInfo& info) {
  auto held = std::make_shared<HeldCache>();
  require(info.Env(), stack_of(info[0])->new_cache(read_count(info[1]), held->cache));
  return make_handle(info.Env(), std::move(held));
}

Napi::Value new_tree(const Napi::CallbackInfo& info) {
  const auto prefix = plain_cache_of(info[0]);
  if (prefix->cache->batch() != 1) refuse(info.Env());
  auto held = std::make_shared<HeldCache>();
  held->tree = std::make_unique<ops::KvTree>(*prefix->cache, read_count(info[1]));
  return make_handle(info.Env(), std::move(held));
}

Napi::Value fork_cache(const Napi::CallbackInfo& info) {
  const auto source = plain_cache_of(info[0]);
  auto held = std::make_shared<HeldCache>();
  held->cache = std::make_unique<ops::KvCache>(*source->cache);
  return make_handle(info.Env(), std::move(held));
}

Napi::Value cache_state(const Napi::CallbackInfo& info) {
  const auto held = handle_target<HeldCache>(info[0]);
  const bool tree = held->tree != nullptr;
  const size_t batch = tree ? held->tree->branches() : held->cache->batch();
  const size_t length =
      tree ? held->tree->prefix().length() + held->tree->tail_length() : held->cache->length();
  Napi::Object state = Napi::Object::New(info.Env());
  state.Set("batch", Napi::Number::New(info.Env(), static_cast<double>(batch)));
  state.Set("length", Napi::Number::New(info.Env(), static_cast<double>(length)));
  return state;
}

Napi::Value crop_cache(const Napi::CallbackInfo& info) {
  require(info.Env(), plain_cache_of(info[0])->cache->crop(read_size(info[1])));
  return info.Env().Undefined();
}

Napi::Value reorder_cache(const Napi::CallbackInfo& info) {
  const auto held = plain_cache_of(info[0]);
  if (!info[1].IsTypedArray()) refuse(info.Env());
  const auto count = info[1].As<Napi::TypedArray>().ElementLength();
  const auto* items = read_buffer<uint32_t>(info[1], napi_uint32_array, static_cast<int64_t>(count),
                                            Napi::Array::New(info.Env()));
  require(info.Env(), held->cache->reorder(std::span(items, count)));
  return info.Env().Undefined();
}

Napi::Value clear_tree(const Napi::CallbackInfo& info) {
  tree_of(info[0])->tree->clear(read_count(info[1]));
  return info.Env().Undefined();
}

Napi::Value commit_tree(const Napi::CallbackInfo& info) {
  require(info.Env(), tree_of(info[0])->tree->commit(read_size(info[1]), read_size(info[2])));
  return info.Env().Undefined();
}

Napi::Value read_cache(const Napi::CallbackInfo& info) {
  const auto held = plain_cache_of(info[0]);
  const size_t attention = read_size(info[1]);
  if (attention >= held->cache->layers()) refuse(info.Env());
  std::shared_ptr<Tensor> keys;
  std::shared_ptr<Tensor> values;
  require(info.Env(), held->cache->copy(attention, keys, values));
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("keys", tensor_result(info.Env(), std::move(keys)));
  result.Set("values", tensor_result(info.Env(), std::move(values)));
  return result;
}

Napi::Value release_cache(const Napi::CallbackInfo& info) {
  release_handle<HeldCache>(info[0]);
  return info.Env().Undefined();
}

}  // namespace weft::addon
