// Runs a fuzz target without libFuzzer: replays inputs, or changes the seeds at random for a given time.
// Knows nothing of coverage; where clang is at hand, libFuzzer searches better. What ends the program is kept
// in crash-input (under AddressSanitizer with ASAN_OPTIONS=abort_on_error=1).
//   PROGRAM --seeds FOLDER     writes the seeds into an existing folder
//   PROGRAM --seconds N        changes the seeds at random; tells how many inputs were run
//   PROGRAM FILE...            replays
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/fuzz_target.h"

namespace {

using weft::fuzz::Bytes;

constexpr size_t kLongest = 4096;

class Changer {
 public:
  explicit Changer(const std::vector<Bytes>& seeds) : seeds_(seeds) {}

  Bytes next() {
    Bytes input = seeds_[below(seeds_.size())];
    for (size_t changes = 1 + below(8); changes > 0; --changes) change(input);
    if (input.size() > kLongest) input.resize(kLongest);
    return input;
  }

 private:
  size_t below(size_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<size_t>(state_ % limit);
  }

  void change(Bytes& input) {
    static constexpr uint8_t kTelling[] = {0, 1, 0x7f, 0x80, 0xff, '"', '[', '{', '9', '-'};
    const size_t place = input.empty() ? 0 : below(input.size());
    const auto at = input.begin() + static_cast<std::ptrdiff_t>(place);
    switch (input.empty() ? 2 : below(5)) {
      case 0:
        *at ^= static_cast<uint8_t>(1u << below(8));
        break;
      case 1:
        *at = kTelling[below(sizeof(kTelling))];
        break;
      case 2:
        input.insert(at, static_cast<uint8_t>(below(256)));
        break;
      case 3:
        input.erase(at,
                    at + static_cast<std::ptrdiff_t>(1 + below(std::min<size_t>(8, input.size() - place))));
        break;
      default: {
        const Bytes& other = seeds_[below(seeds_.size())];
        const size_t from = other.empty() ? 0 : below(other.size());
        input.resize(place);
        input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      }
    }
  }

  const std::vector<Bytes>& seeds_;
  uint64_t state_ = 0x9e3779b97f4a7c15u;
};

Bytes current_input;

void write_file(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// The process is lost; what it fell over is worth the attempt.
void keep_input(int signal) {
  std::signal(signal, SIG_DFL);
  write_file("crash-input", current_input);
  std::printf("the input that did it: crash-input\n");
  std::fflush(stdout);
  std::raise(signal);
}

int write_seeds(const std::string& folder) {
  size_t number = 0;
  for (const Bytes& seed : weft::fuzz::seeds()) {
    const std::string path = folder + "/seed-" + std::to_string(number++);
    write_file(path, seed);
    if (!std::ifstream(path)) {
      std::printf("cannot write %s\n", path.c_str());
      return 1;
    }
  }
  std::printf("%zu seeds in %s\n", number, folder.c_str());
  return 0;
}

int run_for(double seconds) {
  using Clock = std::chrono::steady_clock;
  const std::vector<Bytes> seeds = weft::fuzz::seeds();
  for (const Bytes& seed : seeds) LLVMFuzzerTestOneInput(seed.data(), seed.size());
  Changer changer(seeds);
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  size_t executions = seeds.size();
  for (const int signal : {SIGILL, SIGTRAP, SIGABRT, SIGSEGV}) std::signal(signal, keep_input);
  for (; Clock::now() < end; ++executions) {
    current_input = changer.next();
    LLVMFuzzerTestOneInput(current_input.data(), current_input.size());
  }
  std::printf("%zu executions in %.0f s\n", executions, seconds);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string first = count > 1 ? arguments[1] : "";
  if (first == "--seeds" && count == 3) return write_seeds(arguments[2]);
  if (first == "--seconds" && count == 3) return run_for(std::atof(arguments[2]));
  for (int index = 1; index < count; ++index) {
    std::ifstream file(arguments[index], std::ios::binary);
    if (!file) {
      std::printf("cannot read %s\n", arguments[index]);
      return 1;
    }
    const Bytes input{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%d inputs replayed\n", count - 1);
  return count > 1 ? 0 : 2;
}
