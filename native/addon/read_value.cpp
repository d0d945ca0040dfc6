// See addon/read_value.h.
#include "addon/read_value.h"

#include <climits>
#include <cmath>

namespace weft::addon {
namespace {

constexpr double kMostExact = 9007199254740991.0;

}  // namespace

void refuse(Napi::Env env, const std::string& detail) {
  throw status_error(env, Status::invalid_argument, detail);
}

Napi::Object read_object(const Napi::Value& value) {
  if (!value.IsObject()) refuse(value.Env());
  return value.As<Napi::Object>();
}

Napi::Array read_array(const Napi::Value& value) {
  if (!value.IsArray()) refuse(value.Env());
  return value.As<Napi::Array>();
}

std::string read_text(const Napi::Value& value) {
  if (!value.IsString()) refuse(value.Env());
  return value.As<Napi::String>();
}

double read_number(const Napi::Value& value) {
  if (!value.IsNumber()) refuse(value.Env());
  return value.As<Napi::Number>().DoubleValue();
}

int read_integer(const Napi::Value& value) {
  const double number = read_number(value);
  if (!(number >= INT_MIN && number <= INT_MAX) || number != std::floor(number)) refuse(value.Env());
  return static_cast<int>(number);
}

bool is_given(const Napi::Value& value) { return !value.IsUndefined() && !value.IsNull(); }

size_t read_size(const Napi::Value& value) {
  const double number = read_number(value);
  if (!(number >= 0 && number <= kMostExact) || number != std::floor(number)) refuse(value.Env());
  return static_cast<size_t>(number);
}

size_t read_size(const Napi::Value& value, size_t absent) {
  return is_given(value) ? read_size(value) : absent;
}

bool read_flag(const Napi::Value& value) {
  if (!is_given(value)) return false;
  if (!value.IsBoolean()) refuse(value.Env());
  return value.As<Napi::Boolean>();
}

}  // namespace weft::addon
