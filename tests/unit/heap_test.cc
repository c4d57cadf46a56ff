// SPDX-License-Identifier: MIT
#include "init/base/heap.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

// With a first chunk of its own.
class TestHeap {
  public:
    Heap* operator->() { return &heap_; }

  private:
    alignas(16) char chunk_[32768] = {};
    Heap heap_{chunk_ + 8, sizeof chunk_ - 8};
};

// A block with a pattern of its own, which no other block may change.
struct Piece {
    unsigned char* memory = nullptr;
    std::size_t size = 0;
    unsigned char fill = 0;

    [[nodiscard]] bool is_whole() const {
        for (std::size_t i = 0; i < size; ++i) {
            if (memory[i] != fill) return false;
        }
        return true;
    }
};

// The signal that ends a process in which the heap meets what `spoil` does.
template <class Spoil>
int signal_after(Spoil spoil) {
    const pid_t pid = fork();
    if (pid == 0) {
        // The sanitizers would tell of the abort at length.
        (void)signal(SIGABRT, SIG_DFL);
        spoil();
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace

TEST_CASE("heap: blocks of any size are aligned, apart and keep what is in them") {
    TestHeap heap;
    std::mt19937 random(20);
    std::vector<Piece> pieces(200);
    for (int round = 0; round < 20000; ++round) {
        Piece& piece = pieces[random() % pieces.size()];
        CHECK(piece.is_whole());
        // Mostly small ones, some in every bin, a few that are mappings.
        const std::size_t size = random() % (std::size_t{1} << (random() % 18));
        const std::size_t kept = std::min(size, piece.size);
        if (random() % 3 == 0) {
            heap->release(piece.memory);
            piece = {};
            continue;
        }
        void* memory = heap->resize(piece.memory, size);
        CHECK(memory != nullptr);
        if (memory == nullptr) return;
        CHECK(reinterpret_cast<std::uintptr_t>(memory) % alignof(std::max_align_t) == 0);
        piece.memory = static_cast<unsigned char*>(memory);
        piece.size = kept;
        CHECK(piece.is_whole());
        piece.size = size;
        piece.fill = static_cast<unsigned char>(random());
        std::memset(piece.memory, piece.fill, size);
    }
    for (const Piece& piece : pieces) heap->release(piece.memory);
}

TEST_CASE("heap: what is freed serves the next block of its size") {
    TestHeap heap;
    void* first = heap->allocate(100);
    void* second = heap->allocate(100);
    heap->release(first);
    CHECK(heap->allocate(99) == first);
    // The last block makes room for one of any size.
    heap->release(second);
    CHECK(heap->allocate(5000) == second);
}

TEST_CASE("heap: the last block grows where it is") {
    TestHeap heap;
    void* memory = heap->allocate(10);
    CHECK(heap->resize(memory, 20000) == memory);
    (void)heap->allocate(10);
    CHECK(heap->resize(memory, 40000) != memory);
}

TEST_CASE("heap: a new page has nothing else on it, and what was freed stays unused") {
    TestHeap heap;
    void* freed = heap->allocate(100);
    (void)heap->allocate(100);
    heap->release(freed);
    heap->begin_page();
    void* memory = heap->allocate(100);
    CHECK(memory != freed);
    CHECK(reinterpret_cast<std::uintptr_t>(memory) % 4096 == 0);
    heap->release(memory);
    CHECK(heap->allocate(100) == memory);
}

TEST_CASE("heap: zeroed memory is zeroes where another block was") {
    TestHeap heap;
    for (const std::size_t size : {std::size_t{64}, std::size_t{200000}}) {
        void* used = heap->allocate(size);
        std::memset(used, 0xff, size);
        heap->release(used);
        const auto* zeroed = static_cast<unsigned char*>(heap->allocate_zeroed(size / 8, 8));
        CHECK(Piece{const_cast<unsigned char*>(zeroed), size, 0}.is_whole());
    }
}

TEST_CASE("heap: aligned blocks are aligned, keep what is in them and go like others") {
    TestHeap heap;
    for (const std::size_t alignment : {std::size_t{8}, std::size_t{512}, std::size_t{4096}}) {
        for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, std::size_t{100'000}}) {
            auto* memory = static_cast<char*>(heap->allocate_aligned(alignment, size));
            REQUIRE(memory != nullptr);
            CHECK(reinterpret_cast<std::uintptr_t>(memory) % alignment == 0);
            std::memset(memory, 'x', size);
            auto* larger = static_cast<char*>(heap->resize(memory, size + 50'000));
            REQUIRE(larger != nullptr);
            CHECK(std::all_of(larger, larger + size, [](char c) { return c == 'x'; }));
            heap->release(larger);
        }
    }
    errno = 0;
    CHECK(heap->allocate_aligned(8192, 1) == nullptr);
    CHECK(errno == ENOMEM);
}

TEST_CASE("heap: what cannot be had is null and ENOMEM") {
    TestHeap heap;
    errno = 0;
    CHECK(heap->allocate(SIZE_MAX) == nullptr);
    CHECK(errno == ENOMEM);
    errno = 0;
    CHECK(heap->allocate_zeroed(SIZE_MAX / 2, 3) == nullptr);
    CHECK(errno == ENOMEM);
    void* memory = heap->allocate(10);
    errno = 0;
    CHECK(heap->resize(memory, SIZE_MAX / 2) == nullptr);
    CHECK(errno == ENOMEM);
    heap->release(memory);
    CHECK(heap->allocate(10) == memory);
}

TEST_CASE("heap: a block that is freed twice, or written over, ends the process") {
    TestHeap heap;
    void* memory = heap->allocate(100);
    (void)heap->allocate(100);
    CHECK(signal_after([&] { heap->release(memory); }) == 0);
    CHECK(signal_after([&] {
              heap->release(memory);
              heap->release(memory);
          }) == SIGABRT);
    CHECK(signal_after([&] {
              std::memset(memory, 0, 120);
              heap->release(static_cast<char*>(memory) + 112);
          }) == SIGABRT);
}

TEST_CASE("heap: one byte behind the end of a block is noticed") {
    TestHeap heap;
    auto* memory = static_cast<unsigned char*>(heap->allocate(24));
    void* next = heap->allocate(24);
    CHECK(signal_after([&] { heap->release(next); }) == 0);
    CHECK(signal_after([&] {
              memory[24] = 0;
              heap->release(next);
          }) == SIGABRT);
}

}  // namespace prologue::tests
