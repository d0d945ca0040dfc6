// See addon/weight_operators.h.
#include "addon/weight_operators.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/utf8.h"
#include "ops/packed_cache.h"
#include "ops/weight_jobs.h"

namespace weft::addon {
namespace {

constexpr uint32_t kMostListed = 4096;

Napi::Number number(Napi::Env env, uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Object describe(Napi::Env env, const ops::SafetensorsTensor& tensor) {
  Napi::Array shape = Napi::Array::New(env, tensor.shape.size());
  for (size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    shape.Set(static_cast<uint32_t>(axis), number(env, tensor.shape[axis]));
  }
  Napi::Object described = Napi::Object::New(env);
  described.Set("name", Napi::String::New(env, tensor.name));
  described.Set("dtype", Napi::String::New(env, ops::stored_type_name(tensor.type)));
  described.Set("shape", shape);
  described.Set("offset", number(env, tensor.offset));
  described.Set("bytes", number(env, tensor.bytes));
  return described;
}

size_t read_index(const Napi::Value& value, size_t limit) {
  const double index = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1.0;
  if (!(index >= 0 && index <= static_cast<double>(limit))) {
    throw status_error(value.Env(), Status::invalid_argument);
  }
  return static_cast<size_t>(index);
}

}  // namespace

std::shared_ptr<const ops::WeightFile> weight_file_of(const Napi::Value& handle) {
  return handle_target<const ops::WeightFile>(handle);
}

Napi::Value open_weights(const Napi::CallbackInfo& info, OperatorQueue& queue) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString()) throw status_error(env, Status::invalid_argument);
  auto job = std::make_unique<ops::OpenWeights>(info[0].As<Napi::String>().Utf8Value());
  return queue.start(env, std::move(job), Napi::Object::New(env), [](Napi::Env current, Operation& ended) {
    const std::shared_ptr<const ops::WeightFile>& file = static_cast<ops::OpenWeights&>(ended).file();
    Napi::Object result = Napi::Object::New(current);
    result.Set("handle", make_handle(current, file));
    result.Set("count", number(current, file->header().tensors.size()));
    result.Set("bytes", number(current, file->map().size()));
    return result;
  });
}

Napi::Value list_weights(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<const ops::WeightFile> file = weight_file_of(info[0]);
  const auto& tensors = file->header().tensors;
  const size_t first = read_index(info[1], tensors.size());
  const size_t count = std::min(read_index(info[2], kMostListed), tensors.size() - first);
  Napi::Array list = Napi::Array::New(env, count);
  for (size_t index = 0; index < count; ++index) {
    const Napi::HandleScope scope(env);
    list.Set(static_cast<uint32_t>(index), describe(env, tensors[first + index]));
  }
  return list;
}

Napi::Value read_weights(const Napi::CallbackInfo& info, OperatorQueue& queue) {
  const Napi::Env env = info.Env();
  std::shared_ptr<const ops::WeightFile> file = weight_file_of(info[0]);
  if (!info[1].IsString() || !info[2].IsTypedArray()) throw status_error(env, Status::invalid_argument);
  const std::string name = info[1].As<Napi::String>().Utf8Value();
  const ops::SafetensorsTensor* tensor = file->header().find(name);
  if (tensor == nullptr) {
    throw status_error(env, Status::invalid_argument, "the file has no tensor " + quote_text(name));
  }
  const auto target = info[2].As<Napi::TypedArray>();
  const bool as_floats = target.TypedArrayType() == napi_float32_array;
  if (!as_floats && target.TypedArrayType() != napi_uint8_array) {
    throw status_error(env, Status::invalid_argument);
  }
  void* place = as_floats ? static_cast<void*>(info[2].As<Napi::Float32Array>().Data())
                          : static_cast<void*>(info[2].As<Napi::Uint8Array>().Data());
  std::unique_ptr<ops::ReadWeights> job;
  const Status status =
      ops::ReadWeights::create(std::move(file), *tensor, as_floats, place, target.ByteLength(), job);
  if (status != Status::ok) throw status_error(env, status);
  return queue.start(env, std::move(job), target);
}

Napi::Value identify_weights(const Napi::CallbackInfo& info) {
  const std::shared_ptr<const ops::WeightFile> file = weight_file_of(info[0]);
  const std::string hash = info[1].IsString() ? info[1].As<Napi::String>().Utf8Value() : std::string();
  if (hash.size() != 64) throw status_error(info.Env(), Status::invalid_argument);
  file->set_content_hash(hash);
  return info.Env().Undefined();
}

Napi::Value set_packed_cache(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const double bytes = info[1].IsNumber() ? info[1].As<Napi::Number>().DoubleValue() : -1.0;
  if (!info[0].IsString() || !(bytes >= 0 && bytes <= 9007199254740991.0)) {
    throw status_error(env, Status::invalid_argument);
  }
  const std::u16string folder = info[0].As<Napi::String>().Utf16Value();
  ops::set_packed_cache(
      bytes == 0 ? nullptr : std::make_shared<ops::PackedCache>(folder, static_cast<uint64_t>(bytes)));
  return env.Undefined();
}

Napi::Value store_packed(const Napi::CallbackInfo& info, OperatorQueue& queue) {
  return queue.start(info.Env(), std::make_unique<ops::StorePacked>(ops::packed_cache()),
                     Napi::Object::New(info.Env()));
}

Napi::Value close_weights(const Napi::CallbackInfo& info) {
  release_handle<const ops::WeightFile>(info[0]);
  return info.Env().Undefined();
}

}  // namespace weft::addon
