// SPDX-License-Identifier: MIT
// prologue-init's malloc(3), for the libraries and for `new`. The C library's own maps each group of
// blocks apart, and unmaps it when it is empty: a third of the faults of a boot, and half of the pages
// that each child copies. Linked before the C library, these definitions keep its out: all of
// the family, since a block of the other one would end the process when it is freed here.
#include <cerrno>
#include <cstddef>

#include "init/base/heap.h"

namespace {

// Behind all other zeroed memory (.lbss is the last section), so that the variables of the program and
// of its libraries share their pages, which every child copies.
alignas(16) __attribute__((section(".lbss.heap"))) char g_first_chunk[64 * 1024];
constinit prologue::Heap g_heap(g_first_chunk + 8, sizeof g_first_chunk - 8);

}  // namespace

void prologue::begin_heap_page() {
    g_heap.begin_page();
}

extern "C" {

void* malloc(std::size_t size) {
    return g_heap.allocate(size);
}

void* calloc(std::size_t count, std::size_t size) {
    return g_heap.allocate_zeroed(count, size);
}

void* realloc(void* memory, std::size_t size) {
    return g_heap.resize(memory, size);
}

void free(void* memory) {
    g_heap.release(memory);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return g_heap.allocate_aligned(alignment, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
    return aligned_alloc(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
    void* const block = aligned_alloc(alignment, size);
    if (block == nullptr) return ENOMEM;
    *memory = block;
    return 0;
}

}  // extern "C"
