// The packed cache on disk: what comes back is what was stored, whatever is cut or altered does not come
// back, and the folder stays within its bytes.
#include "ops/packed_cache.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/thread_pool.h"
#include "ops/cpu_operators.h"
#include "ops/packing_fingerprint.h"
#include "tests/check.h"

namespace {

namespace fs = std::filesystem;
using namespace weft;
using namespace weft::tests;
using ops::PackedCache;
using ops::PackedMatrix;
using ops::Precision;
using Packed = std::shared_ptr<const PackedMatrix>;

constexpr uint64_t kPlenty = uint64_t{1} << 30;
constexpr Precision kPrecisions[] = {Precision::f32, Precision::bf16, Precision::int8};

// A folder of this run, removed at its end.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("weft-packed-" + std::to_string(std::random_device()()))) {}
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(path_, missing)) found.push_back(entry.path());
    return found;
  }

 private:
  fs::path path_;
};

Packed pack(const ops::Operators& operators, Team& team, Precision precision, size_t outputs, size_t inputs,
            uint64_t seed) {
  const std::vector<float> weights = Random(seed).numbers(outputs * inputs);
  const ops::WeightPart part{weights.data(), DType::f32, outputs, inputs, false};
  Packed packed;
  operators.pack(team, {&part, 1}, precision, packed);
  return packed;
}

void store(PackedCache& cache, const std::string& key, const Packed& matrix) {
  cache.queue(key, matrix);
  while (cache.store_next()) {
  }
}

std::vector<float> multiply(const ops::Operators& operators, Team& team, const PackedMatrix& weights) {
  const std::vector<float> rows = Random(11).numbers(3 * weights.inputs());
  std::vector<float> out(3 * weights.outputs());
  operators.gemm(team, 3, rows.data(), weights.inputs(), weights, {}, out.data(), weights.outputs());
  return out;
}

