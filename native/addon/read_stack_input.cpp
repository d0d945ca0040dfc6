// See addon/read_stack_input.h.
#include "addon/read_stack_input.h"

#include "addon/read_value.h"
#include "addon/tensor_operators.h"

namespace weft::addon {
namespace {

class Reader {
 public:
  Reader(const ops::Stack& stack, const Napi::Object& given, Napi::Array keep_alive)
      : stack_(stack), given_(given), keep_alive_(keep_alive) {}

  StackRequest read() {
    ops::StackInput& input = request_.input;
    input.batch = read_size(given_.Get("batch"));
    input.length = read_size(given_.Get("length"));
    if (input.batch == 0 || input.length == 0) refuse(given_.Env());
    cache();
    rows();
    const size_t keys = cached_ + input.length;
    input.key_bias = floats("keyBias", input.batch * keys);
    input.prefix = read_size(given_.Get("prefix"), 0);
    bias(keys);
    memories();
    head_rows();
    hidden_states();
    input.want_hidden = read_flag(given_.Get("wantHidden"));
    input.want_head = read_flag(given_.Get("wantHead"));
    return std::move(request_);
  }

 private:
  const int64_t* integers(const char* name) {
    const auto count = static_cast<int64_t>(request_.input.batch * request_.input.length);
    return read_optional_buffer<int64_t>(given_.Get(name), napi_bigint64_array, count, keep_alive_);
  }

  const float* floats(const char* name, size_t count) {
    return read_optional_buffer<float>(given_.Get(name), napi_float32_array, static_cast<int64_t>(count),
                                       keep_alive_);
  }

  const Tensor& tensor(const Napi::Value& handle) {
    request_.tensors.push_back(tensor_of(handle));
    return *request_.tensors.back();
  }

  void require(bool condition) const {
    if (!condition) refuse(given_.Env());
  }

  void cache() {
    ops::StackInput& input = request_.input;
    const bool plain = is_given(given_.Get("cache"));
    const bool tree = is_given(given_.Get("tree"));
    require(!plain || !tree);
    if (!plain && !tree) return;
    request_.held = idle_cache_of(given_.Get(plain ? "cache" : "tree"));
    input.cache = request_.held->cache.get();
    input.tree = request_.held->tree.get();
    require(plain ? input.cache != nullptr : input.tree != nullptr);
    const ops::KvCache& kept = plain ? *input.cache : input.tree->prefix();
    if (kept.stack() != stack_.id()) throw status_error(given_.Env(), Status::wrong_cache);
    require((plain ? kept.batch() : input.tree->branches()) == input.batch);
    cached_ = kept.length() + (plain ? 0 : input.tree->tail_length());
  }

  // The one kind of rows that the stack's embedding asks for.
  void rows() {
    ops::StackInput& input = request_.input;
    const ops::StackDefinition& definition = stack_.definition();
    input.positions = integers("positions");
    if (definition.tokens) {
      input.ids = integers("ids");
      input.segments = integers("segments");
      require(input.ids != nullptr);
    } else if (definition.patches) {
      const ops::PatchEmbedding& patches = *definition.patches;
      input.picture_height = read_size(given_.Get("pictureHeight"));
      input.picture_width = read_size(given_.Get("pictureWidth"));
      input.pixels =
          floats("pixels", input.batch * patches.channels * input.picture_height * input.picture_width);
      const size_t expected =
          ops::patch_rows(patches, definition.width, input.picture_height, input.picture_width);
      require(input.pixels != nullptr && expected == input.length);
    } else {
      const Tensor& rows = tensor(given_.Get("rows"));
      require(rows.shape() == std::vector<size_t>{input.batch, input.length, definition.width});
      input.rows = rows.floats();
    }
  }

  // Of an attention with that many heads: [1 or batch, 1 or heads, length, keys].
  void require_bias(const Tensor& bias, size_t heads, size_t keys) const {
    const ops::StackInput& input = request_.input;
    const auto& shape = bias.shape();
    require(shape.size() == 4 && (shape[0] == 1 || shape[0] == input.batch) &&
            (shape[1] == 1 || shape[1] == heads) && shape[2] == input.length && shape[3] == keys);
  }

  void bias(size_t keys) {
    if (!is_given(given_.Get("bias"))) return;
    const Napi::Array list = read_array(given_.Get("bias"));
    size_t self = 0;
    for (const ops::Sublayer& sublayer : stack_.definition().sublayers) {
      if (!sublayer.attention || sublayer.attention->is_cross()) continue;
      const Tensor& tensor_bias = tensor(list.Get(list.Length() == 1 ? 0u : static_cast<uint32_t>(self)));
      require_bias(tensor_bias, sublayer.attention->heads, keys);
      ++self;
      if (list.Length() > 1 || self == 1) request_.input.bias.push_back(&tensor_bias);
    }
    require(list.Length() == 1 || list.Length() == self);
  }

  void memories() {
    ops::StackInput& input = request_.input;
    if (is_given(given_.Get("memories"))) {
      const Napi::Array list = read_array(given_.Get("memories"));
      for (uint32_t index = 0; index < list.Length(); ++index) {
        const Napi::Object memory = read_object(list.Get(index));
        const Tensor& rows = tensor(memory.Get("rows"));
        require(rows.shape().size() == 3 && rows.shape()[0] == input.batch && rows.shape()[1] > 0);
        const auto count = static_cast<int64_t>(input.batch * rows.shape()[1]);
        const float* key_bias =
            read_optional_buffer<float>(memory.Get("keyBias"), napi_float32_array, count, keep_alive_);
        const Tensor* bias = is_given(memory.Get("bias")) ? &tensor(memory.Get("bias")) : nullptr;
        input.memories.push_back({&rows, key_bias, bias});
      }
    }
    const bool kept = input.cache != nullptr && input.cache->length() > 0 && input.memories.empty();
    require(kept || input.memories.size() == stack_.memories());
    for (const ops::Sublayer& sublayer : stack_.definition().sublayers) {
      if (kept || !sublayer.attention || !sublayer.attention->is_cross()) continue;
      const ops::Memory& memory = input.memories[*sublayer.attention->memory];
      require(memory.rows->shape()[2] == sublayer.attention->key_value.inputs());
      if (memory.bias != nullptr) {
        require_bias(*memory.bias, sublayer.attention->heads, memory.rows->shape()[1]);
      }
    }
  }

  void head_rows() {
    const auto& head = stack_.definition().head;
    if (!head || head->rows != ops::HeadRowsKind::chosen) return;
    const size_t batch = request_.input.batch;
    const auto* rows = read_buffer<uint32_t>(given_.Get("headRows"), napi_uint32_array,
                                             static_cast<int64_t>(batch), keep_alive_);
    for (size_t item = 0; item < batch; ++item) require(rows[item] < request_.input.length);
    request_.input.head_rows = rows;
  }

  void hidden_states() {
    const Napi::Array wanted = read_array(given_.Get("hiddenStates"));
    for (uint32_t index = 0; index < wanted.Length(); ++index) {
      request_.input.hidden_states.push_back(read_size(wanted.Get(index)));
      require(request_.input.hidden_states.back() <= stack_.layers());
    }
  }

  const ops::Stack& stack_;
  Napi::Object given_;
  Napi::Array keep_alive_;
  StackRequest request_;
  size_t cached_ = 0;
};

}  // namespace

StackRequest read_stack_input(const ops::Stack& stack, const Napi::Value& value, Napi::Array keep_alive) {
  return Reader(stack, read_object(value), keep_alive).read();
}

}  // namespace weft::addon
