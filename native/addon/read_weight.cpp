// See addon/read_weight.h.
#include "addon/read_weight.h"

#include <string>

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

// Leaves `count` rows of the first axis from `start` on.
void cut_rows(const Napi::Value& value, WeightPlace& place) {
  const Napi::Array rows = read_array(value);
  const size_t start = read_size(rows.Get(0u)), count = read_size(rows.Get(1u));
  const size_t all = place.shape.empty() ? 0 : place.shape[0];
  ops::StoredNumbers& numbers = place.numbers;
  if (count == 0 || start >= all || count > all - start) {
    refuse(value.Env(), "tensor " + numbers.name + " has " + std::to_string(all) + " rows, not " +
                            std::to_string(count) + " from row " + std::to_string(start) + " on");
  }
  const size_t width = numbers.count / all;
  place.shape[0] = count;
  numbers.count = count * width;
  numbers.data = static_cast<const char*>(numbers.data) + start * width * dtype_bytes(numbers.dtype);
  numbers.name += "[" + std::to_string(start) + ":" + std::to_string(start + count) + "]";
}

}  // namespace

WeightPlace read_weight(const Napi::Value& value) {
  const Napi::Object given = read_object(value);
  if (!is_given(given.Get("file"))) return copy_array(given);
  WeightPlace place = find_tensor(given);
  if (is_given(given.Get("rows"))) cut_rows(given.Get("rows"), place);
  return place;
}

}  // namespace weft::addon
