// SPDX-License-Identifier: MIT
#include "tests/trace/fake_sys.h"

#include <algorithm>
#include <cerrno>

#include <sys/mount.h>
#include <sys/sysmacros.h>

#include "init/base/errno_name.h"
#include "init/base/path.h"

namespace prologue::fake {
namespace {

constexpr int kMostSymlinks = 8;

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

// The components without "." and empty ones; nothing here needs "..".
std::vector<std::string> components(const std::string& path) {
    std::vector<std::string> parts;
    std::string part;
    for (const char c : path + "/") {
        if (c != '/') {
            part += c;
            continue;
        }
        if (!part.empty() && part != ".") parts.push_back(part);
        part.clear();
    }
    return parts;
}

std::string without_prefix(const std::string& path, const std::string& prefix) {
    if (prefix == "/") return path;
    return path == prefix ? "/" : path.substr(prefix.size());
}

}  // namespace

void Filesystem::add_dir(const std::string& path) {
    if (path == "/") return;
    add_dir(parent_of(path));
    nodes[path] = {FileType::kDirectory};
}

void Filesystem::add_file(const std::string& path, std::string text, mode_t permissions) {
    add_dir(parent_of(path));
    nodes[path] = {FileType::kRegular, permissions, std::move(text)};
}

void Filesystem::add_link(const std::string& path, std::string target) {
    add_dir(parent_of(path));
    nodes[path] = {FileType::kSymlink, 0777, std::move(target)};
}

void Filesystem::add_block(const std::string& path, dev_t number) {
    add_dir(parent_of(path));
    nodes[path] = {FileType::kBlock, 0600, {}, number};
}

FakeSys::FakeSys() {
    auto rootfs = std::make_shared<Filesystem>();
    rootfs->device = 2;
    rootfs->type = "rootfs";
    attach({"/", std::move(rootfs), "/", "rootfs", "rw"});
}

void FakeSys::attach(Mounted mounted) {
    mounted.id = ++next_mount_id_;
    mounts_.push_back(std::move(mounted));
}

Result<> FakeSys::begin(Literal op, const std::string& object, std::string shown) {
    ++calls_;
    clock_ += std::chrono::microseconds(1);
    const unsigned count = ++counts_[op.str()];
    if (!shown.empty()) trace_.push_back(std::move(shown));
    const bool by_index = fault_.index != 0 && fault_.index == calls_;
    const bool by_kind = fault_.nth != 0 && fault_.op == op.view() && fault_.nth == count;
    if (!by_index && !by_kind) return {};
    faulted_call_ = op.str() + " " + object;
    const bool is_act = !trace_.empty() && trace_.back().starts_with(op.view());
    if (!is_act) trace_.push_back(faulted_call_);
    return fail(failed(op, fault_.errnum, object));
}

Error FakeSys::failed(Literal op, int errnum, const std::string& object) {
    // A failed question is an answer; a failed act shows in the trace.
    if (!trace_.empty() && trace_.back().starts_with(op.view())) {
        append(" = " + std::string(errno_name(errnum)));
    }
    return Error::system(op, errnum, object);
}

void FakeSys::append(const std::string& text) {
    trace_.back() += text;
}

void FakeSys::say(const std::string& line) {
    trace_.push_back(line);
}

std::shared_ptr<Filesystem> FakeSys::make_filesystem(const std::string& type) {
    const auto known = templates_.find(type);
    if (known != templates_.end()) return known->second;
    auto filesystem = std::make_shared<Filesystem>();
    filesystem->device = next_device_++;
    filesystem->type = type;
    return filesystem;
}

void FakeSys::use_template(const std::string& type, std::shared_ptr<Filesystem> filesystem) {
    if (filesystem->device == 0) filesystem->device = next_device_++;
    filesystem->type = type;
    templates_[type] = std::move(filesystem);
}

Mounted* FakeSys::mounted_at(const std::string& target) {
    for (std::size_t i = mounts_.size(); i-- > 0;) {
        if (mounts_[i].target == target) return &mounts_[i];
    }
    return nullptr;
}

bool FakeSys::detach(const std::string& target) {
    const Mounted* top = mounted_at(target);
    if (top == nullptr || top == &mounts_.front()) return false;
    const auto first = mounts_.begin() + (top - mounts_.data());
    mounts_.erase(
        std::remove_if(first, mounts_.end(),
                       [&](const Mounted& one) { return path_is_below(one.target, target); }),
        mounts_.end());
    return true;
}

FakeSys::Found FakeSys::at(const std::string& full) {
    const Mounted* best = &mounts_.front();
    for (const Mounted& mounted : mounts_) {
        if (!path_is_below(full, mounted.target)) continue;
        if (mounted.target.size() >= best->target.size()) best = &mounted;
    }
    Found found;
    found.path = full;
    found.filesystem = best->filesystem.get();
    found.mount_id = best->id;
    found.inside = without_prefix(full, best->target);
    if (best->top != "/") found.inside = best->top + (found.inside == "/" ? "" : found.inside);
    const auto node = found.filesystem->nodes.find(found.inside);
    if (node != found.filesystem->nodes.end()) found.node = &node->second;
    return found;
}

FakeSys::Found FakeSys::look_up(const std::string& path, bool follow) {
    std::string rest = path;
    std::string start = path.starts_with('/') ? place_.root : place_.directory;
    for (int links = 0; links < kMostSymlinks; ++links) {
        const std::vector<std::string> parts = components(rest);
        std::string current = start;
        bool again = false;
        for (std::size_t i = 0; i < parts.size() && !again; ++i) {
            const std::string next = join_path(current, parts[i]);
            const Found found = at(next);
            const bool last = i + 1 == parts.size();
            if (found.node == nullptr || found.node->type != FileType::kSymlink ||
                (last && !follow)) {
                current = next;
                continue;
            }
            start = found.node->text.starts_with('/') ? place_.root : current;
            rest = found.node->text;
            for (std::size_t j = i + 1; j < parts.size(); ++j) rest += "/" + parts[j];
            again = true;
        }
        if (!again) return at(current);
    }
    return {};
}

Node* FakeSys::find(const std::string& path) {
    return look_up(path, true).node;
}

std::string FakeSys::full_path(const std::string& path) {
    return look_up(path, true).path;
}

std::string FakeSys::mountinfo() const {
    std::string text;
    for (const Mounted& mounted : mounts_) {
        // The kernel shows what can be reached from the reader's root, by paths below it.
        if (!path_is_below(mounted.target, place_.root)) continue;
        const Filesystem& fs = *mounted.filesystem;
        text += std::to_string(mounted.id) + " 1 " + std::to_string(major(fs.device)) + ":" +
                std::to_string(minor(fs.device)) + " " + mounted.top + " " +
                without_prefix(mounted.target, place_.root) + " " + mounted.options + " - " +
                fs.type + " " + mounted.source + " rw\n";
    }
    return text;
}

}  // namespace prologue::fake
