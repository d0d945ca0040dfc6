// See addon/sparse_operators.h.
#include "addon/sparse_operators.h"

#include <limits>
#include <memory>
#include <utility>

#include "addon/read_value.h"

namespace weft::addon {
namespace {

int64_t read_count(const Napi::Object& given, size_t& rows, size_t& best) {
  rows = read_size(given.Get("rows"));
  best = read_size(given.Get("best"));
  const size_t most = static_cast<size_t>(std::numeric_limits<int32_t>::max());
  if (rows > most || best > most) refuse(given.Env());
  return static_cast<int64_t>(rows * best);
}

ops::SparseRows read_rows(const Napi::Value& value, Napi::Array keep_alive) {
  const Napi::Object given = read_object(value);
  ops::SparseRows sparse;
  const int64_t count = read_count(given, sparse.rows, sparse.best);
  if (count == 0) return sparse;
  sparse.places = read_buffer<int32_t>(given.Get("places"), napi_int32_array, count, keep_alive);
  sparse.values = read_buffer<float>(given.Get("values"), napi_float32_array, count, keep_alive);
  return sparse;
}

}  // namespace

Napi::Value sharpen_rows(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const Napi::Object given = read_object(info[0]);
  const Napi::Array keep_alive = Napi::Array::New(info.Env());
  size_t rows = 0, best = 0;
  const int64_t count = read_count(given, rows, best);
  const float* values = nullptr;
  if (count > 0) values = read_buffer<float>(given.Get("values"), napi_float32_array, count, keep_alive);
  const double power = read_number(given.Get("power"));
  auto sharpened = std::make_shared<std::vector<float>>();
  const auto work = [&operators = context.operators, rows, best, values, power, sharpened](Team& team,
                                                                                           std::string&) {
    sharpened->resize(rows * best);
    return operators.sharpen_rows(team, rows, best, values, power, sharpened->data());
  };
  const auto result = [sharpened](Napi::Env env) { return to_float_array(env, *sharpened); };
  return start_work(info.Env(), context, work, result, keep_alive);
}

Napi::Value sparse_dots(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const Napi::Object given = read_object(info[0]);
  const Napi::Array keep_alive = Napi::Array::New(info.Env());
  const ops::SparseRows left = read_rows(given.Get("left"), keep_alive);
  const ops::SparseRows right = read_rows(given.Get("right"), keep_alive);
  const size_t columns = read_size(given.Get("columns"));
  auto products = std::make_shared<std::vector<float>>();
  const auto work = [&operators = context.operators, left, right, columns, products](Team& team,
                                                                                     std::string&) {
    products->resize(left.rows * right.rows);
    return operators.sparse_dots(team, left, right, columns, products->data());
  };
  const auto result = [products](Napi::Env env) { return to_float_array(env, *products); };
  return start_work(info.Env(), context, work, result, keep_alive);
}

}  // namespace weft::addon
