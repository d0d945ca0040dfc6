// Whether the parts of a stack fit each other. See ops/stack_builder.h.
#include <string>

#include "ops/stack_builder.h"

namespace weft::ops {
namespace {

// Collects the first complaint; later checks are skipped.
class Checker {
 public:
  const std::string& complaint() const { return complaint_; }

  void is(const std::string& what, size_t received, size_t expected) {
    if (complaint_.empty() && received != expected) {
      complaint_ =
          what + " is " + std::to_string(received) + " where " + std::to_string(expected) + " is expected";
    }
  }

  void holds(bool condition, const std::string& complaint) {
    if (complaint_.empty() && !condition) complaint_ = complaint;
  }

  void linear(const std::string& where, const Linear& linear, size_t inputs, size_t outputs) {
    if (!complaint_.empty()) return;
    holds(static_cast<bool>(linear), where + " is missing");
    if (!complaint_.empty()) return;
    is("the input width of " + where, linear.inputs(), inputs);
    is("the output width of " + where, linear.outputs(), outputs);
    if (!linear.bias.empty()) is("the bias of " + where, linear.bias.size(), outputs);
  }

  void vector(const std::string& where, const std::vector<float>& numbers, size_t count) {
    if (!numbers.empty()) is("the size of " + where, numbers.size(), count);
  }

  void norm(const std::string& where, const std::optional<OwnedNorm>& norm, size_t width) {
    if (!norm) return;
    vector("the weight of " + where, norm->weight, width);
    vector("the bias of " + where, norm->bias, width);
    holds(norm->epsilon >= 0.0f, "the epsilon of " + where + " is negative or not a number");
  }

 private:
  std::string complaint_;
};

void check_attention(Checker& checker, const std::string& where, const StackDefinition& definition,
                     const AttentionLayer& layer) {
  const bool sized = layer.heads > 0 && layer.key_heads > 0 && layer.heads % layer.key_heads == 0 &&
                     layer.head_size > 0 && layer.head_size <= kMostHeadSize;
  checker.holds(sized, where + " has " + std::to_string(layer.heads) + " heads of " +
                           std::to_string(layer.head_size) + " over " + std::to_string(layer.key_heads) +
                           " key heads; heads must be a multiple of key heads, and their size 1 to " +
                           std::to_string(kMostHeadSize));
  if (!sized) return;
  const size_t queries = layer.query_width();
  const size_t keys = 2 * layer.key_width();
  if (layer.is_cross()) {
    checker.linear("the query of " + where, layer.query, definition.width, queries);
    checker.linear("the keys and values of " + where, layer.key_value,
                   layer.key_value ? layer.key_value.inputs() : 0, keys);
  } else {
    checker.linear("query, key and value of " + where, layer.query, definition.width, queries + keys);
  }
  checker.linear("the output of " + where, layer.output, queries, definition.width);
  checker.norm("the query norm of " + where, layer.query_norm, layer.head_size);
  checker.norm("the key norm of " + where, layer.key_norm, layer.head_size);
  if (layer.rotary) {
    const bool turns =
        definition.rotary && 2 * definition.rotary->inverse_frequencies.size() <= layer.head_size;
    checker.holds(turns,
                  where + " turns by rotary positions that the stack lacks or that are wider than a head");
  }
}

void check_feed_forward(Checker& checker, const std::string& where, size_t width, const FeedForward& layer) {
  const size_t inner = layer.up ? layer.up.outputs() : 0;
  checker.linear("the first matrix of " + where, layer.up, width, inner);
  if (layer.gate) checker.linear("the gate of " + where, layer.gate, width, inner);
  checker.linear("the last matrix of " + where, layer.down, inner, width);
}

void check_tokens(Checker& checker, const TokenEmbedding& tokens, size_t width) {
  if (tokens.project) {
    checker.linear("the projection of the tokens", tokens.project, tokens.tokens.width, width);
  } else {
    checker.is("the width of the tokens", tokens.tokens.width, width);
  }
  if (tokens.positions) checker.is("the width of the positions", tokens.positions->width, width);
  if (tokens.segments) checker.is("the width of the segments", tokens.segments->width, width);
  checker.norm("the norm of the embedding", tokens.norm, width);
}

void check_patches(Checker& checker, const PatchEmbedding& patches, size_t width) {
  checker.holds(patches.patch_height > 0 && patches.patch_width > 0 && patches.channels > 0,
                "a patch has no pixels");
  checker.linear("the projection of the patches", patches.project,
                 patches.channels * patches.patch_height * patches.patch_width, width);
  checker.holds(patches.leading.size() % width == 0, "the leading rows are not as wide as the stack");
  if (!patches.positions.empty()) {
    const size_t leading = patches.leading_positions ? patches.leading.size() / width : 0;
    checker.is("the number of positions", patches.positions.size(),
               (leading + patches.grid_height * patches.grid_width) * width);
  }
  checker.norm("the norm of the embedding", patches.norm, width);
}

void check_head(Checker& checker, const Head& head, size_t width) {
  checker.holds(!head.steps.empty(), "the head has no steps");
  for (size_t index = 0; index < head.steps.size(); ++index) {
    const HeadStep& step = head.steps[index];
    const std::string where = index == 0 ? "the head" : "step " + std::to_string(index) + " of the head";
    checker.norm("the norm of " + where, step.norm, width);
    if (!step.linear) continue;
    checker.linear(where, step.linear, width, step.linear.outputs());
    width = step.linear.outputs();
  }
}

}  // namespace

std::string check_definition(const StackDefinition& definition) {
  Checker checker;
  const size_t width = definition.width;
  checker.holds(width > 0, "the stack has no width");
  if (width == 0) return checker.complaint();
  if (definition.tokens) check_tokens(checker, *definition.tokens, width);
  if (definition.patches) check_patches(checker, *definition.patches, width);
  for (size_t index = 0; index < definition.sublayers.size(); ++index) {
    const Sublayer& sublayer = definition.sublayers[index];
    const std::string where = "sublayer " + std::to_string(index);
    checker.norm("the norm before " + where, sublayer.before, width);
    checker.norm("the norm after " + where, sublayer.after, width);
    checker.vector("the layer scale of " + where, sublayer.column_scale, width);
    checker.holds(sublayer.attention.has_value() != sublayer.feed_forward.has_value(),
                  where + " must be one attention or one feed-forward");
    if (sublayer.attention) check_attention(checker, where, definition, *sublayer.attention);
    if (sublayer.feed_forward) check_feed_forward(checker, where, width, *sublayer.feed_forward);
  }
  checker.norm("the final norm", definition.norm, width);
  if (definition.head) check_head(checker, *definition.head, width);
  return checker.complaint();
}

}  // namespace weft::ops
