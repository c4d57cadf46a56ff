// SPDX-License-Identifier: MIT
#include "init/base/heap.h"

#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/mman.h>

namespace prologue {
namespace {

// Sizes are counted in units. Up to kFineUnits each has a bin; above, each doubling has four.
constexpr std::size_t kUnit = 16;
constexpr std::size_t kFineUnits = 32;
constexpr std::size_t kFineBits = 5;
// Above this a block is a mapping of its own.
constexpr std::size_t kMappedSize = std::size_t{64} * 1024;
constexpr std::size_t kMostUnits = kMappedSize / kUnit;
constexpr std::size_t kChunk = std::size_t{256} * 1024;

// What a block's mark may be. Any other value: something has been written over it.
constexpr std::uint32_t kInUse = 0x75736564, kFree = 0x66726565, kMapped = 0x6d617070;

}  // namespace

// Eight bytes before the memory that is handed out; in a free block a link follows them. The mark
// comes first: what runs over the end of the block before meets it before anything that is counted on.
struct Heap::Block {
    std::uint32_t mark;
    std::uint32_t units;

    char* memory() { return reinterpret_cast<char*>(this + 1); }
    [[nodiscard]] std::size_t room() const { return units * kUnit - sizeof(Block); }
    char* end() { return reinterpret_cast<char*>(this) + units * kUnit; }
    Block* next() {
        Block* link = nullptr;
        std::memcpy(&link, memory(), sizeof(void*));
        return link;
    }
    void set_next(Block* link) { std::memcpy(memory(), &link, sizeof(void*)); }
    static Block* of(void* memory) { return static_cast<Block*>(memory) - 1; }
    // False for what cannot be a block of a bin: something has been written over it.
    [[nodiscard]] bool is_sound(std::uint32_t expected) const {
        const bool is_placed = reinterpret_cast<std::uintptr_t>(this + 1) % kUnit == 0;
        return is_placed && mark == expected && units != 0 && units <= kMostUnits;
    }
};

namespace {

std::size_t units_for(std::size_t size) {
    const std::size_t units = (size + sizeof(std::uint64_t) + kUnit - 1) / kUnit;
    if (units <= kFineUnits) return units;
    const std::size_t step = std::bit_floor(units) / 4;
    // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): there are more than kFineUnits
    return (units + step - 1) / step * step;
}

std::size_t bin_of(std::size_t units) {
    if (units <= kFineUnits) return units - 1;
    const auto log = static_cast<std::size_t>(std::bit_width(units)) - 1;
    return kFineUnits + (log - kFineBits) * 4 + ((units >> (log - 2)) & 3U);
}

void* map_pages(std::size_t bytes) {
    void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? nullptr : pages;
}

// Before the memory of a mapping stand the mapping's length and the block. They are all of its first
// page where the memory is aligned to one.
constexpr std::size_t kMappedHead = kUnit;
constexpr std::size_t kPage = 4096;

std::size_t& mapped_length(void* memory) {
    return *reinterpret_cast<std::size_t*>(static_cast<char*>(memory) - kMappedHead);
}

char* mapping_of(void* memory) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory) - kMappedHead;
    return static_cast<char*>(memory) - kMappedHead - address % kPage;
}

std::size_t mapped_room(void* memory) {
    return mapped_length(memory) -
           static_cast<std::size_t>(static_cast<char*>(memory) - mapping_of(memory));
}

}  // namespace

Heap::Block* Heap::take_free(std::size_t bin) {
    Block* block = bins_[bin];
    if (block == nullptr) return nullptr;
    if (!block->is_sound(kFree)) abort();
    bins_[bin] = block->next();
    return block;
}

// Finds room for `bytes` in the chunk in use, or in a new one.
Heap::Block* Heap::carve(std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(end_ - top_)) {
        auto* chunk = static_cast<char*>(map_pages(kChunk));
        if (chunk == nullptr) return nullptr;
        // A block's header ends at a multiple of a unit, so that what follows is aligned.
        top_ = chunk + kUnit - sizeof(Block);
        end_ = chunk + kChunk;
    }
    auto* block = reinterpret_cast<Block*>(top_);
    top_ += bytes;
    return block;
}

bool Heap::extend(Block* block, std::size_t units) {
    const std::size_t more = (units - block->units) * kUnit;
    if (block->end() != top_ || more > static_cast<std::size_t>(end_ - top_)) return false;
    block->units = static_cast<std::uint32_t>(units);
    top_ += more;
    return true;
}

void* Heap::allocate(std::size_t size) {
    if (size > kMappedSize - sizeof(Block)) return allocate_mapped(size, kMappedHead);
    const std::size_t units = units_for(size);
    Block* block = take_free(bin_of(units));
    if (block == nullptr) {
        block = carve(units * kUnit);
        if (block == nullptr) return nullptr;
        block->units = static_cast<std::uint32_t>(units);
    }
    block->mark = kInUse;
    return block->memory();
}

void* Heap::allocate_aligned(std::size_t alignment, std::size_t size) {
    if (alignment <= kUnit) return allocate(size);
    if (alignment <= kPage) return allocate_mapped(size, kPage);
    errno = ENOMEM;
    return nullptr;
}

void* Heap::allocate_mapped(std::size_t size, std::size_t head) {
    if (size > SIZE_MAX - head) {
        errno = ENOMEM;
        return nullptr;
    }
    const std::size_t length = size + head;
    auto* pages = static_cast<char*>(map_pages(length));
    if (pages == nullptr) return nullptr;
    char* memory = pages + head;
    mapped_length(memory) = length;
    Block::of(memory)->mark = kMapped;
    return memory;
}

void* Heap::allocate_zeroed(std::size_t count, std::size_t size) {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return nullptr;
    }
    void* memory = allocate(bytes);
    // A mapping is zeroes already, and large.
    if (memory != nullptr && Block::of(memory)->mark == kInUse) std::memset(memory, 0, bytes);
    return memory;
}

void Heap::release(void* memory) {
    if (memory == nullptr) return;
    Block* block = Block::of(memory);
    if (block->mark == kMapped) {
        (void)munmap(mapping_of(memory), mapped_length(memory));
        return;
    }
    if (!block->is_sound(kInUse)) abort();
    block->mark = kFree;
    if (block->end() == top_) {
        top_ = reinterpret_cast<char*>(block);
        return;
    }
    Block*& bin = bins_[bin_of(block->units)];
    block->set_next(bin);
    bin = block;
}

void Heap::begin_page() {
    for (Block*& bin : bins_) bin = nullptr;
    const auto address = reinterpret_cast<std::uintptr_t>(top_) + sizeof(Block);
    const std::size_t skip = (address + kPage - 1) / kPage * kPage - address;
    if (skip <= static_cast<std::size_t>(end_ - top_)) top_ += skip;
}

void* Heap::resize(void* memory, std::size_t size) {
    if (memory == nullptr) return allocate(size);
    Block* block = Block::of(memory);
    const bool is_mapped = block->mark == kMapped;
    if (!is_mapped && !block->is_sound(kInUse)) abort();
    const std::size_t room = is_mapped ? mapped_room(memory) : block->room();
    if (size <= room) return memory;
    if (!is_mapped && size <= kMappedSize - sizeof(Block) && extend(block, units_for(size))) {
        return memory;
    }
    void* larger = allocate(size);
    if (larger == nullptr) return nullptr;
    std::memcpy(larger, memory, room);
    release(memory);
    return larger;
}

// For programs with another malloc; init/malloc/malloc.cc has the other definition.
__attribute__((weak)) void begin_heap_page() {}

}  // namespace prologue
