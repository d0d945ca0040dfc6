// Any bytes as a batch of pictures with their plans: refused, or computed by two instruction sets and any
// number of threads with equal results, every result written, nothing read or written beside the buffers.
#include <algorithm>
#include <memory>

#include "dispatch/kernel_table.h"
#include "fuzz/fuzz_target.h"
#include "ops/preprocess_job.h"

namespace weft::fuzz {
namespace {

// Larger pictures are only validated.
constexpr int64_t kMostBytes = 1 << 18;

struct Picture {
  ops::PictureRequest request;
  Bytes source;
  Bytes bytes;
  std::vector<float> floats;
};

ops::Span read_span(ByteReader& reader, int size) {
  if (reader.one_in(2)) return {0.0, static_cast<double>(size)};
  if (reader.one_in(16)) return {reader.any_double(), reader.any_double()};
  const double one = reader.fraction() * size;
  const double other = reader.fraction() * size;
  return {std::min(one, other), std::max(one, other)};
}

ops::ResizeRequest read_resize(ByteReader& reader, const ImageView& source) {
  ops::ResizeRequest resize;
  resize.width = reader.between(1, 80);
  resize.height = reader.between(1, 80);
  resize.filter = static_cast<ops::Filter>(reader.between(0, ops::kFilterCount - 1));
  resize.across = read_span(reader, source.width);
  resize.down = read_span(reader, source.height);
  if (reader.one_in(3)) resize.reducing_gap = 1.0 + 3.0 * reader.fraction();
  if (reader.one_in(32)) resize.reducing_gap = reader.any_double();
  if (reader.one_in(32)) resize.width = reader.any_int();
  if (reader.one_in(32)) resize.height = reader.any_int();
  return resize;
}

Rectangle read_rectangle(ByteReader& reader, int width, int height) {
  if (reader.one_in(16)) return {reader.any_int(), reader.any_int(), reader.any_int(), reader.any_int()};
  if (reader.one_in(3)) return {0, 0, width, height};
  return {reader.between(-40, 80), reader.between(-40, 80), reader.between(1, 90), reader.between(1, 90)};
}

void read_floats(ByteReader& reader, const Rectangle& crop, int channels, ops::FloatTarget& floats) {
  const bool is_small = crop.width > 0 && crop.width < 4096 && crop.height > 0 && crop.height < 4096;
  floats.left = reader.between(0, 5);
  floats.top = reader.between(0, 5);
  floats.canvas_width = is_small ? crop.width + floats.left + reader.between(0, 5) : reader.any_int();
  floats.canvas_height = is_small ? crop.height + floats.top + reader.between(0, 5) : reader.any_int();
  if (reader.one_in(32)) floats.left = reader.any_int();
  if (reader.one_in(32)) floats.top = reader.any_int();
  floats.canvas_value = reader.any_float();
  for (int channel = 0; channel < channels; ++channel) {
    ops::Normalisation normalisation;
    normalisation.factor = reader.one_in(4) ? reader.any_double() : 1.0 / 255.0;
    if (reader.one_in(4)) normalisation.offset = reader.any_float();
    if (reader.one_in(2)) {
      normalisation.mean = static_cast<float>(reader.fraction());
      normalisation.deviation = static_cast<float>(reader.fraction());
    }
    ops::fill_table(normalisation, floats.table[channel]);
  }
}

// Sizes and plan; no pixels yet, and pointers that only say which target is meant.
ops::PictureRequest read_request(ByteReader& reader) {
  static uint8_t byte = 0;
  static float number = 0;
  ops::PictureRequest request;
  ImageView& source = request.source;
  source = {&byte, reader.between(1, 96), reader.between(1, 96), reader.between(1, 4)};
  // So tall that the columns come first.
  if (reader.one_in(8)) source = {&byte, reader.between(1, 3), reader.between(200, 900), source.channels};
  if (reader.one_in(64)) source = {&byte, reader.any_int(), reader.any_int(), reader.any_int()};
  if (reader.one_in(8) == false) request.resize = read_resize(reader, source);
  request.crop = read_rectangle(reader, request.resized_width(), request.resized_height());
  if (reader.one_in(3)) {
    request.bytes = &byte;
  } else {
    request.floats.data = &number;
    const int channels = std::clamp(source.channels, 1, ops::kMostChannels);
    read_floats(reader, request.crop, channels, request.floats);
  }
  return request;
}

// Memory of exactly the sizes that the request means; false when that is too much to try.
bool allocate(Picture& picture) {
  ops::PictureRequest& request = picture.request;
  const int64_t channels = request.source.channels;
  const bool takes_bytes = request.bytes != nullptr;
  const int64_t source = channels * request.source.width * request.source.height;
  const int64_t area = takes_bytes ? int64_t{request.crop.width} * request.crop.height
                                   : int64_t{request.floats.canvas_width} * request.floats.canvas_height;
  const int64_t resized = int64_t{request.resized_width()} * request.resized_height();
  if (source > kMostBytes || channels * area > kMostBytes || resized > kMostBytes) return false;
  picture.source.resize(static_cast<size_t>(source));
  request.source.data = picture.source.data();
  if (takes_bytes) {
    picture.bytes.resize(static_cast<size_t>(channels * area));
    request.bytes = picture.bytes.data();
  } else {
    picture.floats.resize(static_cast<size_t>(channels * area));
    request.floats.data = picture.floats.data();
  }
  return true;
}

void fill_pixels(std::vector<Picture>& pictures, ByteReader& reader) {
  const size_t size = reader.rest_size();
  size_t place = 0;
  for (Picture& picture : pictures) {
    for (uint8_t& pixel : picture.source) pixel = size == 0 ? 255 : reader.rest()[place++ % size];
  }
}

// Runs the batch into targets that hold `filling` before.
Status run(std::vector<Picture>& pictures, const dispatch::KernelTable& table, unsigned threads,
           uint8_t filling) {
  std::vector<ops::PictureRequest> requests;
  for (Picture& picture : pictures) {
    std::fill(picture.bytes.begin(), picture.bytes.end(), filling);
    if (!picture.floats.empty()) {
      std::memset(picture.floats.data(), filling, picture.floats.size() * sizeof(float));
    }
    requests.push_back(picture.request);
  }
  std::unique_ptr<ops::PreprocessJob> job;
  const Status status = ops::PreprocessJob::create(std::move(requests), table, threads, job);
  if (status != Status::ok) return status;
  for (size_t piece = job->task_count(); piece > 0; --piece) job->run_task(piece - 1);
  return job->status();
}

bool same_numbers(const std::vector<float>& one, const std::vector<float>& other) {
  return one.empty() || std::memcmp(one.data(), other.data(), one.size() * sizeof(float)) == 0;
}

}  // namespace

std::vector<Bytes> seeds() {
  std::vector<Bytes> inputs;
  uint32_t state = 1;
  for (size_t size = 40; size < 2000; size += size / 4) {
    Bytes input(size);
    for (uint8_t& byte : input) {
      state = state * 1664525u + 1013904223u;
      byte = static_cast<uint8_t>(state >> 24);
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

}  // namespace weft::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weft;
  fuzz::ByteReader reader(data, size);
  const dispatch::AvailableTables& tables = dispatch::available_tables();
  const dispatch::KernelTable& table = *tables.tables[reader.bits(1) % tables.count];
  const dispatch::KernelTable& scalar = *tables.tables[tables.count - 1];
  const auto threads = static_cast<unsigned>(reader.between(1, 5));

  std::vector<fuzz::Picture> pictures(static_cast<size_t>(reader.between(1, 3)));
  for (fuzz::Picture& picture : pictures) {
    picture.request = fuzz::read_request(reader);
    if (ops::validate(picture.request) != Status::ok || !fuzz::allocate(picture)) return 0;
  }
  fuzz::fill_pixels(pictures, reader);

  const Status expected = fuzz::run(pictures, scalar, 1, 0xaa);
  fuzz::expect(expected == Status::ok || expected == Status::invalid_argument);
  std::vector<fuzz::Bytes> bytes;
  std::vector<std::vector<float>> floats;
  for (const fuzz::Picture& picture : pictures) {
    bytes.push_back(picture.bytes);
    floats.push_back(picture.floats);
  }
  fuzz::expect(fuzz::run(pictures, table, threads, 0x55) == expected);
  for (size_t index = 0; expected == Status::ok && index < pictures.size(); ++index) {
    fuzz::expect(pictures[index].bytes == bytes[index]);
    fuzz::expect(fuzz::same_numbers(pictures[index].floats, floats[index]));
  }
  return 0;
}
