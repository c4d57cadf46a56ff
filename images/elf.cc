// SPDX-License-Identifier: MIT
#include "images/elf.h"

#include <cstring>
#include <optional>

#include <elf.h>

#include "init/base/split.h"

namespace prologue::images {
namespace {

// A copy of a T at `offset`, or nothing when it does not lie inside.
template <class T>
std::optional<T> read_at(std::string_view data, std::uint64_t offset) {
    if (offset > data.size() || data.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, data.data() + offset, sizeof(T));
    return value;
}

std::optional<std::string_view> slice(std::string_view data, std::uint64_t offset,
                                      std::uint64_t size) {
    if (offset > data.size() || data.size() - offset < size) return std::nullopt;
    return data.substr(offset, size);
}

// A NUL-terminated string in `table`; nothing when its end lies outside.
std::optional<std::string_view> string_at(std::string_view table, std::uint64_t offset) {
    if (offset >= table.size()) return std::nullopt;
    const std::size_t end = table.find('\0', offset);
    if (end == std::string_view::npos) return std::nullopt;
    return table.substr(offset, end - offset);
}

Unexpected damaged(Literal what) {
    return fail(Error::refused("read", {}, "damaged ELF file: " + what.str()));
}

Result<Elf64_Ehdr> read_header(std::string_view data) {
    const auto header = read_at<Elf64_Ehdr>(data, 0);
    if (!is_elf(data) || !header) return fail(Error::refused("read", {}, "not an ELF file"));
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
        return fail(Error::refused("read", {}, "not a 64-bit little-endian ELF file"));
    return *header;
}

std::vector<std::string> split_paths(std::string_view text) {
    std::vector<std::string> paths;
    while (!text.empty()) {
        const std::string_view path = take_part(text, ':');
        if (!path.empty()) paths.emplace_back(path);
    }
    return paths;
}

// Where an address of the running program lies in the file.
std::optional<std::uint64_t> file_offset(const std::vector<Elf64_Phdr>& headers,
                                         std::uint64_t address) {
    for (const Elf64_Phdr& header : headers) {
        if (header.p_type != PT_LOAD || address < header.p_vaddr) continue;
        const std::uint64_t inside = address - header.p_vaddr;
        if (inside < header.p_filesz) return header.p_offset + inside;
    }
    return std::nullopt;
}

Result<std::vector<Elf64_Dyn>> read_dynamic(std::string_view data, const Elf64_Phdr& header) {
    std::vector<Elf64_Dyn> entries;
    const auto section = slice(data, header.p_offset, header.p_filesz);
    if (!section) return damaged("its dynamic section lies outside");
    for (std::uint64_t at = 0;; at += sizeof(Elf64_Dyn)) {
        const auto entry = read_at<Elf64_Dyn>(*section, at);
        if (!entry || entry->d_tag == DT_NULL) return entries;
        entries.push_back(*entry);
    }
}

Result<> apply_dynamic(std::string_view data, const std::vector<Elf64_Phdr>& headers,
                       const std::vector<Elf64_Dyn>& entries, ElfProgram& program) {
    std::optional<std::uint64_t> start;
    std::uint64_t size = 0;
    for (const Elf64_Dyn& entry : entries) {
        if (entry.d_tag == DT_STRTAB) start = file_offset(headers, entry.d_un.d_ptr);
        if (entry.d_tag == DT_STRSZ) size = entry.d_un.d_val;
    }
    const auto strings = start ? slice(data, *start, size) : std::nullopt;
    for (const Elf64_Dyn& entry : entries) {
        const bool wanted = entry.d_tag == DT_NEEDED || entry.d_tag == DT_SONAME ||
                            entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH;
        if (!wanted) continue;
        if (!strings) return damaged("its dynamic strings lie outside");
        const auto text = string_at(*strings, entry.d_un.d_val);
        if (!text) return damaged("a dynamic string lies outside");
        if (entry.d_tag == DT_NEEDED) program.needed.emplace_back(*text);
        if (entry.d_tag == DT_SONAME) program.soname = *text;
        if (entry.d_tag == DT_RPATH) program.rpath = split_paths(*text);
        if (entry.d_tag == DT_RUNPATH) program.runpath = split_paths(*text);
    }
    return {};
}

}  // namespace

bool is_elf(std::string_view data) {
    return data.starts_with(
        "\x7f"
        "ELF");
}

Result<ElfProgram> parse_elf_program(std::string_view data) {
    const Elf64_Ehdr header = TRY(read_header(data));
    ElfProgram program;
    program.type = header.e_type;
    program.machine = header.e_machine;
    std::vector<Elf64_Phdr> headers;
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
        const std::uint64_t step = i * sizeof(Elf64_Phdr);
        if (header.e_phoff > data.size()) return damaged("its program headers lie outside");
        const auto one = read_at<Elf64_Phdr>(data, header.e_phoff + step);
        if (!one) return damaged("its program headers lie outside");
        headers.push_back(*one);
    }
    for (const Elf64_Phdr& one : headers) {
        if (one.p_type == PT_INTERP) {
            const auto text = slice(data, one.p_offset, one.p_filesz);
            const auto name = text ? string_at(*text, 0) : std::nullopt;
            if (!name) return damaged("its interpreter's name lies outside");
            program.interpreter = *name;
        }
        if (one.p_type == PT_DYNAMIC) {
            const std::vector<Elf64_Dyn> entries = TRY(read_dynamic(data, one));
            TRY_VOID(apply_dynamic(data, headers, entries, program));
        }
    }
    return program;
}

Result<std::string_view> elf_section(std::string_view data, std::string_view name) {
    const Elf64_Ehdr header = TRY(read_header(data));
    if (header.e_shoff > data.size()) return damaged("its section headers lie outside");
    const auto section_at = [&](std::uint64_t index) {
        return read_at<Elf64_Shdr>(data, header.e_shoff + index * sizeof(Elf64_Shdr));
    };
    const auto names = section_at(header.e_shstrndx);
    if (!names) return damaged("its section headers lie outside");
    const auto table = slice(data, names->sh_offset, names->sh_size);
    if (!table) return damaged("its section names lie outside");
    for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
        const auto section = section_at(i);
        if (!section) return damaged("its section headers lie outside");
        if (string_at(*table, section->sh_name) != name || section->sh_type == SHT_NOBITS) continue;
        const auto bytes = slice(data, section->sh_offset, section->sh_size);
        if (!bytes) return damaged("a section lies outside");
        return *bytes;
    }
    return fail(Error::not_found("find section", std::string(name)));
}

}  // namespace prologue::images
