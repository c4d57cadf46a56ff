// SPDX-License-Identifier: MIT
// Words of the command line that other programs of early userspace obey and this one does not. In an
// image without a config they would be the whole of what a person asks for.
#include <algorithm>

#include "init/planner.h"
#include "stages/build.h"

namespace prologue::planning {
namespace {

struct ForeignWord {
    Literal name;  // one that ends in '.' stands for all that begin so
    Literal hint;
};

constexpr Literal with_decrypt(Literal hint) {
    return kHasDecrypt ? hint : Literal("this program was built without 'decrypt'");
}
constexpr Literal kContainer =
    with_decrypt("rd.luks.name=UUID=NAME opens a container, or root= that names it");

// Sources: dracut.cmdline(7), initramfs-tools(7), mkinitcpio's encrypt hook, kernel-parameters.txt.
constexpr ForeignWord kForeign[] = {
    {"resume", "no system is woken up here, and a disk that holds one is not mounted"},
    {"resume_offset", "no system is woken up here"},
    {"cryptdevice", kContainer},
    {"cryptkey", with_decrypt("a config's 'decrypt' line has key= and key-device=")},
    {"cryptopts", kContainer},
    {"rd.luks.key", with_decrypt("a config's 'decrypt' line has key= and key-device=")},
    {"rd.luks.options", with_decrypt("a config's 'decrypt' line has options of its own")},
    {"rd.luks.allow-discards", with_decrypt("a config's 'decrypt' line has discard=")},
    {"rd.lvm.", "there is no LVM here"},
    {"rd.md.", "arrays are not put together here"},
    {"rd.dm.", ""},
    {"rd.break", "prologue.break=switch_root stops before the hand-over"},
    {"break", "prologue.break= stops before a stage"},
    {"rd.shell", "'prologue.rescue' opens the rescue shell"},
    {"rd.driver.pre", "a config's 'modules' line loads a module by its name"},
    {"rd.driver.post", "a config's 'modules' line loads a module by its name"},
    {"rd.driver.blacklist", "write modprobe.blacklist="},
    {"rd.overlay", ""},
    {"rd.live.", ""},
    {"rd.retry", "rootdelay= gives the disks more time"},
    {"rd.timeout", "rootdelay= gives the disks more time"},
    {"nfsroot", "there is no network here"},
    {"netroot", "there is no network here"},
    {"ip", "there is no network here"},
    {"overlayroot", ""},
};

bool is_meant(Literal name, std::string_view word) {
    return name.view().ends_with('.') ? word.starts_with(name) : word == name.view();
}

}  // namespace

void check_foreign_words(const config::CommandLine& words, const config::Source& text,
                         config::Diagnostics& diagnostics) {
    std::vector<std::string_view> told;
    for (const config::Parameter& word : words.parameters()) {
        const auto* found =
            std::find_if(std::begin(kForeign), std::end(kForeign),
                         [&](const ForeignWord& one) { return is_meant(one.name, word.name); });
        if (found == std::end(kForeign)) continue;
        if (std::find(told.begin(), told.end(), word.name) != told.end()) continue;
        told.push_back(word.name);
        const std::uint32_t length =
            std::min(word.length, static_cast<std::uint32_t>(word.name.size()));
        diagnostics.warning({&text, word.offset, length},
                            "nothing here obeys " + config::quoted(word.name), found->hint.str());
    }
}

}  // namespace prologue::planning
