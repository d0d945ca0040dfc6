// See addon/read_named.h.
#include "addon/read_named.h"

namespace weft::addon {

Activation read_activation(const Napi::Value& value) {
  constexpr Named<Activation> kActivations[] = {
      {"none", Activation::none},
      {"relu", Activation::relu},
      {"gelu", Activation::gelu},
      {"gelu_tanh", Activation::gelu_tanh},
      {"quick_gelu", Activation::quick_gelu},
      {"silu", Activation::silu},
      {"tanh", Activation::tanh},
      {"sigmoid", Activation::sigmoid},
  };
  return read_named(value, kActivations);
}

ops::Precision read_precision(const Napi::Value& value) {
  constexpr Named<ops::Precision> kPrecisions[] = {
      {"fp32", ops::Precision::f32}, {"bf16", ops::Precision::bf16}, {"int8", ops::Precision::int8}};
  return read_named(value, kPrecisions);
}

}  // namespace weft::addon
