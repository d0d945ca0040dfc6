// Asking for large pages never changes what a block holds, whatever its address and size; and where the
// system grants them on request, a large block that Buffer hands out has some.
#include "core/large_pages.h"

#include <fstream>
#include <string>

#include "core/buffer.h"
#include "tests/check.h"

namespace {

using weft::Buffer;
using weft::Status;

void test_contents() {
  std::vector<unsigned char> memory(size_t{5} << 20);
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<unsigned char>(i * 31);
  weft::prefer_large_pages(nullptr, 0);
  for (const size_t offset : {size_t{0}, size_t{1}, size_t{4097}}) {
    for (const size_t bytes : {size_t{0}, size_t{100}, size_t{2} << 20, (size_t{4} << 20) + 5}) {
      weft::prefer_large_pages(memory.data() + offset, bytes);
    }
  }
  size_t wrong = 0;
  for (size_t i = 0; i < memory.size(); ++i) wrong += memory[i] != static_cast<unsigned char>(i * 31);
  WEFT_CHECK(wrong == 0, std::to_string(wrong) + " bytes changed");
}

#if defined(__linux__)

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Kilobytes of this process that lie in large pages.
long large_kilobytes() {
  const std::string text = text_of("/proc/self/smaps_rollup");
  const size_t at = text.find("AnonHugePages:");
  return at == std::string::npos ? -1 : std::stol(text.substr(at + sizeof("AnonHugePages:") - 1));
}

void test_buffer() {
  const std::string setting = text_of("/sys/kernel/mm/transparent_hugepage/enabled");
  if (setting.find("[madvise]") == std::string::npos || large_kilobytes() < 0) {
    std::printf("skipped: this system does not give large pages on request (%s)\n", setting.c_str());
    return;
  }
  const long before = large_kilobytes();
  Buffer buffer;
  WEFT_CHECK(Buffer::allocate(size_t{64} << 20, buffer) == Status::ok, "64 MiB");
  std::memset(buffer.data(), 1, buffer.bytes());
  // The system may be short of them, but hardly of all.
  WEFT_CHECK(large_kilobytes() > before, "large pages behind a large buffer");
}

#else

void test_buffer() { std::printf("skipped: large pages are asked for on Linux only\n"); }

#endif

}  // namespace

int main() {
  test_contents();
  test_buffer();
  return weft::tests::summary("large pages");
}
