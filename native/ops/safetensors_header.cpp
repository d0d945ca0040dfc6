// See ops/safetensors_header.h.
#include "ops/safetensors_header.h"

#include <algorithm>
#include <new>

#include "core/json_scanner.h"
#include "core/utf8.h"

namespace weft::ops {
namespace {

struct TypeFacts {
  const char* name;
  size_t bits;
};

constexpr TypeFacts kTypes[] = {
    {"BOOL", 8},    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},   {"I8", 8},    {"F8_E5M2", 8},
    {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16}, {"BF16", 16}, {"I32", 32},
    {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},    {"I64", 64}, {"U64", 64},
};
constexpr size_t kTypeCount = sizeof(kTypes) / sizeof(kTypes[0]);
static_assert(kTypeCount == static_cast<size_t>(StoredType::u64) + 1);

constexpr uint64_t kLengthBytes = 8;
constexpr std::string_view kMetadata = "__metadata__";

std::string text(uint64_t number) { return std::to_string(number); }

bool find_type(std::string_view name, StoredType& type) {
  for (size_t index = 0; index < kTypeCount; ++index) {
    if (name != kTypes[index].name) continue;
    type = static_cast<StoredType>(index);
    return true;
  }
  return false;
}

// Elements times bits; false when that overflows.
bool bits_of(const SafetensorsTensor& tensor, uint64_t& bits) {
  bits = stored_type_bits(tensor.type);
  for (const uint64_t side : tensor.shape) {
    if (side != 0 && bits > UINT64_MAX / side) return false;
    bits *= side;
  }
  return true;
}

class HeaderParser {
 public:
  HeaderParser(std::string_view header, uint64_t data_bytes, SafetensorsHeader& result, std::string& error)
      : scanner_(header, kLengthBytes), data_bytes_(data_bytes), result_(result), error_(error) {}

  bool parse() { return (members() && scanner_.end()) || scanner_failed(); }

 private:
  bool fail(std::string reason) {
    if (error_.empty()) error_ = std::move(reason);
    return false;
  }

  bool scanner_failed() { return scanner_.error().empty() ? false : fail(scanner_.error()); }

  bool members() {
    if (!scanner_.expect('{', "an object")) return false;
    if (scanner_.accept('}')) return true;
    bool has_metadata = false;
    do {
      std::string name;
      if (!scanner_.string(name) || !scanner_.expect(':', "a colon")) return false;
      if (name != kMetadata) {
        if (!tensor(std::move(name))) return false;
      } else {
        if (has_metadata) return fail("it names \"__metadata__\" twice");
        has_metadata = true;
        if (!metadata()) return false;
      }
    } while (scanner_.accept(','));
    return scanner_.expect('}', "a comma or the end of the object");
  }

  // An object of strings, or null.
  bool metadata() {
    if (scanner_.accept_null()) return true;
    if (!scanner_.expect('{', "an object of strings for \"__metadata__\"")) return false;
    if (scanner_.accept('}')) return true;
    do {
      std::string ignored;
      if (!scanner_.string(ignored) || !scanner_.expect(':', "a colon") || !scanner_.string(ignored)) {
        return false;
      }
    } while (scanner_.accept(','));
    return scanner_.expect('}', "a comma or the end of \"__metadata__\"");
  }

  bool tensor(std::string name) {
    SafetensorsTensor tensor;
    tensor.name = std::move(name);
    uint64_t offsets[2] = {0, 0};
    bool has_type = false;
    bool has_shape = false;
    bool has_offsets = false;
    if (!scanner_.expect('{', "an object that describes a tensor")) return false;
    if (!scanner_.accept('}')) {
      do {
        std::string key;
        if (!scanner_.string(key) || !scanner_.expect(':', "a colon")) return false;
        if (key == "dtype") {
          if (!once(has_type, tensor, key) || !type(tensor)) return false;
        } else if (key == "shape") {
          if (!once(has_shape, tensor, key) || !shape(tensor)) return false;
        } else if (key == "data_offsets") {
          if (!once(has_offsets, tensor, key) || !data_offsets(offsets)) return false;
        } else if (!scanner_.skip_value()) {
          return false;
        }
      } while (scanner_.accept(','));
      if (!scanner_.expect('}', "a comma or the end of a tensor")) return false;
    }
    const char* missing = !has_type      ? "dtype"
                          : !has_shape   ? "shape"
                          : !has_offsets ? "data_offsets"
                                         : nullptr;
    if (missing != nullptr) return fail("tensor " + quote_text(tensor.name) + " has no " + missing);
    return place(std::move(tensor), offsets[0], offsets[1]);
  }

  bool once(bool& seen, const SafetensorsTensor& tensor, const std::string& key) {
    if (seen) return fail("tensor " + quote_text(tensor.name) + " has " + quote_text(key) + " twice");
    seen = true;
    return true;
  }

  bool type(SafetensorsTensor& tensor) {
    std::string name;
    if (!scanner_.string(name)) return false;
    if (find_type(name, tensor.type)) return true;
    return fail("tensor " + quote_text(tensor.name) + " has dtype " + quote_text(name) +
                ", which the format lacks");
  }

  bool shape(SafetensorsTensor& tensor) {
    if (!scanner_.expect('[', "a list of sizes")) return false;
    if (scanner_.accept(']')) return true;
    do {
      uint64_t side = 0;
      if (!scanner_.count(side, "a size")) return false;
      if (tensor.shape.size() == kMostDimensions) {
        return fail("tensor " + quote_text(tensor.name) + " has more than " + text(kMostDimensions) +
                    " dimensions");
      }
      tensor.shape.push_back(side);
    } while (scanner_.accept(','));
    return scanner_.expect(']', "a comma or the end of the shape");
  }

