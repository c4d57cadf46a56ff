// SPDX-License-Identifier: MIT
#include "images/extract.h"

#include <cerrno>
#include <map>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "images/host.h"
#include "init/base/fd.h"
#include "init/base/split.h"

namespace prologue::images {
namespace {

// Every step below the folder is one openat(2) that refuses symlinks, so that neither the image's
// own links nor somebody who renames things meanwhile leads the way out.
class Extractor {
  public:
    Extractor(const Archive& tree, Fd top, Problems& problems)
        : tree_(tree), top_(std::move(top)), problems_(problems), is_root_(geteuid() == 0) {}

    void run() {
        std::vector<const Entry*> directories;
        for (const Entry* entry : tree_.in_order()) {
            const Fd parent = open_parent(entry->path);
            if (!parent.valid()) {
                problems_.error("/" + entry->path + ": its directory is none, or a symlink");
                continue;
            }
            const std::string name(base_name(entry->path));
            if (entry->kind == EntryKind::kDirectory) directories.push_back(entry);
            if (!make(*entry, parent.get(), name)) fail_at(*entry);
        }
        // Last, and from the inside out: a read-only directory could not have been filled.
        for (auto entry = directories.rbegin(); entry != directories.rend(); ++entry)
            finish_directory(**entry);
        if (skipped_ > 0)
            problems_.note(std::to_string(skipped_) +
                           " device nodes left out: only root can make them");
    }

  private:
    void fail_at(const Entry& entry) {
        problems_.error(Error::system("extract", errno, "/" + entry.path));
    }

    [[nodiscard]] Fd open_parent(std::string_view path) const {
        Fd at(openat(top_.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
        std::string_view rest = parent_of(path);
        while (!rest.empty() && at.valid()) {
            const std::string part(take_part(rest, '/'));
            at = Fd(openat(at.get(), part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        }
        return at;
    }

    bool make(const Entry& entry, int parent, const std::string& name) {
        switch (entry.kind) {
            case EntryKind::kFile: return make_regular(entry, parent, name);
            case EntryKind::kDirectory:
                return mkdirat(parent, name.c_str(), 0700) == 0 || errno == EEXIST;
            case EntryKind::kSymlink:
                return symlinkat(entry.content.c_str(), parent, name.c_str()) == 0 &&
                       set_owner(entry, parent, name);
            case EntryKind::kPipe: return make_special(entry, parent, name, S_IFIFO);
            case EntryKind::kSocket: return make_special(entry, parent, name, S_IFSOCK);
            case EntryKind::kCharacter: return make_device(entry, parent, name, S_IFCHR);
            case EntryKind::kBlock: return make_device(entry, parent, name, S_IFBLK);
        }
        return false;
    }

    bool make_regular(const Entry& entry, int parent, const std::string& name) {
        if (entry.link_group != 0) {
            const auto first = links_.find(entry.link_group);
            if (first != links_.end()) {
                const Fd other = open_parent(first->second);
                const std::string other_name(base_name(first->second));
                return linkat(other.get(), other_name.c_str(), parent, name.c_str(), 0) == 0;
            }
            links_.emplace(entry.link_group, entry.path);
        }
        const Fd file(openat(parent, name.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file.valid()) return false;
        std::string_view data = tree_.content_of(entry);
        while (!data.empty()) {
            const ssize_t written = write(file.get(), data.data(), data.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return false;
            data.remove_prefix(static_cast<std::size_t>(written));
        }
        // The owner first: a change of it clears the set-id bits.
        if (is_root_ && fchown(file.get(), entry.uid, entry.gid) != 0) return false;
        return fchmod(file.get(), entry.mode) == 0;
    }

    bool make_special(const Entry& entry, int parent, const std::string& name, mode_t type) {
        return mknodat(parent, name.c_str(), type | 0600, makedev(entry.major, entry.minor)) == 0 &&
               set_owner(entry, parent, name) && fchmodat(parent, name.c_str(), entry.mode, 0) == 0;
    }

    bool make_device(const Entry& entry, int parent, const std::string& name, mode_t type) {
        if (is_root_ && make_special(entry, parent, name, type)) return true;
        // Root of a container may not make them either.
        if (is_root_ && errno != EPERM) return false;
        ++skipped_;
        return true;
    }

    [[nodiscard]] bool set_owner(const Entry& entry, int parent, const std::string& name) const {
        return !is_root_ ||
               fchownat(parent, name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) == 0;
    }

    void finish_directory(const Entry& entry) {
        const Fd parent = open_parent(entry.path);
        const std::string name(base_name(entry.path));
        if (parent.valid() && set_owner(entry, parent.get(), name) &&
            fchmodat(parent.get(), name.c_str(), entry.mode, 0) == 0)
            return;
        fail_at(entry);
    }

    const Archive& tree_;
    Fd top_;
    Problems& problems_;
    bool is_root_;
    std::size_t skipped_ = 0;
    std::map<std::uint32_t, std::string> links_;
};

// Nothing of what is there is replaced, and nothing is made beside it: a mixture helps nobody.
Result<> check_free(const Archive& tree, const std::string& directory) {
    std::vector<std::string> taken;
    for (const Entry* entry : tree.in_order()) {
        const bool is_there = lstat_path(join_path(directory, entry->path)).has_value();
        if (is_there && entry->kind != EntryKind::kDirectory) taken.push_back("/" + entry->path);
    }
    if (taken.empty()) return {};
    return fail(Error::refused("extract into", directory, "these are there: " + some_of(taken))
                    .with_hint("name an empty folder with '-C DIR'; a missing one is made"));
}

}  // namespace

void extract_tree(const Archive& tree, const std::string& directory, Problems& problems) {
    const Result<> free = check_free(tree, directory);
    if (!free) return problems.error(free.error());
    const Result<> made = make_directory(directory, 0777);
    if (!made) return problems.error(made.error());
    Fd top(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!top.valid()) return problems.error(Error::system("open", errno, directory));
    Extractor(tree, std::move(top), problems).run();
}

}  // namespace prologue::images
