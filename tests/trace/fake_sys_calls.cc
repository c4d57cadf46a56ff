// SPDX-License-Identifier: MIT
// The calls of the made-up machine. Those that change something become a line of the trace.
#include <algorithm>
#include <cerrno>
#include <set>

#include <sys/mount.h>

#include "init/base/path.h"
#include "tests/trace/fake_sys.h"

namespace prologue::fake {
namespace {

constexpr std::uint64_t kRamfsMagic = 0x858458f6, kTmpfsMagic = 0x01021994, kExtMagic = 0xef53;

struct FlagWord {
    unsigned long flag;
    const char* word;
};
constexpr FlagWord kFlagWords[] = {
    {MS_RDONLY, "ro"},       {MS_NOSUID, "nosuid"},   {MS_NODEV, "nodev"},
    {MS_NOEXEC, "noexec"},   {MS_NOATIME, "noatime"}, {MS_RELATIME, "relatime"},
    {MS_REC, "rec"},         {MS_PRIVATE, "private"}, {MS_STRICTATIME, "strictatime"},
    {MS_REMOUNT, "remount"}, {MS_MOVE, "move"},
};

std::string octal(mode_t mode) {
    std::string text;
    for (int shift = 9; shift >= 0; shift -= 3)
        text += static_cast<char>('0' + (mode >> shift & 7U));
    return text;
}

std::string words_of(const ProgramCall& call) {
    std::string text = call.path;
    for (std::size_t i = 1; i < call.argv.size(); ++i) text += " " + call.argv[i];
    return text;
}

}  // namespace

std::string flag_words(unsigned long flags) {
    std::string text;
    for (const FlagWord& known : kFlagWords) {
        if ((flags & known.flag) != 0) text += (text.empty() ? "" : ",") + std::string(known.word);
    }
    return text;
}

Result<std::string> FakeSys::read_file(const std::string& path, std::size_t limit) {
    TRY_VOID(begin("read", path));
    const Found found = look_up(path, true);
    if (found.node == nullptr) return fail(Error::system("open", ENOENT, path));
    if (found.filesystem->type == "proc" && found.inside == "/self/mountinfo") return mountinfo();
    if (found.node->type == FileType::kDirectory) return fail(Error::system("read", EISDIR, path));
    if (found.node->text.size() > limit) return fail(Error::system("read", EFBIG, path));
    return found.node->text;
}

Result<> FakeSys::write_file(const std::string& path, const std::string& data) {
    std::string shown = data;
    if (!shown.empty() && shown.back() == '\n') shown.pop_back();
    TRY_VOID(begin("write", path, "write " + path + " \"" + shown + "\""));
    Node* const node = find(path);
    if (node == nullptr) return fail(failed("write", ENOENT, path));
    if (node->type == FileType::kDirectory) return fail(failed("write", EISDIR, path));
    node->text = data;
    return {};
}

Result<> FakeSys::create_file(const std::string& path, const std::string& data, mode_t mode) {
    TRY_VOID(begin("create", path, "create " + path + " " + octal(mode)));
    const Found found = look_up(path, false);
    if (found.node != nullptr && found.node->type != FileType::kRegular)
        return fail(failed("create", ELOOP, path));
    const std::string parent =
        found.inside.substr(0, std::max<std::size_t>(found.inside.rfind('/'), 1));
    if (!found.filesystem->nodes.contains(parent)) return fail(failed("create", ENOENT, path));
    found.filesystem->nodes[found.inside] = {FileType::kRegular, mode, data};
    return {};
}

Result<FileInfo> FakeSys::info(Literal op, const std::string& path, bool follow) {
    TRY_VOID(begin(op, path));
    const Found found = look_up(path, follow);
    if (found.node == nullptr) return fail(Error::system(op, ENOENT, path));
    return FileInfo{found.node->type, found.node->permissions, found.filesystem->device,
                    found.node->node, found.node->text.size()};
}

Result<FileInfo> FakeSys::stat(const std::string& path) {
    return info("stat", path, true);
}

Result<FileInfo> FakeSys::lstat(const std::string& path) {
    return info("lstat", path, false);
}

Result<std::vector<std::string>> FakeSys::list_dir(const std::string& path) {
    TRY_VOID(begin("list", path));
    const Found found = look_up(path, true);
    if (found.node == nullptr) return fail(Error::system("opendir", ENOENT, path));
    std::set<std::string> names;
    for (const auto& [name, node] : found.filesystem->nodes) {
        if (name == found.inside || !path_is_below(name, found.inside)) continue;
        const std::size_t start = found.inside == "/" ? 1 : found.inside.size() + 1;
        names.insert(name.substr(start, name.find('/', start) - start));
    }
    return std::vector<std::string>(names.begin(), names.end());
}

Result<std::string> FakeSys::read_link(const std::string& path) {
    TRY_VOID(begin("readlink", path));
    const Node* const node = look_up(path, false).node;
    if (node == nullptr) return fail(Error::system("readlink", ENOENT, path));
    if (node->type != FileType::kSymlink) return fail(Error::system("readlink", EINVAL, path));
    return node->text;
}

Result<> FakeSys::make_dir(const std::string& path, mode_t mode) {
    TRY_VOID(begin("mkdir", path, "mkdir " + path + " " + octal(mode)));
    const Found found = look_up(path, true);
    if (found.node != nullptr) return fail(failed("mkdir", EEXIST, path));
    const Mounted* const mounted = mounted_at(found.path);
    if (mounted != nullptr) return fail(failed("mkdir", EEXIST, path));
    const auto slash = found.inside.rfind('/');
    const std::string parent = slash == 0 ? "/" : found.inside.substr(0, slash);
    if (!found.filesystem->nodes.contains(parent)) return fail(failed("mkdir", ENOENT, path));
    found.filesystem->nodes[found.inside] = {FileType::kDirectory, mode};
    return {};
}

Result<> FakeSys::remove_dir(const std::string& path) {
    TRY_VOID(begin("rmdir", path, "rmdir " + path));
    const Found found = look_up(path, false);
    if (found.node == nullptr) return fail(failed("rmdir", ENOENT, path));
    found.filesystem->nodes.erase(found.inside);
    return {};
}

Result<> FakeSys::move(const std::string& from, const std::string& to) {
    Mounted* const moved = mounted_at(from);
    if (moved == nullptr || find(to) == nullptr) return fail(failed("mount", EINVAL, from));
    const std::size_t first = static_cast<std::size_t>(moved - mounts_.data());
    for (std::size_t i = first; i < mounts_.size(); ++i) {
        std::string& target = mounts_[i].target;
        if (path_is_below(target, from)) target = to + target.substr(from.size());
    }
    return {};
}

Result<> FakeSys::mount(const MountCall& call) {
    std::string shown = "mount " + call.source + " " + call.target;
    for (const std::string& part : {call.type, flag_words(call.flags), call.data}) {
        if (!part.empty()) shown += " " + part;
    }
    const std::string object = call.source + " on " + call.target;
    TRY_VOID(begin("mount", object, shown));
    const std::string target = full_path(call.target);
    if (find(call.target) == nullptr) return fail(failed("mount", ENOENT, object));
    if ((call.flags & MS_MOVE) != 0) return move(full_path(call.source), target);
    if ((call.flags & MS_PRIVATE) != 0) return {};
    Mounted* const present = mounted_at(target);
    if ((call.flags & MS_REMOUNT) != 0) {
        if (present == nullptr) return fail(failed("mount", EINVAL, object));
        present->options = (call.flags & MS_RDONLY) != 0 ? "ro" : "rw";
        return {};
    }
    if (present != nullptr && present->filesystem->type == call.type) {
        return fail(failed("mount", EBUSY, object));
    }
    const std::string words = flag_words(call.flags);
    attach({target, make_filesystem(call.type), "/", call.source, words.empty() ? "rw" : words});
    return {};
}

Result<> FakeSys::unmount(const std::string& target, int flags) {
    const std::string detached = (flags & MNT_DETACH) != 0 ? " detach" : "";
    TRY_VOID(begin("umount", target, "umount " + target + detached));
    if (!detach(full_path(target))) return fail(failed("umount", EINVAL, target));
    return {};
}

Result<std::uint64_t> FakeSys::mount_id(const std::string& path) {
    TRY_VOID(begin("statx", path));
    const Found found = look_up(path, true);
    if (found.node == nullptr) return fail(failed("statx", ENOENT, path));
    return found.mount_id;
}

Result<std::uint64_t> FakeSys::filesystem_magic(const std::string& path) {
    TRY_VOID(begin("statfs", path));
    const std::string& type = look_up(path, true).filesystem->type;
    if (type == "rootfs") return kRamfsMagic;
    return type == "tmpfs" ? kTmpfsMagic : kExtMagic;
}

Result<> FakeSys::pivot_root(const std::string& new_root, const std::string& put_old) {
    TRY_VOID(begin("pivot_root", new_root, "pivot_root " + new_root + " " + put_old));
    return fail(failed("pivot_root", EINVAL, new_root));  // rootfs before Linux 7.0
}

Result<> FakeSys::change_root(const std::string& path) {
    TRY_VOID(begin("chroot", path, "chroot " + path));
    if (find(path) == nullptr) return fail(failed("chroot", ENOENT, path));
    place_.root = full_path(path);
    return {};
}

Result<> FakeSys::change_dir(const std::string& path) {
    TRY_VOID(begin("chdir", path, "chdir " + path));
    if (find(path) == nullptr) return fail(failed("chdir", ENOENT, path));
    place_.directory = full_path(path);
    return {};
}

// A program is a file that starts with "ELF" or "#!INTERPRETER"; "ELF exit 3" ends with that status.
Result<> FakeSys::exec_check(Literal op, const ProgramCall& call) {
    const Node* const node = find(call.path);
    if (node == nullptr) return fail(failed(op, ENOENT, call.path));
    if (node->type != FileType::kRegular || (node->permissions & 0111U) == 0) {
        return fail(failed(op, EACCES, call.path));
    }
    if (node->text.starts_with("#!")) {
        const bool there = find(node->text.substr(2, node->text.find('\n') - 2)) != nullptr;
        if (!there) return fail(failed(op, ENOENT, call.path));
        return {};
    }
    if (!node->text.starts_with("ELF")) return fail(failed(op, ENOEXEC, call.path));
    return {};
}

Result<int> FakeSys::run_program(const ProgramCall& call) {
    TRY_VOID(begin("exec", call.path, "exec " + words_of(call)));
    TRY_VOID(exec_check("exec", call));
    const std::string& text = find(call.path)->text;
    if (text.starts_with("ELF exit ")) return (text[9] - '0') << 8;
    if (text.starts_with("ELF signal ")) return text[11] - '0';
    return 0;
}

Result<> FakeSys::trial_exec(const ProgramCall& call) {
    TRY_VOID(begin("trial", call.path, "trial " + words_of(call)));
    return exec_check("trial", call);
}

void FakeSys::sync() {
    (void)begin("sync", "", "sync");
}

Result<> FakeSys::stop_machine(StopKind kind) {
    const char* const word = kind == StopKind::kReboot     ? "reboot"
                             : kind == StopKind::kPowerOff ? "poweroff"
                                                           : "halt";
    return begin("stop", word, std::string("stop ") + word);
}

}  // namespace prologue::fake
