// See addon/read_stack_definition.h.
#include "addon/read_stack_definition.h"

#include <cmath>
#include <utility>

#include "addon/read_linear.h"
#include "addon/read_named.h"
#include "addon/read_value.h"
#include "addon/read_weight.h"

namespace weft::addon {
namespace {

constexpr Named<ops::HeadRowsKind> kHeadRows[] = {{"all", ops::HeadRowsKind::all},
                                                  {"first", ops::HeadRowsKind::first},
                                                  {"last", ops::HeadRowsKind::last},
                                                  {"chosen", ops::HeadRowsKind::chosen},
                                                  {"mean", ops::HeadRowsKind::mean}};
constexpr Named<ops::NormKind> kNorms[] = {{"layer", ops::NormKind::layer}, {"rms", ops::NormKind::rms}};
constexpr Named<Activation> kGates[] = {{"tanh", Activation::tanh}, {"sigmoid", Activation::sigmoid}};

// Fills a plan; the definition it points into does not move.
class Reader {
 public:
  explicit Reader(ops::StackPlan& plan) : plan_(plan) {}

  void stack(const Napi::Object& spec) {
    ops::StackDefinition& definition = *plan_.definition;
    definition.width = read_size(spec.Get("width"));
    if (is_given(spec.Get("rotary"))) rotary(read_object(spec.Get("rotary")), definition.rotary.emplace());
    if (is_given(spec.Get("tokens"))) tokens(read_object(spec.Get("tokens")), definition.tokens.emplace());
    if (is_given(spec.Get("patches")))
      patches(read_object(spec.Get("patches")), definition.patches.emplace());
    layers(read_array(spec.Get("layers")), definition.sublayers);
    norm(spec.Get("norm"), definition.norm);
    if (is_given(spec.Get("head"))) head(read_object(spec.Get("head")), definition.head.emplace());
  }

 private:
  void vector(const Napi::Value& value, std::vector<float>& target) {
    if (!is_given(value)) return;
    plan_.vectors.push_back({&target, read_weight(value).numbers});
  }

  void norm(const Napi::Value& value, std::optional<ops::OwnedNorm>& target) {
    if (!is_given(value)) return;
    const Napi::Object spec = read_object(value);
    ops::OwnedNorm& norm = target.emplace();
    if (is_given(spec.Get("kind"))) norm.kind = read_named(spec.Get("kind"), kNorms);
    norm.epsilon = static_cast<float>(read_number(spec.Get("epsilon")));
    vector(spec.Get("weight"), norm.weight);
    vector(spec.Get("bias"), norm.bias);
  }

  void linear(const Napi::Value& value, ops::Linear& target) {
    if (!is_given(value)) return;
    plan_.linears.push_back(read_linear(value, target));
    plan_.linears.back().finer = finer_;
  }

  ops::EmbeddingTable table(const Napi::Value& value) {
    WeightPlace weight = read_weight(value);
    if (weight.shape.size() != 2) refuse(value.Env(), "tensor " + weight.numbers.name + " is no table");
    return {weight.numbers.data, weight.numbers.dtype, weight.shape[0],
            weight.shape[1],     weight.numbers.owner, weight.numbers.file};
  }

  void rotary(const Napi::Object& spec, ops::Rotary& target) {
    const auto frequencies = spec.Get("inverseFrequencies");
    if (!frequencies.IsTypedArray()) refuse(spec.Env());
    const auto count = static_cast<int64_t>(frequencies.As<Napi::TypedArray>().ElementLength());
    const auto* data =
        read_buffer<float>(frequencies, napi_float32_array, count, Napi::Array::New(spec.Env()));
    target.inverse_frequencies.assign(data, data + count);
    if (is_given(spec.Get("scale"))) target.scale = static_cast<float>(read_number(spec.Get("scale")));
  }

  void tokens(const Napi::Object& spec, ops::TokenEmbedding& target) {
    target.tokens = table(spec.Get("tokens"));
    if (is_given(spec.Get("scale"))) target.scale = static_cast<float>(read_number(spec.Get("scale")));
    if (is_given(spec.Get("positions"))) target.positions = table(spec.Get("positions"));
    target.position_offset = read_size(spec.Get("positionOffset"), 0);
    if (is_given(spec.Get("segments"))) target.segments = table(spec.Get("segments"));
    linear(spec.Get("project"), target.project);
    norm(spec.Get("norm"), target.norm);
  }

  void patches(const Napi::Object& spec, ops::PatchEmbedding& target) {
    const Napi::Object project = read_object(spec.Get("project"));
    const WeightPlace weight = read_weight(project.Get("weight"));
    if (weight.shape.size() != 4)
      refuse(spec.Env(), "tensor " + weight.numbers.name + " is no convolution of patches");
    target.channels = weight.shape[1];
    target.patch_height = weight.shape[2];
    target.patch_width = weight.shape[3];
    linear(project, target.project);
    if (is_given(spec.Get("leading"))) {
      for_each(spec.Get("leading"), [&](const Napi::Value& row) { vector(row, target.leading); });
    }
    vector(spec.Get("positions"), target.positions);
    if (is_given(spec.Get("leadingPositions")))
      target.leading_positions = read_flag(spec.Get("leadingPositions"));
    if (is_given(spec.Get("grid"))) {
      const Napi::Array grid = read_array(spec.Get("grid"));
      target.grid_height = read_size(grid.Get(0u));
      target.grid_width = read_size(grid.Get(1u));
    }
    if (is_given(spec.Get("interpolation"))) {
      const std::string name = read_text(spec.Get("interpolation"));
      if (name != "bilinear" && name != "bicubic") refuse(spec.Env());
      target.interpolation = name == "bilinear" ? ops::Interpolation::bilinear : ops::Interpolation::bicubic;
    }
    norm(spec.Get("norm"), target.norm);
  }