  bool data_offsets(uint64_t (&offsets)[2]) {
    return scanner_.expect('[', "two offsets") && scanner_.count(offsets[0], "an offset") &&
           scanner_.expect(',', "a comma and the second offset") && scanner_.count(offsets[1], "an offset") &&
           scanner_.expect(']', "the end of two offsets");
  }

  // Checks what a tensor says about itself; how tensors lie to each other comes later.
  bool place(SafetensorsTensor tensor, uint64_t start, uint64_t end) {
    const auto refuse = [&](const std::string& what) {
      return fail("tensor " + quote_text(tensor.name) + " " + what);
    };
    if (start > end) {
      return refuse("has its offsets the wrong way round: " + text(start) + " to " + text(end));
    }
    if (end > data_bytes_) {
      return refuse("lies outside the file: it ends at byte " + text(end) + " of " + text(data_bytes_) +
                    " bytes of data");
    }
    uint64_t bits = 0;
    if (!bits_of(tensor, bits)) return refuse("has a shape whose size overflows");
    if (bits % 8 != 0) return refuse("ends inside a byte: it has " + text(bits) + " bits");
    if (end - start != bits / 8) {
      return refuse("has " + text(end - start) + " bytes where its shape and dtype need " + text(bits / 8));
    }
    tensor.offset = start;
    tensor.bytes = bits / 8;
    result_.tensors.push_back(std::move(tensor));
    return true;
  }

  JsonScanner scanner_;
  uint64_t data_bytes_;
  SafetensorsHeader& result_;
  std::string& error_;
};

// Names differ: two tensors of one name would hide each other.
bool check_names(std::vector<SafetensorsTensor>& tensors, std::string& error) {
  std::sort(tensors.begin(), tensors.end(),
            [](const SafetensorsTensor& a, const SafetensorsTensor& b) { return a.name < b.name; });
  for (size_t index = 1; index < tensors.size(); ++index) {
    if (tensors[index].name != tensors[index - 1].name) continue;
    error = "it names tensor " + quote_text(tensors[index].name) + " twice";
    return false;
  }
  return true;
}

// Tensors lie end to end and fill the data.
bool check_coverage(const std::vector<SafetensorsTensor>& tensors, uint64_t data_bytes, std::string& error) {
  std::vector<const SafetensorsTensor*> order;
  order.reserve(tensors.size());
  for (const SafetensorsTensor& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const SafetensorsTensor* a, const SafetensorsTensor* b) {
    return a->offset != b->offset ? a->offset < b->offset : a->bytes < b->bytes;
  });
  uint64_t covered = 0;
  for (const SafetensorsTensor* tensor : order) {
    if (tensor->offset != covered) {
      const bool overlaps = tensor->offset < covered;
      error = "tensor " + quote_text(tensor->name) + " starts at byte " + text(tensor->offset) +
              " of the data, " + (overlaps ? "inside" : "not at the end of") +
              " the tensor before it, which ends at " + text(covered);
      return false;
    }
    covered += tensor->bytes;
  }
  if (covered == data_bytes) return true;
  error = text(data_bytes - covered) + " bytes at its end belong to no tensor";
  return false;
}

bool parse(const uint8_t* bytes, size_t size, uint64_t file_size, SafetensorsHeader& header,
           std::string& error) {
  if (file_size < kLengthBytes || size < kLengthBytes) {
    error = "it has only " + text(size < file_size ? size : file_size) + " bytes";
    return false;
  }
  uint64_t length = 0;
  for (unsigned index = 0; index < kLengthBytes; ++index) length |= uint64_t{bytes[index]} << (8 * index);
  if (length > kMostHeaderBytes) {
    error = "its header claims " + text(length) + " bytes, more than the " + text(kMostHeaderBytes) +
            " that the format allows";
    return false;
  }
  if (length > file_size - kLengthBytes || length > size - kLengthBytes) {
    error = "its header claims " + text(length) + " bytes of a file of " + text(file_size);
    return false;
  }
  const std::string_view json(reinterpret_cast<const char*>(bytes + kLengthBytes),
                              static_cast<size_t>(length));
  const uint64_t data_bytes = file_size - kLengthBytes - length;
  header.data_offset = kLengthBytes + length;
  if (length > 0 && json[0] != '{') {
    error = "its header starts with " + quote_text(json.substr(0, 1)) + ", not with an object";
    return false;
  }
  if (!HeaderParser(json, data_bytes, header, error).parse()) return false;
  if (!check_names(header.tensors, error)) return false;
  if (!check_coverage(header.tensors, data_bytes, error)) return false;
  for (SafetensorsTensor& tensor : header.tensors) tensor.offset += header.data_offset;
  return true;
}

}  // namespace

const char* stored_type_name(StoredType type) noexcept { return kTypes[static_cast<size_t>(type)].name; }

size_t stored_type_bits(StoredType type) noexcept { return kTypes[static_cast<size_t>(type)].bits; }

const SafetensorsTensor* SafetensorsHeader::find(std::string_view name) const noexcept {
  const auto found = std::lower_bound(
      tensors.begin(), tensors.end(), name,
      [](const SafetensorsTensor& tensor, std::string_view key) { return tensor.name < key; });
  return found != tensors.end() && found->name == name ? &*found : nullptr;
}

Status parse_safetensors_header(const uint8_t* bytes, size_t size, uint64_t file_size,
                                SafetensorsHeader& header, std::string& error) noexcept {
  try {
    header = {};
    error.clear();
    return parse(bytes, size, file_size, header, error) ? Status::ok : Status::bad_file;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace weft::ops
