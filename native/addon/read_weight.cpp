// See addon/read_weight.h.
#include "addon/read_weight.h"

#include "addon/read_value.h"
#include "addon/weight_operators.h"

namespace weft::addon {
namespace {

// A stack reads tables of embeddings as long as it lives; JavaScript may do with its array what it likes.
WeightPlace copy_array(const Napi::Object& given) {
  WeightPlace place;
  const Napi::Array sides = read_array(given.Get("shape"));
  size_t count = 1;
  for (uint32_t axis = 0; axis < sides.Length(); ++axis) {
    place.shape.push_back(read_size(sides.Get(axis)));
    count *= place.shape.back();
  }
  const auto* data = read_buffer<float>(given.Get("data"), napi_float32_array, static_cast<int64_t>(count),
                                        Napi::Array::New(given.Env()));
  auto owned = std::make_shared<std::vector<float>>(data, data + count);
  place.numbers.name = is_given(given.Get("name")) ? read_text(given.Get("name")) : "(given as an array)";
  place.numbers.data = owned->data();
  place.numbers.dtype = DType::f32;
  place.numbers.count = count;
  place.numbers.owner = std::move(owned);
  return place;
}

WeightPlace find_tensor(const Napi::Object& given) {
  const std::shared_ptr<const ops::WeightFile> file =
      weight_file_of(read_object(given.Get("file")).Get("handle"));
  const std::string name = read_text(given.Get("name"));
  const ops::SafetensorsTensor* tensor = file->header().find(name);
  if (tensor == nullptr) refuse(given.Env(), "the file has no tensor " + name);
  WeightPlace place;
  if (!ops::weight_dtype(tensor->type, place.numbers.dtype)) {
    refuse(given.Env(), "tensor " + name + " has type " + ops::stored_type_name(tensor->type));
  }
  place.shape.assign(tensor->shape.begin(), tensor->shape.end());
  place.numbers.name = name;
  place.numbers.data = file->data(*tensor);
  place.numbers.count = tensor->bytes / dtype_bytes(place.numbers.dtype);
  place.numbers.file = file.get();
  place.numbers.owner = file;
  return place;
}

}  // namespace

WeightPlace read_weight(const Napi::Value& value) {
  const Napi::Object given = read_object(value);
  return is_given(given.Get("file")) ? find_tensor(given) : copy_array(given);
}

}  // namespace weft::addon