  void layers(const Napi::Array& list, std::vector<ops::Sublayer>& sublayers) {
    size_t count = 0;
    for (uint32_t layer = 0; layer < list.Length(); ++layer) count += read_array(list.Get(layer)).Length();
    // Loads point into the vector: it must not grow later.
    sublayers.resize(count);
    size_t next = 0;
    for (uint32_t layer = 0; layer < list.Length(); ++layer) {
      const Napi::HandleScope scope(list.Env());
      const Napi::Array parts = read_array(list.Get(layer));
      if (parts.Length() == 0) refuse(list.Env(), "layer " + std::to_string(layer) + " has no sublayers");
      for (uint32_t part = 0; part < parts.Length(); ++part)
        sublayer(read_object(parts.Get(part)), sublayers[next++]);
      sublayers[next - 1].ends_layer = true;
    }
  }

  void sublayer(const Napi::Object& spec, ops::Sublayer& target) {
    finer_ = read_flag(spec.Get("finer"));
    norm(spec.Get("before"), target.before);
    norm(spec.Get("after"), target.after);
    vector(spec.Get("columnScale"), target.column_scale);
    if (is_given(spec.Get("residual"))) target.residual = read_flag(spec.Get("residual"));
    if (is_given(spec.Get("gate"))) {
      const Napi::Object gate = read_object(spec.Get("gate"));
      WeightPlace weight = read_weight(gate.Get("weight"));
      if (weight.numbers.count != 1) refuse(spec.Env(), "gate " + weight.numbers.name + " is not one number");
      plan_.gates.push_back({&target.scale, read_named(gate.Get("kind"), kGates), std::move(weight.numbers)});
    }
    if (is_given(spec.Get("selfAttention"))) {
      const Napi::Object self = read_object(spec.Get("selfAttention"));
      ops::AttentionLayer& layer = target.attention.emplace();
      attention(self, layer);
      layer.causal = read_flag(self.Get("causal"));
      layer.rotary = read_flag(self.Get("rotary"));
      linear(self.Get("qkv"), layer.query);
    }
    if (is_given(spec.Get("crossAttention"))) {
      const Napi::Object cross = read_object(spec.Get("crossAttention"));
      if (target.attention) refuse(spec.Env(), "a sublayer has two attentions");
      ops::AttentionLayer& layer = target.attention.emplace();
      attention(cross, layer);
      linear(cross.Get("query"), layer.query);
      linear(cross.Get("keyValue"), layer.key_value);
      layer.memory = read_size(cross.Get("memory"));
    }
    if (is_given(spec.Get("feedForward")))
      feed_forward(read_object(spec.Get("feedForward")), target.feed_forward.emplace());
    finer_ = false;
  }

  void attention(const Napi::Object& spec, ops::AttentionLayer& target) {
    target.heads = read_size(spec.Get("heads"));
    target.key_heads = read_size(spec.Get("keyHeads"), target.heads);
    const size_t even = target.heads == 0 ? 0 : plan_.definition->width / target.heads;
    target.head_size = read_size(spec.Get("headSize"), even);
    target.scale = is_given(spec.Get("scale"))
                       ? static_cast<float>(read_number(spec.Get("scale")))
                       : static_cast<float>(1.0 / std::sqrt(static_cast<double>(target.head_size)));
    norm(spec.Get("queryNorm"), target.query_norm);
    norm(spec.Get("keyNorm"), target.key_norm);
    linear(spec.Get("output"), target.output);
  }

  void feed_forward(const Napi::Object& spec, ops::FeedForward& target) {
    linear(spec.Get("up"), target.up);
    linear(spec.Get("gate"), target.gate);
    linear(spec.Get("down"), target.down);
    target.activation = read_activation(spec.Get("activation"));
  }

  void head(const Napi::Object& spec, ops::Head& target) {
    target.rows = read_named(spec.Get("rows"), kHeadRows);
    target.skip = read_size(spec.Get("skip"), 0);
    const Napi::Array more =
        is_given(spec.Get("more")) ? read_array(spec.Get("more")) : Napi::Array::New(spec.Env());
    // Loads point into the vector: it must not grow later.
    target.steps.resize(1 + more.Length());
    head_step(spec, target.steps[0]);
    for (uint32_t index = 0; index < more.Length(); ++index)
      head_step(read_object(more.Get(index)), target.steps[1 + index]);
  }

  void head_step(const Napi::Object& spec, ops::HeadStep& target) {
    norm(spec.Get("norm"), target.norm);
    linear(spec.Get("linear"), target.linear);
    if (is_given(spec.Get("activation"))) target.activation = read_activation(spec.Get("activation"));
  }

  ops::StackPlan& plan_;
  // Of the sublayer that is being read.
  bool finer_ = false;
};

}  // namespace

ops::StackPlan read_stack_definition(const Napi::Value& definition, const Napi::Value& precision) {
  ops::StackPlan plan;
  plan.precision = read_precision(precision);
  Reader(plan).stack(read_object(definition));
  return plan;
}

}  // namespace weft::addon
