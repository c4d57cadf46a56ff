// SPDX-License-Identifier: MIT
// Memory for programs that are small, live for a moment and fork: prologue-init's malloc is one of
// these (init/malloc/malloc.cc). Blocks lie close together, so that a boot touches few pages and a
// child copies few of its parent's; what is freed is kept for the next one of its size and not given
// back to the kernel. One thread only.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prologue {

class Heap {
  public:
    // `chunk` is where the first blocks come from, before any memory is mapped.
    // It begins eight bytes before a multiple of sixteen.
    constexpr Heap(char* chunk, std::size_t size) : top_(chunk), end_(chunk + size) {}
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;
    ~Heap() = default;

    // At least `size` bytes, aligned for any type; null, with errno set, when there are none.
    void* allocate(std::size_t size);
    // The same, aligned to `alignment`, a power of two of at most a page; ENOMEM for more. Beyond what
    // any type wants, which is what direct reads from a disk want, it is a mapping of its own.
    void* allocate_aligned(std::size_t alignment, std::size_t size);
    // The same, of zeroes; null also when the product is no size.
    void* allocate_zeroed(std::size_t count, std::size_t size);
    // As realloc(3): null leaves the old block as it is.
    void* resize(void* memory, std::size_t size);
    // Ends in abort() when `memory` is not a block in use: freed twice, or written over.
    void release(void* memory);
    // What follows lies together, on pages that nothing else is on: what was freed so far is left
    // unused.
    void begin_page();

  private:
    struct Block;
    static constexpr std::size_t kBins = 61;

    void* allocate_mapped(std::size_t size, std::size_t head);
    Block* take_free(std::size_t bin);
    Block* carve(std::size_t bytes);
    bool extend(Block* block, std::size_t units);

    Block* bins_[kBins] = {};
    // The unused rest of the chunk in use.
    char* top_;
    char* end_;
};

// The same for the heap behind malloc(3), where that is one of these. After a fork a process copies
// each page that it writes to; so a child begins with fresh ones, and PID 1 once its plan stands.
void begin_heap_page();

}  // namespace prologue
