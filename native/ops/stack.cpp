// See ops/stack.h.
#include "ops/stack.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "ops/stack_pass.h"

namespace weft::ops {
namespace {

// Rows that go through the stack together: enough for the matrix products to run at full speed, few enough
// for their activations to stay in the caches.
constexpr size_t kRowsPerGroup = 1024;

std::atomic<uint64_t> next_id{1};

// Where a group's part of an optional input begins.
template <typename T>
const T* part(const T* data, size_t first, size_t per_item) {
  return data == nullptr ? nullptr : data + first * per_item;
}

Status embed(StackPass& pass) {
  const StackDefinition& definition = pass.definition;
  const StackInput& input = pass.input;
  if (definition.tokens) {
    const TokenBatch tokens = {pass.batch,      pass.length, input.ids,
                               input.positions, pass.cached, input.segments};
    return embed_tokens(pass.team, pass.operators, *definition.tokens, tokens, pass.stream, pass.width());
  }
  if (definition.patches) {
    return embed_patches(pass.team, pass.operators, *definition.patches, pass.batch, input.pixels,
                         input.picture_height, input.picture_width, pass.stream, pass.width());
  }
  std::memcpy(pass.stream, input.rows, pass.rows() * pass.width() * sizeof(float));
  return Status::ok;
}

Status run_sublayer(StackPass& pass, const Sublayer& sublayer) {
  const float* in = pass.stream;
  if (sublayer.before) {
    const Status status = reserve_rows(pass.buffers.normed, pass.rows(), pass.width());
    if (status != Status::ok) return status;
    pass.operators.normalise_rows(pass.team, sublayer.before->view(), pass.rows(), pass.width(), pass.stream,
                                  pass.width(), pass.buffers.normed.floats(), pass.width());
    in = pass.buffers.normed.floats();
  }
  const Status status =
      sublayer.attention ? run_attention(pass, sublayer, in) : run_feed_forward(pass, sublayer, in);
  if (status != Status::ok) return status;
  if (sublayer.after) {
    pass.operators.normalise_rows(pass.team, sublayer.after->view(), pass.rows(), pass.width(), pass.stream,
                                  pass.width(), pass.stream, pass.width());
  }
  return pass.team.is_cancelled() ? Status::cancelled : Status::ok;
}

void keep_hidden_state(const StackPass& pass, size_t layer, size_t first_item, StackOutput& output) {
  for (size_t index = 0; index < pass.input.hidden_states.size(); ++index) {
    if (pass.input.hidden_states[index] != layer) continue;
    const size_t floats = pass.rows() * pass.width();
    std::memcpy(output.hidden_states[index]->floats() + first_item * pass.length * pass.width(), pass.stream,
                floats * sizeof(float));
  }
}

Status run_layers(StackPass& pass, size_t first_item, StackOutput& output) {
  Status status = embed(pass);
  if (status == Status::ok && pass.definition.rotary) status = prepare_rotary(pass);
  if (status != Status::ok) return status;
  size_t layer = 0;
  keep_hidden_state(pass, layer, first_item, output);
  for (const Sublayer& sublayer : pass.definition.sublayers) {
    status = run_sublayer(pass, sublayer);
    if (status != Status::ok) return status;
    if (sublayer.ends_layer) keep_hidden_state(pass, ++layer, first_item, output);
  }
  if (pass.definition.norm) {
    pass.operators.normalise_rows(pass.team, pass.definition.norm->view(), pass.rows(), pass.width(),
                                  pass.stream, pass.width(), pass.stream, pass.width());
  }
  return Status::ok;
}

Status make_outputs(const StackDefinition& definition, const StackInput& input, StackOutput& output) {
  const std::vector<size_t> rows = {input.batch, input.length, definition.width};
  Status status = Tensor::create(DType::f32, rows, output.hidden);
  for (size_t index = 0; status == Status::ok && index < input.hidden_states.size(); ++index) {
    output.hidden_states.emplace_back();
    status = Tensor::create(DType::f32, rows, output.hidden_states.back());
  }
  if (status != Status::ok || !definition.head || !input.want_head) return status;
  const size_t outputs = head_outputs(*definition.head, definition.width);
  std::vector<size_t> shape = {input.batch, outputs};
  if (definition.head->rows == HeadRowsKind::all) shape.insert(shape.begin() + 1, input.length);
  return Tensor::create(DType::f32, std::move(shape), output.head);
}

// The part of the input that belongs to items first .. first + count - 1.
StackInput group_of(const StackDefinition& definition, const StackInput& input, size_t first, size_t count) {
  StackInput group = input;
  group.batch = count;
  group.ids = part(input.ids, first, input.length);
  group.positions = part(input.positions, first, input.length);
  group.segments = part(input.segments, first, input.length);
  group.rows = part(input.rows, first, input.length * definition.width);
  group.key_bias = part(input.key_bias, first, input.length);
  group.head_rows = part(input.head_rows, first, 1);
  if (definition.patches) {
    group.pixels =
        part(input.pixels, first, definition.patches->channels * input.picture_height * input.picture_width);
  }
  return group;
}

}  // namespace

Status reserve_rows(Buffer& buffer, size_t rows, size_t columns) noexcept {
  const size_t bytes = rows * columns * sizeof(float);
  if (buffer.bytes() >= bytes && bytes > 0) return Status::ok;
  return Buffer::allocate(bytes, buffer);
}

Status add_to_stream(StackPass& pass, const Sublayer& sublayer, const Linear& linear,
                     const float* in) noexcept {
  Epilogue epilogue = linear.epilogue();
  epilogue.column_scale = sublayer.column_scale.empty() ? nullptr : sublayer.column_scale.data();
  epilogue.scale = sublayer.scale;
  epilogue.residual = sublayer.residual ? pass.stream : nullptr;
  epilogue.residual_stride = pass.width();
  return pass.operators.gemm(pass.team, pass.rows(), in, linear.inputs(), *linear.weights, epilogue,
                             pass.stream, pass.width());
}

Status run_feed_forward(StackPass& pass, const Sublayer& sublayer, const float* in) noexcept {
  const FeedForward& layer = *sublayer.feed_forward;
  const size_t inner = layer.up.outputs();
  Status status = reserve_rows(pass.buffers.projected, pass.rows(), inner);
  if (status != Status::ok) return status;
  Epilogue epilogue = layer.up.epilogue();
  if (layer.gate) {
    status = reserve_rows(pass.buffers.gated, pass.rows(), inner);
    if (status != Status::ok) return status;
    status = pass.operators.gemm(pass.team, pass.rows(), in, pass.width(), *layer.up.weights, epilogue,
                                 pass.buffers.gated.floats(), inner);
    if (status != Status::ok) return status;
    epilogue = layer.gate.epilogue();
    epilogue.multiply = pass.buffers.gated.floats();
    epilogue.multiply_stride = inner;
  }
  epilogue.activation = layer.activation;
  const Linear& first = layer.gate ? layer.gate : layer.up;
  status = pass.operators.gemm(pass.team, pass.rows(), in, pass.width(), *first.weights, epilogue,
                               pass.buffers.projected.floats(), inner);
  if (status != Status::ok) return status;
  return add_to_stream(pass, sublayer, layer.down, pass.buffers.projected.floats());
}

Stack::Stack(const Operators& operators, StackDefinition definition)
    : operators_(operators), definition_(std::move(definition)), id_(next_id.fetch_add(1)) {
  for (const Sublayer& sublayer : definition_.sublayers) {
    if (sublayer.ends_layer) ++layers_;
    if (!sublayer.attention) continue;
    const AttentionLayer& layer = *sublayer.attention;
    if (layer.is_cross()) {
      ++cross_count_;
      memories_ = std::max(memories_, *layer.memory + 1);
    } else {
      self_shapes_.push_back({layer.key_heads, layer.head_size});
    }
  }
}

Status Stack::new_cache(size_t batch, std::unique_ptr<KvCache>& cache) const noexcept {
  try {
    cache = std::make_unique<KvCache>(id_, self_shapes_, cross_count_, batch);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

Status Stack::run(Team& team, const StackInput& input, StackOutput& output) const noexcept {
  try {
    if (input.cache != nullptr && input.cache->stack() != id_) return Status::wrong_cache;
    if (input.tree != nullptr && input.tree->prefix().stack() != id_) return Status::wrong_cache;
    Status status = make_outputs(definition_, input, output);
    if (status != Status::ok) return status;
    size_t cached = 0;
    if (input.cache != nullptr) cached = input.cache->length();
    if (input.tree != nullptr) cached = input.tree->prefix().length() + input.tree->tail_length();
    // Items of a group share caches, memories and biases, so only plain encoders are cut.
    const bool whole = input.cache != nullptr || input.tree != nullptr || !input.memories.empty() ||
                       !input.bias.empty() || input.batch == 0;
    const size_t per_group =
        whole ? input.batch : std::max<size_t>(1, kRowsPerGroup / std::max<size_t>(1, input.length));
    const size_t narrow_at = narrowing_attention(definition_, input);
    StackBuffers buffers;
    for (size_t first = 0; first < input.batch; first += per_group) {
      const size_t count = std::min(per_group, input.batch - first);
      const StackInput group = group_of(definition_, input, first, count);
      StackPass pass{team, operators_, definition_, group, buffers};
      pass.batch = count;
      pass.length = input.length;
      pass.cached = cached;
      pass.narrow_at = narrow_at;
      pass.stream = output.hidden->floats() + first * input.length * definition_.width;
      status = run_layers(pass, first, output);
      if (status == Status::ok && output.head != nullptr) {
        const size_t outputs = output.head->count() / input.batch;
        status = run_head(pass, *definition_.head, output.head->floats() + first * outputs);
      }
      if (status != Status::ok) break;
    }
    if (status == Status::ok && team.is_cancelled()) status = Status::cancelled;
    if (status != Status::ok) {
      // Keys of a memory that this run brought must not outlive it.
      if (input.cache != nullptr && input.cache->length() == 0) input.cache->forget_memories();
      return status;
    }
    if (input.cache != nullptr) input.cache->advance(input.length);
    if (input.tree != nullptr) input.tree->advance(input.length);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace weft::ops
