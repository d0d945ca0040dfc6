// Any bytes as the beginning of a safetensors file: refused with a reason, or a table that holds what
// ops/safetensors_header.h promises. The first four bytes say how long the data behind the header is.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "fuzz/fuzz_target.h"
#include "ops/safetensors_header.h"

namespace weft::fuzz {
namespace {

void check_table(const ops::SafetensorsHeader& header, uint64_t file_size) {
  expect(header.data_offset <= file_size);
  std::vector<const ops::SafetensorsTensor*> by_offset;
  for (const ops::SafetensorsTensor& tensor : header.tensors) {
    by_offset.push_back(&tensor);
    expect(header.find(tensor.name) == &tensor);
    expect(tensor.offset >= header.data_offset && tensor.offset <= file_size);
    expect(tensor.bytes <= file_size - tensor.offset);
    // A size of zero anywhere makes the rest harmless; else every product stays below the file's size in
    // bits.
    const bool is_empty = std::count(tensor.shape.begin(), tensor.shape.end(), 0u) > 0;
    uint64_t count = is_empty ? 0 : 1;
    for (const uint64_t side : tensor.shape) {
      if (is_empty) break;
      expect(count <= UINT64_MAX / side);
      count *= side;
    }
    expect(count <= UINT64_MAX / 64 && count * ops::stored_type_bits(tensor.type) == tensor.bytes * 8);
  }
  // Sorted names without duplicates; data without gaps or overlaps to the very end.
  for (size_t index = 1; index < header.tensors.size(); ++index) {
    expect(header.tensors[index - 1].name < header.tensors[index].name);
  }
  std::sort(by_offset.begin(), by_offset.end(), [](const auto* one, const auto* other) {
    return std::pair(one->offset, one->bytes) < std::pair(other->offset, other->bytes);
  });
  uint64_t end = header.data_offset;
  for (const auto* tensor : by_offset) {
    expect(tensor->offset == end);
    end += tensor->bytes;
  }
  expect(end == file_size);
}

Bytes seed(uint32_t data_bytes, std::string_view json) {
  Bytes input;
  for (int shift = 24; shift >= 0; shift -= 8) input.push_back(static_cast<uint8_t>(data_bytes >> shift));
  for (int shift = 0; shift < 64; shift += 8) {
    input.push_back(static_cast<uint8_t>(static_cast<uint64_t>(json.size()) >> shift));
  }
  input.insert(input.end(), json.begin(), json.end());
  return input;
}

}  // namespace

std::vector<Bytes> seeds() {
  return {
      seed(0, "{}"),
      seed(24, R"({"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}})"),
      seed(14,
           R"({"__metadata__":{"format":"pt"},"x.weight":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]},)"
           R"("y":{"shape":[],"data_offsets":[6,14],"dtype":"I64"}}   )"),
      seed(3, R"({"é\"\\":{"dtype":"F4","shape":[6],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[0,9],)"
              R"("data_offsets":[3,3]}})"),
      seed(8, R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],)"
              R"("data_offsets":[4,8]}})"),
      seed(4, R"({"a":{"dtype":"F32","shape":[18446744073709551615,2],"data_offsets":[0,4]}})"),
  };
}

}  // namespace weft::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weft;
  fuzz::ByteReader reader(data, size);
  const uint64_t data_bytes = reader.bits(4);
  // In memory of exactly this size, so that AddressSanitizer sees a step beyond.
  const fuzz::Bytes head(reader.rest(), reader.rest() + reader.rest_size());
  const uint64_t file_size = head.size() + data_bytes;
  ops::SafetensorsHeader header;
  std::string error;
  const Status status = ops::parse_safetensors_header(head.data(), head.size(), file_size, header, error);
  fuzz::expect(status == Status::ok || status == Status::bad_file || status == Status::out_of_memory);
  fuzz::expect((status == Status::bad_file) == !error.empty());
  if (status == Status::ok) fuzz::check_table(header, file_size);
  return 0;
}
