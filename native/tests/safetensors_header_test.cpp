// The header parser on well-formed files, on every kind of broken one with its message, and on thousands of
// mutations: it must refuse or give tensors that lie in the file, whatever the bytes.
#include "ops/safetensors_header.h"

#include "core/utf8.h"
#include "tests/check.h"

namespace {

using weft::Status;
using weft::ops::parse_safetensors_header;
using weft::ops::SafetensorsHeader;
using weft::ops::SafetensorsTensor;
using weft::ops::StoredType;

struct Parsed {
  Status status;
  SafetensorsHeader header;
  std::string error;
};

std::string file_of(const std::string& json, size_t data_bytes) {
  std::string file;
  for (unsigned index = 0; index < 8; ++index) {
    file.push_back(static_cast<char>((uint64_t{json.size()} >> (8 * index)) & 0xff));
  }
  return file + json + std::string(data_bytes, '\x7f');
}

Parsed parse_file(const std::string& file, uint64_t file_size) {
  Parsed parsed;
  // A copy of exactly that size, so that a sanitizer sees a read behind its end.
  const std::vector<uint8_t> bytes(file.begin(), file.end());
  parsed.status =
      parse_safetensors_header(bytes.data(), bytes.size(), file_size, parsed.header, parsed.error);
  return parsed;
}

Parsed parse(const std::string& json, size_t data_bytes) {
  const std::string file = file_of(json, data_bytes);
  return parse_file(file, file.size());
}

std::string tensor(const std::string& name, const std::string& type, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets +
         "}";
}

void accepts() {
  Parsed parsed = parse("{}", 0);
  WEFT_CHECK(parsed.status == Status::ok && parsed.header.tensors.empty(), parsed.error);

  const std::string json =
      "{\"__metadata__\":{\"format\":\"pt\", \"a\" : \"b\"},\n" + tensor("b", "F32", "[2, 3]", "[2,26]") +
      "," +
      " \"a\" : {\"extra\":[{\"deep\":[1e-5,-0.5,true,null]},\"x\"],\"data_offsets\":[0,2],\"shape\":[],"
      "\"dtype\":\"BF16\"}," +
      tensor("empty", "I64", "[0,7]", "[26,26]") + "}  \n";
  parsed = parse(json, 24 + 2);
  WEFT_CHECK(parsed.status == Status::ok, parsed.error);
  WEFT_CHECK(parsed.header.tensors.size() == 3 && parsed.header.data_offset == 8 + json.size(), "three");
  const SafetensorsTensor* a = parsed.header.find("a");
  const SafetensorsTensor* b = parsed.header.find("b");
  const SafetensorsTensor* empty = parsed.header.find("empty");
  WEFT_CHECK(parsed.header.find("c") == nullptr && parsed.header.find("") == nullptr, "no other names");
  if (!WEFT_CHECK(a != nullptr && b != nullptr && empty != nullptr, "found by name")) return;
  WEFT_CHECK(a->type == StoredType::bf16 && a->shape.empty() && a->bytes == 2, "a");
  WEFT_CHECK(a->offset == parsed.header.data_offset && b->offset == a->offset + 2, "offsets of the file");
  WEFT_CHECK(b->type == StoredType::f32 && b->bytes == 24, "b");
  WEFT_CHECK(b->shape == std::vector<uint64_t>({2, 3}), "shape of b");
  WEFT_CHECK(empty->bytes == 0 && empty->shape == std::vector<uint64_t>({0, 7}), "empty");

  WEFT_CHECK(parse("{\"__metadata__\":null}", 0).status == Status::ok, "metadata that is null");
  WEFT_CHECK(parse("{\"__metadata__\":{}}", 0).status == Status::ok, "metadata that is empty");

  // Names are compared as what they mean.
  parsed = parse("{" + tensor("\\u00e4\\n\\\"\\ud83d\\ude00/\\/", "U8", "[1]", "[0,1]") + "}", 1);
  WEFT_CHECK(parsed.status == Status::ok && parsed.header.find("ä\n\"😀//") != nullptr, parsed.error);

  for (size_t index = 0; index <= static_cast<size_t>(StoredType::u64); ++index) {
    const auto type = static_cast<StoredType>(index);
    const size_t bytes = weft::ops::stored_type_bits(type);  // of eight elements
    const std::string end = std::to_string(bytes);
    parsed =
        parse("{" + tensor("x", weft::ops::stored_type_name(type), "[8]", "[0," + end + "]") + "}", bytes);
    WEFT_CHECK(parsed.status == Status::ok && parsed.header.tensors[0].type == type, parsed.error);
  }
}

void refuse(const std::string& what, const Parsed& parsed, const std::string& message) {
  WEFT_CHECK(parsed.status == Status::bad_file, what + " was accepted");
  WEFT_CHECK(parsed.error.find(message) != std::string::npos, what + ": " + parsed.error);
  WEFT_CHECK(parsed.error.size() < 400, what + ": a message of " + std::to_string(parsed.error.size()));
}

void refuses_lengths() {
  refuse("nothing", parse_file("", 0), "it has only 0 bytes");
  refuse("five bytes", parse_file("12345", 5), "it has only 5 bytes");
  const std::string huge = std::string(8, '\xff') + "{}";
  refuse("2^64 - 1 bytes", parse_file(huge, huge.size()),
         "its header claims 18446744073709551615 bytes, more than the 100000000 that the format allows");
  const std::string limit("\x01\xe1\xf5\x05\0\0\0\0{}", 10);
  refuse("one more than the limit", parse_file(limit, uint64_t{1} << 40),
         "its header claims 100000001 bytes");
  refuse("longer than the file", parse_file(std::string("\x03\0\0\0\0\0\0\0{}", 10), 10),
         "its header claims 3 bytes of a file of 10");
  refuse("longer than what was read", parse_file(std::string("\x03\0\0\0\0\0\0\0{}", 10), 1000),
         "its header claims 3 bytes of a file of 1000");
  refuse("no header", parse("", 0), "its header ends at byte 8 where an object was expected");
}

void refuses_json() {
  refuse("a list", parse("[]", 0), "its header starts with \"[\", not with an object");
  refuse("leading space", parse(" {}", 0), "its header starts with \" \", not with an object");
  refuse("cut", parse("{\"a\":", 0), "its header ends at byte 13 where an object that describes a tensor");
  refuse("text behind", parse("{} x", 0), "its header has \"x\" at byte 11 where its end was expected");
  refuse("zeros behind", parse(std::string("{}\0", 3), 0), "its header has \"\\x00\" at byte 10");
  refuse("a trailing comma", parse("{" + tensor("a", "U8", "[0]", "[0,0]") + ",}", 0),
         "a string was expected");
  refuse("single quotes", parse("{'a':1}", 0), "its header has \"'\" at byte 9 where a string was expected");
  refuse("a comment", parse("{/**/}", 0), "its header has \"/\" at byte 9");
  refuse("an open string", parse("{\"abc", 0), "where the end of a string was expected");
  refuse("a raw line break", parse("{\"a\nb\":1}", 0), "where an escaped control character was expected");
  refuse("an unknown escape", parse("{\"\\q\":1}", 0), "where an escape was expected");
  refuse("a cut escape", parse("{\"\\", 0), "where an escape was expected");
  refuse("a short \\u", parse("{\"\\u12\":1}", 0), "where a hexadecimal digit was expected");
  refuse("a lone high half", parse("{\"\\ud800x\":1}", 0), "the second half of a surrogate pair");
  refuse("two high halves", parse("{\"\\ud800\\ud800\":1}", 0), "the second half of a surrogate pair");
  refuse("a lone low half", parse("{\"\\udc00\":1}", 0), "no lone half of a surrogate pair");
  const std::string encodings[] = {"\x80",
                                   "\xc0\x80",
                                   "\xe0\x80\x80",
                                   "\xed\xa0\x80",
                                   "\xf0\x80\x80\x80",
                                   "\xf4\x90\x80\x80",
                                   "\xf8\x88\x80\x80",
                                   "\xff",
                                   "\xe2\x82",
                                   "\xc3"};
  for (const std::string& bytes : encodings) {
    refuse("UTF-8 " + weft::quote_text(bytes), parse("{\"" + bytes + "\":1}", 0), "where UTF-8 was expected");
  }
  const std::string deep = "{\"a\":{\"x\":" + std::string(100000, '[');
  refuse("deep lists", parse(deep, 0), "where no deeper nesting was expected");
  std::string objects = "{\"a\":{\"x\":";
  for (int depth = 0; depth < 50; ++depth) objects += "{\"y\":";
  refuse("deep objects", parse(objects, 0), "where no deeper nesting was expected");
  for (const char* value : {"01", "-", "1.", ".5", "1e", "+1", "tru", "NaN", "Infinity", "0x1"}) {
    refuse(std::string("the value ") + value, parse("{\"a\":{\"x\":" + std::string(value) + "}}", 0),
           "expected");
  }
}

void refuses_tensors() {
  const auto one = [](const std::string& fields, size_t bytes) {
    return parse("{\"a\":{" + fields + "}}", bytes);
  };
  const std::string type = "\"dtype\":\"U8\"";
  const std::string shape = "\"shape\":[1]";
  const std::string offsets = "\"data_offsets\":[0,1]";
  refuse("no dtype", one(shape + "," + offsets, 1), "tensor \"a\" has no dtype");
  refuse("no shape", one(type + "," + offsets, 1), "tensor \"a\" has no shape");
  refuse("no offsets", one(type + "," + shape, 1), "tensor \"a\" has no data_offsets");
  refuse("nothing", one("", 1), "tensor \"a\" has no dtype");
  refuse("dtype twice", one(type + "," + type, 1), "tensor \"a\" has \"dtype\" twice");
  refuse("shape twice", one(shape + "," + shape, 1), "tensor \"a\" has \"shape\" twice");
  refuse("offsets twice", one(offsets + "," + offsets, 1), "tensor \"a\" has \"data_offsets\" twice");
  refuse("null", parse("{\"a\":null}", 0), "where an object that describes a tensor was expected");
  refuse("an unknown dtype", one("\"dtype\":\"F5\"," + shape, 1),
         "tensor \"a\" has dtype \"F5\", which the format lacks");
  refuse("a number for a dtype", one("\"dtype\":3", 1), "where a string was expected");
  refuse("three offsets", one(type + "," + shape + ",\"data_offsets\":[0,1,1]", 1), "the end of two offsets");
  refuse("one offset", one(type + "," + shape + ",\"data_offsets\":[0]", 1), "a comma and the second offset");
  for (const char* size : {"-1", "1.0", "1e0", "01", "\"1\"", "null", ""}) {
    refuse(std::string("the size ") + size, one("\"shape\":[" + std::string(size) + ",2]", 1),
           "where a size was expected");
  }
  refuse("2^53", one("\"shape\":[9007199254740992]", 1), "a whole number below 2^53");
  refuse("2^64", one("\"shape\":[18446744073709551616]", 1), "a whole number below 2^53");
  refuse("many digits", one("\"shape\":[" + std::string(10000, '9') + "]", 1), "a whole number below 2^53");
  std::string sides = "[1";
  for (int side = 0; side < 64; ++side) sides += ",1";
  refuse("65 dimensions", one("\"shape\":" + sides + "]", 1), "tensor \"a\" has more than 64 dimensions");

  const auto placed = [](const std::string& kind, const std::string& sizes, const std::string& range,
                         size_t bytes) { return parse("{" + tensor("a", kind, sizes, range) + "}", bytes); };
  refuse("reversed", placed("U8", "[0]", "[1,0]", 1),
         "tensor \"a\" has its offsets the wrong way round: 1 to 0");
  refuse("outside", placed("U8", "[4]", "[0,4]", 2),
         "tensor \"a\" lies outside the file: it ends at byte 4 of 2 bytes of data");
  refuse("far outside", placed("U8", "[1]", "[9007199254740990,9007199254740991]", 2),
         "lies outside the file");
  refuse("too small", placed("F32", "[1]", "[0,3]", 3),
         "tensor \"a\" has 3 bytes where its shape and dtype need 4");
  refuse("too large", placed("F16", "[1,1]", "[0,3]", 3), "has 3 bytes where its shape and dtype need 2");
  refuse("overflow", placed("F32", "[4503599627370496,4503599627370496]", "[0,4]", 4),
         "whose size overflows");
  refuse("overflow and zero", placed("U8", "[9007199254740991,9007199254740991,0]", "[0,0]", 0),
         "whose size overflows");
  refuse("half a byte", placed("F4", "[3]", "[0,1]", 1), "tensor \"a\" ends inside a byte: it has 12 bits");
}

void refuses_layouts() {
  const auto pair = [](const std::string& a, const std::string& b, size_t bytes) {
    return parse("{" + tensor("a", "U8", "[2]", a) + "," + tensor("b", "U8", "[2]", b) + "}", bytes);
  };
  refuse("overlap", pair("[0,2]", "[1,3]", 3),
         "tensor \"b\" starts at byte 1 of the data, inside the tensor before it, which ends at 2");
  refuse("the same bytes", pair("[0,2]", "[0,2]", 2), "inside the tensor before it");
  refuse(
      "a gap", pair("[0,2]", "[3,5]", 5),
      "tensor \"b\" starts at byte 3 of the data, not at the end of the tensor before it, which ends at 2");
  refuse("a gap in front", pair("[1,3]", "[3,5]", 5),
         "tensor \"a\" starts at byte 1 of the data, not at the end");
  refuse("bytes behind", pair("[0,2]", "[2,4]", 7), "3 bytes at its end belong to no tensor");
  refuse("no tensors", parse("{}", 3), "3 bytes at its end belong to no tensor");
  const std::string twice = tensor("a", "U8", "[2]", "[0,2]");
  refuse("a name twice", parse("{" + twice + "," + tensor("a", "U8", "[2]", "[2,4]") + "}", 4),
         "it names tensor \"a\" twice");
  refuse("a name twice, once escaped",
         parse("{" + twice + "," + tensor("\\u0061", "U8", "[2]", "[2,4]") + "}", 4),
         "it names tensor \"a\" twice");
  refuse("metadata twice", parse("{\"__metadata__\":{},\"__metadata__\":{}}", 0), "\"__metadata__\" twice");
  refuse("metadata of numbers", parse("{\"__metadata__\":{\"a\":1}}", 0), "where a string was expected");
  refuse("metadata that is a list", parse("{\"__metadata__\":[]}", 0), "an object of strings for");
  const std::string long_name(100000, 'n');
  refuse("a long name", parse("{" + tensor(long_name, "U8", "[3]", "[0,2]") + "}", 2), "nnn…\" has 2 bytes");
}

// Small changes to a good file: never a crash, and what is accepted lies in the file.
void survives_mutations() {
  const std::string json = "{\"__metadata__\":{\"format\":\"pt\"}," + tensor("a", "F32", "[2,1]", "[0,8]") +
                           "," + tensor("b\\u00e9", "BF16", "[3]", "[8,14]") + "}";
  const std::string good = file_of(json, 14);
  weft::tests::Random random(7);
  static constexpr char kLikely[] = "{}[],:\"\\u0123456789eE.-+ \n_";
  size_t accepted = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string file = good;
    const size_t changes = 1 + random.below(3);
    for (size_t change = 0; change < changes; ++change) {
      const size_t place = random.below(file.size());
      const char byte = random.below(4) == 0 ? static_cast<char>(random.bits())
                                             : kLikely[random.below(sizeof(kLikely) - 1)];
      switch (random.below(4)) {
        case 0:
          file.insert(file.begin() + static_cast<std::ptrdiff_t>(place), byte);
          break;
        case 1:
          file.erase(file.begin() + static_cast<std::ptrdiff_t>(place));
          break;
        default:
          file[place] = byte;
      }
      if (file.empty()) file = "x";
    }
    const Parsed parsed = parse_file(file, file.size());
    if (parsed.status != Status::ok) {
      WEFT_CHECK(parsed.status == Status::bad_file && !parsed.error.empty(), "refused without a reason");
      continue;
    }
    ++accepted;
    for (const SafetensorsTensor& one : parsed.header.tensors) {
      WEFT_CHECK(one.offset >= parsed.header.data_offset && one.offset <= file.size() &&
                     one.bytes <= file.size() - one.offset,
                 "a tensor outside the file");
    }
  }
  WEFT_CHECK(accepted > 100, "hardly any mutation was accepted: the generator is broken");
}

}  // namespace

int main() {
  accepts();
  refuses_lengths();
  refuses_json();
  refuses_tensors();
  refuses_layouts();
  survives_mutations();
  return weft::tests::summary("safetensors_header");
}
