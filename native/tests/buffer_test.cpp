// Native memory: what is counted, what is refused, what is kept and given back; from many threads at once.
#include "core/buffer.h"

#include <cstdint>
#include <thread>
#include <vector>

#include "core/kept_blocks.h"
#include "core/scratch.h"
#include "tests/check.h"

namespace {

using weft::Buffer;
using weft::KeptBlocks;
using weft::memory_usage;
using weft::Status;

constexpr size_t kMegabyte = size_t{1} << 20;

Status allocate(size_t bytes, Buffer& buffer) { return Buffer::allocate(bytes, buffer); }

void sizes_of_blocks_waste_little() {
  weft::tests::Random random(1);
  bool holds = KeptBlocks::block_size(1) == 64 && KeptBlocks::block_size(512) == 512;
  for (int round = 0; round < 20000; ++round) {
    const size_t bytes = 1 + random.below(size_t{1} << (1 + random.below(60)));
    const size_t block = KeptBlocks::block_size(bytes);
    holds = holds && block >= bytes && block % 64 == 0 && block - bytes < 64 + bytes / 4 &&
            KeptBlocks::block_size(block) == block;
  }
  WEFT_CHECK(holds, "sizes of blocks");
}

void counts_what_is_used() {
  const size_t before = memory_usage().used;
  {
    Buffer small, large, moved;
    WEFT_CHECK(allocate(0, small) == Status::ok && small.data() != nullptr, "no bytes");
    WEFT_CHECK(allocate(3 * kMegabyte, large) == Status::ok, "three megabytes");
    WEFT_CHECK(reinterpret_cast<uintptr_t>(large.data()) % 64 == 0, "alignment");
    std::memset(large.data(), 1, large.bytes());
    const size_t used = memory_usage().used;
    WEFT_CHECK(used == before + small.bytes() + large.bytes(), "used");
    moved = std::move(large);
    WEFT_CHECK(large.data() == nullptr && large.bytes() == 0 && memory_usage().used == used, "moved");
    moved = std::move(small);
    WEFT_CHECK(memory_usage().used == before + moved.bytes(), "a moved-to buffer lets go of its own");
    WEFT_CHECK(memory_usage().peak >= used, "peak");
  }
  WEFT_CHECK(memory_usage().used == before, "all released");
}

void keeps_blocks_for_their_size() {
  weft::release_kept_memory();
  void* first = nullptr;
  {
    Buffer buffer;
    allocate(kMegabyte, buffer);
    first = buffer.data();
  }
  WEFT_CHECK(memory_usage().kept == kMegabyte, "one kept block");
  {
    Buffer other, same;
    allocate(3 * kMegabyte, other);
    WEFT_CHECK(memory_usage().kept == kMegabyte, "not for another size");
    allocate(kMegabyte - 100, same);
    WEFT_CHECK(same.data() == first && memory_usage().kept == 0, "used again");
  }
  {
    Buffer small;
    allocate(KeptBlocks::kLeastBytes / 2, small);
  }
  WEFT_CHECK(memory_usage().kept == 4 * kMegabyte, "small ones are not kept");
  weft::release_kept_memory();
  WEFT_CHECK(memory_usage().kept == 0, "given back");
}

void gives_back_what_was_unused_longest() {
  weft::release_kept_memory();
  // Three of 96 MiB do not fit into what is kept at most; the first that came goes.
  void* places[3];
  {
    Buffer buffers[3];
    for (int index = 0; index < 3; ++index) {
      allocate(96 * kMegabyte, buffers[index]);
      places[index] = buffers[index].data();
    }
    for (Buffer& buffer : buffers) buffer = Buffer();
  }
  WEFT_CHECK(memory_usage().kept == 192 * kMegabyte, "two kept");
  Buffer again[2];
  for (Buffer& buffer : again) allocate(96 * kMegabyte, buffer);
  WEFT_CHECK(again[0].data() == places[2] && again[1].data() == places[1], "the newest first");
}

void refuses_beyond_the_limit() {
  weft::release_kept_memory();
  const size_t before = memory_usage().used;
  weft::set_memory_limit(before + 4 * kMegabyte);
  {
    Buffer first, second, third;
    WEFT_CHECK(allocate(3 * kMegabyte, first) == Status::ok, "below the limit");
    WEFT_CHECK(allocate(2 * kMegabyte, second) == Status::out_of_memory, "above the limit");
    WEFT_CHECK(second.data() == nullptr, "nothing given");
    WEFT_CHECK(memory_usage().used == before + 3 * kMegabyte, "a refusal counts nothing");
    WEFT_CHECK(allocate(kMegabyte, third) == Status::ok, "up to the limit");
    weft::set_memory_limit(kMegabyte);
    WEFT_CHECK(memory_usage().used == before + 4 * kMegabyte, "what is there stays");
    WEFT_CHECK(allocate(1, second) == Status::out_of_memory, "nothing more");
  }
  WEFT_CHECK(memory_usage().used + memory_usage().kept <= kMegabyte, "what is kept counts");
  weft::set_memory_limit(before + 4 * kMegabyte);
  {
    Buffer buffer;
    allocate(3 * kMegabyte, buffer);
  }
  WEFT_CHECK(memory_usage().kept == 3 * kMegabyte, "kept below the limit");
  {
    Buffer buffer;
    WEFT_CHECK(allocate(2 * kMegabyte, buffer) == Status::ok && memory_usage().kept == 0,
               "what is kept makes room");
  }
  weft::set_memory_limit(SIZE_MAX);
}

void survives_a_system_without_memory() {
  const weft::MemoryUsage before = memory_usage();
  Buffer buffer;
  allocate(kMegabyte, buffer);
  void* const data = buffer.data();
  for (const size_t bytes : {SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX / 2, SIZE_MAX / 16}) {
    WEFT_CHECK(allocate(bytes, buffer) == Status::out_of_memory, std::to_string(bytes) + " bytes");
  }
  WEFT_CHECK(buffer.data() == data, "a failed request leaves the buffer");
  WEFT_CHECK(memory_usage().used == before.used + buffer.bytes(), "used");
  WEFT_CHECK(memory_usage().peak < SIZE_MAX / 16, "a failed request is no peak");
}

// Every thread writes its own pattern over all of its blocks and finds it again.
void serves_many_threads() {
  const size_t before = memory_usage().used;
  std::vector<std::thread> threads;
  std::vector<size_t> wrong(8, 0);
  for (size_t thread = 0; thread < wrong.size(); ++thread) {
    threads.emplace_back([&, thread] {
      weft::tests::Random random(thread);
      Buffer held[5];
      for (int round = 0; round < 400; ++round) {
        Buffer& buffer = held[random.below(5)];
        if (Buffer::allocate(1 + random.below(300000), buffer) != Status::ok) ++wrong[thread];
        auto* bytes = static_cast<unsigned char*>(buffer.data());
        const auto pattern = static_cast<unsigned char>(thread + 1);
        std::memset(bytes, pattern, buffer.bytes());
        auto* scratch = static_cast<unsigned char*>(weft::thread_scratch(1 + random.below(200000)));
        scratch[0] = pattern;
        if (bytes[0] != pattern || bytes[buffer.bytes() - 1] != pattern) ++wrong[thread];
        if (round % 64 == 0) weft::release_kept_memory();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const size_t count : wrong) WEFT_CHECK(count == 0, "blocks of one thread");
  WEFT_CHECK(memory_usage().used == before, "all released, scratch memory of ended threads too");
}

}  // namespace

int main() {
  sizes_of_blocks_waste_little();
  counts_what_is_used();
  keeps_blocks_for_their_size();
  gives_back_what_was_unused_longest();
  refuses_beyond_the_limit();
  survives_a_system_without_memory();
  serves_many_threads();
  return weft::tests::summary("buffer");
}
