// A safetensors file, mapped and checked: what every stack takes its weights from. Files opened twice are one
// while both are in use. Must not convert or pack anything.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/mapped_file.h"
#include "core/status.h"
#include "core/tensor.h"
#include "ops/safetensors_header.h"

namespace weft::ops {

class WeightFile {
 public:
  // The one in use for the same state of the same file, else a new one. Reads the header: call it on a thread
  // that may wait for the disk. bad_file (then `error` is a clause about the file), out_of_memory.
  static Status open(const std::string& path, std::shared_ptr<const WeightFile>& file,
                     std::string& error) noexcept;

  const SafetensorsHeader& header() const noexcept { return header_; }
  const MappedFile& map() const noexcept { return *map_; }

  // The elements of a tensor of this file's header, at any alignment.
  const uint8_t* data(const SafetensorsTensor& tensor) const noexcept { return map_->data() + tensor.offset; }

  // False once the file was written to after it was opened; ask before touching pages not read yet, and fail
  // with bad_file and kChanged.
  bool is_unchanged() const noexcept { return map_->is_unchanged(); }
  static constexpr const char* kChanged = "it was written to after it was opened";

  // What tells this content from any other, wherever it lies: a SHA-256 in hexadecimal, once somebody has
  // told it; until then empty. It names what is kept on disk of this file's weights.
  std::string content_hash() const;
  void set_content_hash(std::string hash) const;

 private:
  WeightFile() = default;

  std::shared_ptr<const MappedFile> map_;
  SafetensorsHeader header_;
  mutable std::mutex mutex_;
  mutable std::string content_hash_;
};

// The elements of `type` as operators take them; false for those that are no weights (F64, integers, F8,
// ...).
bool weight_dtype(StoredType type, DType& dtype) noexcept;

}  // namespace weft::ops
