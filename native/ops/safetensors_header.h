// The header of a safetensors file: 8 bytes little-endian length, a JSON object of tensors, then the data.
// Source: github.com/huggingface/safetensors, README "Format", and its reference parser, which this one
// follows in what it accepts, except that it also refuses duplicate names. No input or output here: bytes in,
// table out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"

namespace weft::ops {

// Every element type of the format, in the order of its names in safetensors_header.cpp.
enum class StoredType : uint8_t {
  boolean,
  f4,
  f6_e2m3,
  f6_e3m2,
  u8,
  i8,
  f8_e5m2,
  f8_e4m3,
  f8_e8m0,
  i16,
  u16,
  f16,
  bf16,
  i32,
  u32,
  f32,
  c64,
  f64,
  i64,
  u64,
};

// As files spell it: "F32". Never null.
const char* stored_type_name(StoredType type) noexcept;
size_t stored_type_bits(StoredType type) noexcept;

struct SafetensorsTensor {
  std::string name;  // UTF-8
  StoredType type = StoredType::f32;
  std::vector<uint64_t> shape;  // row-major; empty for a scalar
  uint64_t offset = 0;          // from the start of the file
  uint64_t bytes = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsTensor> tensors;  // ordered by name
  uint64_t data_offset = 0;                // where the data begins in the file

  // Null when there is none of that name.
  const SafetensorsTensor* find(std::string_view name) const noexcept;
};

// The reference's own bound.
constexpr uint64_t kMostHeaderBytes = 100000000;
constexpr size_t kMostDimensions = 64;

// `bytes[0, size)` is the beginning of a file of `file_size` bytes and must hold the whole header. Every
// tensor lies in the file, has the size its shape needs, shares no byte with another, and no byte of the data
// belongs to none. bad_file: then `error` is a clause about the file that says what, where and what came.
// out_of_memory. Allocates in proportion to the header.
Status parse_safetensors_header(const uint8_t* bytes, size_t size, uint64_t file_size,
                                SafetensorsHeader& header, std::string& error) noexcept;

}  // namespace weft::ops
