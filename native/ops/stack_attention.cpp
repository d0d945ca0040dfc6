// The attention sublayers of a stack. See ops/stack_pass.h.
#include <cmath>

#include "ops/stack_pass.h"

namespace weft::ops {
namespace {

// Query, key and value rows of one attention, wherever they lie.
struct Sources {
  const float* query = nullptr;  // [rows] at query_stride
  size_t query_stride = 0;
  size_t query_length = 0;      // per item
  std::vector<size_t> counts;   // keys that each item's row sees, instead of causality; or empty
  const float* keys = nullptr;  // the new rows, [batch * key_length] at key_stride
  const float* values = nullptr;
  size_t key_stride = 0;
  size_t key_length = 0;
};

// Norms over each head of rows that lie inside wider rows.
void normalise_heads(StackPass& pass, const OwnedNorm& norm, size_t heads, size_t head_size, float* data,
                     size_t stride) {
  for (size_t head = 0; head < heads; ++head) {
    float* first = data + head * head_size;
    pass.operators.normalise_rows(pass.team, norm.view(), pass.rows(), head_size, first, stride, first,
                                  stride);
  }
}

void apply_rotary(StackPass& pass, size_t heads, const AttentionLayer& layer, float* data, size_t stride) {
  pass.operators.rotate_rows(pass.team, pass.rows(), heads, layer.head_size,
                             2 * pass.definition.rotary->inverse_frequencies.size(),
                             pass.buffers.cosines.floats(), pass.buffers.sines.floats(), data, stride);
}

HeadRows rows_of(const float* data, size_t length, size_t stride, size_t head_size) {
  return {data, length * stride, stride, head_size};
}

Attention problem_of(const StackPass& pass, const AttentionLayer& layer, const Sources& sources) {
  Attention problem;
  problem.batch = pass.batch;
  problem.heads = layer.heads;
  problem.key_heads = layer.key_heads;
  problem.head_size = layer.head_size;
  problem.queries = sources.query_length;
  problem.query = rows_of(sources.query, sources.query_length, sources.query_stride, layer.head_size);
  problem.scale = layer.scale;
  return problem;
}

// bias: [1 or batch, 1 or heads, length, keys].
void add_bias(const StackPass& pass, const Tensor& bias, AttentionMask& mask, size_t keys) {
  const auto& shape = bias.shape();
  const size_t plane = pass.length * keys;
  mask.bias = bias.floats();
  mask.bias_row_stride = keys;
  mask.bias_head_stride = shape[1] == 1 ? 0 : plane;
  mask.bias_batch_stride = shape[0] == 1 ? 0 : shape[1] * plane;
}

Status attend_self(StackPass& pass, const AttentionLayer& layer, const Sources& sources) {
  Attention problem = problem_of(pass, layer, sources);
  problem.mask.causal = layer.causal && sources.counts.empty();
  problem.mask.key_counts = sources.counts.empty() ? nullptr : sources.counts.data();
  problem.mask.causal_offset = pass.cached;
  float* out = pass.buffers.attended.floats();
  const size_t width = layer.query_width();

  if (pass.input.tree != nullptr) {
    KvTree& tree = *pass.input.tree;
    const size_t index = pass.self_index;
    const Status status =
        tree.append(pass.team, index, pass.length, sources.keys, sources.values, sources.key_stride);
    if (status != Status::ok) return status;
    problem.keys = tree.tail_length() + pass.length;
    problem.mask.causal_offset = tree.tail_length();
    problem.key = tree.tail_keys(index);
    problem.value = tree.tail_values(index);
    HeadRows shared_keys = tree.prefix().keys(index);
    HeadRows shared_values = tree.prefix().values(index);
    shared_keys.batch_stride = shared_values.batch_stride = 0;
    return pass.operators.attend_tree(pass.team, problem, tree.prefix().length(), shared_keys, shared_values,
                                      out, pass.length * width, width, layer.head_size);
  }
  if (pass.input.cache != nullptr) {
    KvCache& cache = *pass.input.cache;
    const Status status = cache.append(pass.team, pass.self_index, pass.length, sources.keys, sources.values,
                                       sources.key_stride);
    if (status != Status::ok) return status;
    problem.keys = pass.cached + pass.length;
    problem.key = cache.keys(pass.self_index);
    problem.value = cache.values(pass.self_index);
  } else {
    problem.keys = pass.length;
    problem.key = rows_of(sources.keys, pass.length, sources.key_stride, layer.head_size);
    problem.value = rows_of(sources.values, pass.length, sources.key_stride, layer.head_size);
  }
  problem.mask.prefix = pass.input.prefix;
  problem.mask.key_bias = pass.input.key_bias;
  problem.mask.key_bias_stride = problem.keys;
  const auto& biases = pass.input.bias;
  if (!biases.empty()) {
    add_bias(pass, *biases[biases.size() == 1 ? 0 : pass.self_index], problem.mask, problem.keys);
  }
  return pass.operators.attend(pass.team, problem, out, sources.query_length * width, width, layer.head_size);
}

Status attend_memory(StackPass& pass, const AttentionLayer& layer, const Sources& sources,
                     const Memory* memory) {
  Attention problem = problem_of(pass, layer, sources);
  problem.keys = sources.key_length;
  problem.key = rows_of(sources.keys, sources.key_length, sources.key_stride, layer.head_size);
  problem.value = rows_of(sources.values, sources.key_length, sources.key_stride, layer.head_size);
  if (memory != nullptr && memory->key_bias != nullptr) {
    problem.mask.key_bias = memory->key_bias;
    problem.mask.key_bias_stride = sources.key_length;
  }
  if (memory != nullptr && memory->bias != nullptr) {
    add_bias(pass, *memory->bias, problem.mask, sources.key_length);
  }
  const size_t width = layer.query_width();
  return pass.operators.attend(pass.team, problem, pass.buffers.attended.floats(), pass.length * width, width,
                               layer.head_size);
}

Status run_self(StackPass& pass, const AttentionLayer& layer, const float* in) {
  const size_t query_width = layer.query_width();
  const size_t key_width = layer.key_width();
  const size_t stride = query_width + 2 * key_width;
  Status status = reserve_rows(pass.buffers.projected, pass.rows(), stride);
  if (status != Status::ok) return status;
  float* query = pass.buffers.projected.floats();
  status = pass.operators.gemm(pass.team, pass.rows(), in, pass.width(), *layer.query.weights,
                               layer.query.epilogue(), query, stride);
  if (status != Status::ok) return status;
  float* keys = query + query_width;
  if (layer.query_norm) normalise_heads(pass, *layer.query_norm, layer.heads, layer.head_size, query, stride);
  if (layer.key_norm) normalise_heads(pass, *layer.key_norm, layer.key_heads, layer.head_size, keys, stride);
  if (layer.rotary) {
    apply_rotary(pass, layer.heads, layer, query, stride);
    apply_rotary(pass, layer.key_heads, layer, keys, stride);
  }
  Sources sources{query, stride, pass.length, {}, keys, keys + key_width, stride, pass.length};
  const bool narrow = pass.self_index == pass.narrow_at;
  if (narrow) {
    status = narrow_rows(pass, layer, sources.query, stride, sources.counts);
    if (status != Status::ok) return status;
    sources.query_stride = query_width;
    sources.query_length = 1;
  }
  status = attend_self(pass, layer, sources);
  ++pass.self_index;
  if (narrow) {
    pass.stream = pass.buffers.narrow_stream.floats();
    pass.length = 1;
    pass.narrowed = true;
  }
  return status;
}

// Keys and values of a memory: computed once per cache, else once per run.
Status project_memory(StackPass& pass, const AttentionLayer& layer, const Memory* memory, Sources& sources) {
  const size_t stride = 2 * layer.key_width();
  CrossRows* kept = nullptr;
  if (pass.input.cache != nullptr) {
    const Status found = pass.input.cache->cross(pass.team, pass.cross_index, kept);
    if (found != Status::ok) return found;
  }
  const float* rows = nullptr;
  if (kept != nullptr && kept->buffer != nullptr) {
    // Masks and biases that come with a memory are as long as the memory.
    if (memory != nullptr && memory->rows != nullptr && memory->rows->shape()[1] != kept->rows) {
      return Status::invalid_argument;
    }
    rows = kept->buffer->floats();
    sources.key_length = kept->rows;
  } else {
    if (memory == nullptr || memory->rows == nullptr) return Status::missing_memory;
    const auto& shape = memory->rows->shape();
    sources.key_length = shape[1];
    const size_t count = pass.batch * shape[1];
    Buffer projected;
    Status status = Buffer::allocate(count * stride * sizeof(float), projected);
    if (status != Status::ok) return status;
    status = pass.operators.gemm(pass.team, count, memory->rows->floats(), shape[2], *layer.key_value.weights,
                                 layer.key_value.epilogue(), projected.floats(), stride);
    if (status != Status::ok) return status;
    if (layer.key_norm) {
      for (size_t head = 0; head < layer.key_heads; ++head) {
        float* first = projected.floats() + head * layer.head_size;
        pass.operators.normalise_rows(pass.team, layer.key_norm->view(), count, layer.head_size, first,
                                      stride, first, stride);
      }
    }
    if (kept != nullptr) {
      kept->rows = sources.key_length;
      kept->width = stride;
      kept->buffer = std::make_shared<Buffer>(std::move(projected));
      rows = kept->buffer->floats();
    } else {
      pass.buffers.memory = std::move(projected);
      rows = pass.buffers.memory.floats();
    }
  }
  sources.keys = rows;
  sources.values = rows + layer.key_width();
  sources.key_stride = stride;
  return Status::ok;
}

Status run_cross(StackPass& pass, const AttentionLayer& layer, const float* in) {
  const Memory* memory =
      *layer.memory < pass.input.memories.size() ? &pass.input.memories[*layer.memory] : nullptr;
  Sources sources;
  Status status = project_memory(pass, layer, memory, sources);
  if (status != Status::ok) return status;
  status = reserve_rows(pass.buffers.projected, pass.rows(), layer.query_width());
  if (status != Status::ok) return status;
  float* query = pass.buffers.projected.floats();
  status = pass.operators.gemm(pass.team, pass.rows(), in, pass.width(), *layer.query.weights,
                               layer.query.epilogue(), query, layer.query_width());
  if (status != Status::ok) return status;
  if (layer.query_norm) {
    normalise_heads(pass, *layer.query_norm, layer.heads, layer.head_size, query, layer.query_width());
  }
  sources.query = query;
  sources.query_stride = layer.query_width();
  sources.query_length = pass.length;
  status = attend_memory(pass, layer, sources, memory);
  ++pass.cross_index;
  return status;
}

}  // namespace

Status prepare_rotary(StackPass& pass) noexcept {
  const Rotary& rotary = *pass.definition.rotary;
  const size_t pairs = rotary.inverse_frequencies.size();
  Status status = reserve_rows(pass.buffers.cosines, pass.rows(), pairs);
  if (status == Status::ok) status = reserve_rows(pass.buffers.sines, pass.rows(), pairs);
  if (status != Status::ok) return status;
  float* cosines = pass.buffers.cosines.floats();
  float* sines = pass.buffers.sines.floats();
  pass.team.parallel(pass.rows(), [&](size_t row) {
    const auto position = pass.input.positions != nullptr
                              ? static_cast<float>(pass.input.positions[row])
                              : static_cast<float>(pass.cached + row % pass.length);
    for (size_t pair = 0; pair < pairs; ++pair) {
      const float angle = position * rotary.inverse_frequencies[pair];
      cosines[row * pairs + pair] = std::cos(angle) * rotary.scale;
      sines[row * pairs + pair] = std::sin(angle) * rotary.scale;
    }
  });
  return Status::ok;
}

Status run_attention(StackPass& pass, const Sublayer& sublayer, const float* in) noexcept {
  const AttentionLayer& layer = *sublayer.attention;
  Status status = reserve_rows(pass.buffers.attended, pass.rows(), layer.query_width());
  if (status != Status::ok) return status;
  status = layer.is_cross() ? run_cross(pass, layer, in) : run_self(pass, layer, in);
  if (status != Status::ok) return status;
  return add_to_stream(pass, sublayer, layer.output, pass.buffers.attended.floats());
}

}  // namespace weft::ops
