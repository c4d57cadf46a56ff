// SPDX-License-Identifier: MIT
// `mount`, `umount` and `modprobe` as mount(8), umount(8) and modprobe(8) take them.
#include "init/base/compose.h"
#include "init/rescue/commands.h"

namespace prologue::rescue {
namespace {

// As a word of a config line, whatever is in it.
std::string quoted_word(std::string_view word) {
    if (!word.empty() && word.find_first_of(" \t\"\\#=$") == std::string_view::npos)
        return std::string(word);
    std::string text = "\"";
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (word[i] == '"' || word[i] == '\\') text += '\\';
        if (word.substr(i, 2) == "${") text += '$';
        text += word[i];
    }
    return text + "\"";
}

void append_options(std::string& list, std::string_view more) {
    list.append(list.empty() ? "" : ",").append(more);
}

struct MountWords {
    std::string options, type;
    Words paths;
};

// Options of mount(8) that say what an option of -o says.
std::string_view meaning_of(std::string_view word) {
    if (word == "-r" || word == "--read-only") return "ro";
    if (word == "-w" || word == "--rw" || word == "--read-write") return "rw";
    if (word == "-B" || word == "--bind") return "bind";
    if (word == "-R" || word == "--rbind") return "rbind";
    return {};
}

Result<> read_mount_words(const Words& words, MountWords& mount) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        const std::string_view letter = std::string_view(word).substr(0, 2);
        if (letter == "-o" || letter == "-t") {
            const bool apart = word.size() == 2;
            if (apart && i + 1 == words.size())
                return fail(Error::config(compose("'{}' needs a word behind it", word)));
            const std::string value = apart ? words[++i] : word.substr(2);
            if (letter == "-t") mount.type = value;
            if (letter == "-o") append_options(mount.options, value);
        } else if (!meaning_of(word).empty()) {
            append_options(mount.options, meaning_of(word));
        } else if (word.size() > 1 && word[0] == '-') {
            return fail(Error::config(compose("'mount' has no option '{}' here", word))
                            .with_hint("-o, -t, -r, -w and --bind are known"));
        } else {
            mount.paths.push_back(word);
        }
    }
    return {};
}

Result<std::string> mount_line(const Words& words) {
    MountWords mount;
    TRY_VOID(read_mount_words(words, mount));
    if (mount.paths.empty() || mount.paths.size() > 2)
        return fail(Error::config("'mount' takes WHAT and DIR"));
    // mount(8) takes any word where the type needs no device: `mount -t tmpfs none /mnt`.
    const bool names_type = mount.paths.size() == 2 &&
                            mount.paths[0].find('/') == std::string::npos &&
                            (mount.paths[0] == "none" || mount.paths[0] == mount.type);
    if (names_type && !mount.type.empty()) mount.paths[0] = std::exchange(mount.type, {});
    std::string line = "mount";
    for (const std::string& path : mount.paths) line += " " + quoted_word(path);
    if (!mount.type.empty()) line += " type=" + quoted_word(mount.type);
    if (!mount.options.empty()) line += " options=" + quoted_word(mount.options);
    return line;
}

}  // namespace

Result<std::string> stage_line_of(const Words& words) {
    if (words[0] == "mount") return mount_line(words);
    std::string line = words[0] == "modprobe" ? "modules" : words[0];
    const std::string module = words.size() > 1 ? words[1] : "";
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i].starts_with('-') && words[i].size() > 1) {
            return fail(Error::config(compose("'{}' has no option '{}' here", words[0], words[i])));
        }
        // modprobe(8): what follows the module are parameters of it.
        const bool parameter = words[0] == "modprobe" && i > 1;
        line += " " + (parameter ? compose("{}.{}", module, words[i]) : quoted_word(words[i]));
    }
    return line;
}

}  // namespace prologue::rescue
