// SPDX-License-Identifier: MIT
// A folder with an init and the modules of a kernel, and images built from it, for the unit tests.
#pragma once

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <elf.h>
#include <sys/stat.h>

#include "images/compress.h"
#include "images/cpio_writer.h"
#include "images/host.h"
#include "images/image_check.h"
#include "images/initramfs.h"
#include "tests/unit/test.h"

namespace prologue::images {

template <class T>
std::string bytes_of(const T& value) {
    std::string bytes(sizeof(T), '\0');
    std::memcpy(bytes.data(), &value, sizeof(T));
    return bytes;
}

// An ELF file with one named section and nothing else.
inline std::string elf_with_section(std::string_view name, std::string_view content) {
    const std::string names = std::string(1, '\0') + std::string(name) + std::string(1, '\0');
    Elf64_Ehdr header = {};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_REL;
    header.e_machine = EM_X86_64;
    header.e_shnum = 3;
    header.e_shstrndx = 2;
    header.e_shentsize = sizeof(Elf64_Shdr);
    Elf64_Shdr section = {};
    section.sh_name = 1;
    section.sh_type = SHT_PROGBITS;
    section.sh_offset = sizeof header;
    section.sh_size = content.size();
    Elf64_Shdr strings = {};
    strings.sh_type = SHT_STRTAB;
    strings.sh_offset = sizeof header + content.size();
    strings.sh_size = names.size();
    header.e_shoff = strings.sh_offset + names.size();
    return bytes_of(header) + std::string(content) + names + bytes_of(Elf64_Shdr{}) +
           bytes_of(section) + bytes_of(strings);
}

inline std::string module_file(const std::string& version, const std::string& more = {}) {
    return elf_with_section(".modinfo", "license=GPL" + std::string(1, '\0') + more + "vermagic=" +
                                            version + " SMP mod_unload " + std::string(1, '\0'));
}

// A static program without anything in it.
inline std::string program() {
    std::string elf = elf_with_section(".text", "x");
    Elf64_Ehdr header = {};
    std::memcpy(&header, elf.data(), sizeof header);
    header.e_type = ET_EXEC;
    return bytes_of(header) + elf.substr(sizeof header);
}

class Folder {
  public:
    Folder() {
        char name[] = "/tmp/prologue-image-XXXXXX";
        base_ = mkdtemp(name);
        write("init", program(), 0755);
        write("modules/6.1.0-test/modules.dep",
              "kernel/a.ko.xz: kernel/b.ko\nkernel/b.ko:\nkernel/fw.ko:\nkernel/old.ko:\n");
        write("modules/6.1.0-test/modules.alias", "");
        write("modules/6.1.0-test/modules.builtin", "kernel/fs/ext4/ext4.ko\n");
        write("modules/6.1.0-test/kernel/a.ko.xz",
              compress_xz(module_file("6.1.0-test")).value_or(""));
        write("modules/6.1.0-test/kernel/b.ko", module_file("6.1.0-test"));
        write("modules/6.1.0-test/kernel/fw.ko",
              module_file("6.1.0-test", std::string("firmware=v/fw.bin\0firmware=gone.bin\0", 36)));
        write("firmware/v/fw.bin.xz", compress_xz("firmware!").value_or(""));
        write("modules/6.1.0-test/kernel/old.ko", module_file("5.10.0"));
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { (void)std::system(("chmod -R u+rwX " + base_ + "; rm -rf " + base_).c_str()); }

    [[nodiscard]] std::string at(const std::string& name) const { return base_ + "/" + name; }
    void write(const std::string& name, std::string_view content, mode_t mode = 0644) const {
        (void)std::system(("mkdir -p " + at(std::string(parent_of(name)))).c_str());
        CHECK(write_output(at(name), content, mode));
    }
    [[nodiscard]] ImageRequest request(const std::string& config = {}) const {
        ImageRequest request;
        request.init = at("init");
        request.modules = at("modules/6.1.0-test");
        if (!config.empty()) {
            write("boot.conf", config);
            request.config = at("boot.conf");
        }
        return request;
    }

  private:
    std::string base_;
};

inline constexpr const char* kPlain =
    "modules b\nmount /dev/vda /newroot type=ext4\nswitch_root /newroot\n";

// A tree that is complete, of entries that go together.
inline Archive finished(std::vector<Entry> entries) {
    Archive archive;
    Problems problems;
    for (Entry& entry : entries) CHECK(archive.add(std::move(entry)).has_value());
    archive.finish(problems);
    CHECK(problems.text() == "");
    return archive;
}

// What a builder has made, and what it has said.
struct Tree {
    Problems problems;
    Archive archive;
    [[nodiscard]] bool says(std::string_view text) const {
        return problems.text().find(text) != std::string::npos;
    }
    [[nodiscard]] std::string names() const {
        std::string names;
        for (const Entry* entry : archive.in_order()) names += entry->path + " ";
        return names;
    }
};

struct Built : Tree {
    explicit Built(const ImageRequest& request) { archive = build_tree(request, problems); }
    [[nodiscard]] std::string bytes() const { return write_cpio(archive).value_or(""); }
};

inline std::string checked(const std::string& image) {
    Problems problems;
    check_image("test.img", image, problems);
    return problems.text();
}

}  // namespace prologue::images
