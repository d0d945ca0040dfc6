// Native objects that JavaScript holds: an opaque object around a shared_ptr, of a kind that is checked
// before use. Whoever works with the object keeps its own pointer, so that releasing a handle never pulls it
// away. JavaScript thread only.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "addon/async_operator.h"

namespace weft::addon {

// Specialise for every kind of handle, with a number of its own: static constexpr napi_type_tag kTag{...};
template <typename Object>
struct HandleKind;

template <typename Object>
Napi::Object make_handle(Napi::Env env, std::shared_ptr<Object> object) {
  Napi::Object handle = Napi::Object::New(env);
  auto held = std::make_unique<std::shared_ptr<Object>>(std::move(object));
  const auto finalize = [](napi_env, void* data, void*) {
    delete static_cast<std::shared_ptr<Object>*>(data);
  };
  // The tag first: what is wrapped but untagged would be nobody's to use.
  if (napi_type_tag_object(env, handle, &HandleKind<Object>::kTag) != napi_ok ||
      napi_wrap(env, handle, held.get(), finalize, nullptr, nullptr) != napi_ok) {
    throw status_error(env, Status::internal);
  }
  held.release();
  return handle;
}

// Throws invalid_argument for anything that is no handle of this kind.
template <typename Object>
std::shared_ptr<Object>& handle_slot(const Napi::Value& value) {
  bool is_kind = false;
  void* held = nullptr;
  if (!value.IsObject() ||
      napi_check_object_type_tag(value.Env(), value, &HandleKind<Object>::kTag, &is_kind) != napi_ok ||
      !is_kind || napi_unwrap(value.Env(), value, &held) != napi_ok) {
    throw status_error(value.Env(), Status::invalid_argument);
  }
  return *static_cast<std::shared_ptr<Object>*>(held);
}

// The object of a handle in use; never null. Throws invalid_argument, released.
template <typename Object>
std::shared_ptr<Object> handle_target(const Napi::Value& value) {
  const std::shared_ptr<Object>& held = handle_slot<Object>(value);
  if (held == nullptr) throw status_error(value.Env(), Status::released);
  return held;
}

// Lets go of the object; again is harmless. Throws invalid_argument.
template <typename Object>
void release_handle(const Napi::Value& value) {
  handle_slot<Object>(value).reset();
}

}  // namespace weft::addon