void gives_back(const ops::Operators& operators, Team& team, Precision precision) {
  const Folder folder;
  PackedCache cache(folder.path(), kPlenty);
  const std::string key = "a key with \n any text";
  WEFT_CHECK(cache.load(key, operators, precision, team) == nullptr, "nothing there yet");
  for (const size_t outputs : {1, 33, 257}) {
    const Packed packed = pack(operators, team, precision, outputs, 70, outputs);
    store(cache, key, packed);
    const Packed loaded = cache.load(key, operators, precision, team);
    if (!WEFT_CHECK(loaded != nullptr, "not loaded")) continue;
    WEFT_CHECK(loaded->outputs() == outputs && loaded->inputs() == 70, "sizes");
    WEFT_CHECK(loaded->precision() == precision && loaded->layout() == packed->layout(), "layout");
    WEFT_CHECK(reinterpret_cast<uintptr_t>(loaded->panels()) % 64 == 0, "alignment");
    WEFT_CHECK(multiply(operators, team, *loaded) == multiply(operators, team, *packed), "products differ");
    // Who has it keeps it, even when the file goes away.
    for (const fs::path& file : folder.files()) fs::remove(file);
    WEFT_CHECK(multiply(operators, team, *loaded) == multiply(operators, team, *packed),
               "products without the file");
  }
  WEFT_CHECK(cache.load("another key", operators, precision, team) == nullptr, "another key");
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

void refuses_damage(const ops::Operators& operators, Team& team, Precision precision) {
  const Folder folder;
  PackedCache cache(folder.path(), kPlenty);
  const Packed packed = pack(operators, team, precision, 40, 31, 5);
  store(cache, "key", packed);
  const fs::path path = folder.files().at(0);
  const std::string good = read_file(path);
  const size_t used = 64 + 64 + packed->layout().panel_bytes + packed->layout().scale_bytes;
  const auto survives = [&](const std::string& content) {
    write_file(path, content);
    const bool usable = cache.load("key", operators, precision, team) != nullptr;
    WEFT_CHECK(usable == fs::exists(path), "a damaged file is removed, a good one stays");
    return usable;
  };
  WEFT_CHECK(survives(good), "the file as it was written");
  WEFT_CHECK(!survives("") && !survives("text") && !survives(good + "x"), "another length");
  Random random(9);
  for (int round = 0; round < 300; ++round) {
    WEFT_CHECK(!survives(good.substr(0, random.below(good.size()))), "a cut file");
    std::string altered = good;
    // The header, the key and the numbers; the zeros that fill up are nobody's.
    const size_t place = round < 67 ? static_cast<size_t>(round) : 128 + random.below(used - 128);
    const bool is_scale = place >= 128 + packed->layout().panel_bytes;
    if (is_scale && packed->layout().panel_bytes % 64 != 0) continue;
    altered[place] = static_cast<char>(altered[place] ^ (1 << random.below(8)));
    WEFT_CHECK(!survives(altered), "a flipped bit at " + std::to_string(place));
  }
  // The file of one key at the place of another.
  store(cache, "key", packed);
  store(cache, "yek", packed);
  for (const fs::path& file : folder.files()) {
    if (file != path) fs::copy_file(file, path, fs::copy_options::overwrite_existing);
  }
  WEFT_CHECK(cache.load("key", operators, precision, team) == nullptr, "the file of another key");
  WEFT_CHECK(cache.load("yek", operators, precision, team) != nullptr, "the other key's own file");
}

void stays_within_its_bytes(const ops::Operators& operators, Team& team) {
  const Folder folder;
  const Packed packed = pack(operators, team, Precision::f32, 64, 64, 1);
  const uint64_t each = packed->bytes() + 512;
  PackedCache cache(folder.path(), 3 * each);
  const auto age = [](const fs::path& path, int hours) {
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  for (const char* key : {"a", "b", "c"}) {
    store(cache, key, packed);
    for (const fs::path& file : folder.files()) age(file, 5);
  }
  WEFT_CHECK(cache.load("a", operators, Precision::f32, team) != nullptr, "a is there, and now used");
  store(cache, "d", packed);
  const fs::path old_draft = folder.path() / "x.packed.1.draft";
  const fs::path new_draft = folder.path() / "x.packed.2.draft";
  write_file(old_draft, "left by a dead process");
  write_file(new_draft, "being written");
  age(old_draft, 2);
  cache.trim();
  WEFT_CHECK(!fs::exists(old_draft) && fs::exists(new_draft), "old drafts go, new ones stay");
  WEFT_CHECK(folder.files().size() == 4, "three files and a draft remain");
  WEFT_CHECK(cache.load("a", operators, Precision::f32, team) != nullptr, "what was used stays");
  WEFT_CHECK(cache.load("d", operators, Precision::f32, team) != nullptr, "what is new stays");

  PackedCache tiny(folder.path() / "tiny", each / 2);
  store(tiny, "a", packed);
  WEFT_CHECK(
      !fs::exists(folder.path() / "tiny" / "x") && tiny.load("a", operators, Precision::f32, team) == nullptr,
      "what is larger than all of it is not stored");
  write_file(folder.path() / "file", "in the way");
  PackedCache blocked(folder.path() / "file", kPlenty);
  store(blocked, "a", packed);
  blocked.trim();
  WEFT_CHECK(blocked.load("a", operators, Precision::f32, team) == nullptr, "a folder that cannot be made");
}

void fingerprints_differ(const ops::Operators& operators) {
  std::vector<std::string> seen;
  for (const Precision precision : kPrecisions) {
    std::string first;
    std::string again;
    if (!WEFT_CHECK(ops::packing_fingerprint(operators, precision, first) == Status::ok, "no fingerprint"))
      continue;
    // Memory that was used before must not show.
    Team alone;
    pack(operators, alone, precision, 101, 139, seen.size());
    WEFT_CHECK(ops::packing_fingerprint(operators, precision, again) == Status::ok && first == again,
               "the same twice");
    for (const std::string& other : seen) WEFT_CHECK(other != first, "they differ");
    seen.push_back(first);
  }
}

}  // namespace

int main() {
  const ops::Operators& operators = ops::cpu_operators(forced_table());
  std::shared_ptr<ThreadPool> pool;
  ThreadPool::create(3, pool);
  Team team(*pool);
  for (const Precision precision : kPrecisions) {
    gives_back(operators, team, precision);
    refuses_damage(operators, team, precision);
  }
  stays_within_its_bytes(operators, team);
  fingerprints_differ(operators);
  return summary("packed_cache");
}
