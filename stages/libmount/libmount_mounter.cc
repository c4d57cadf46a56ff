// SPDX-License-Identifier: MIT
// Source: libmount's context API (mnt_context_mount, mnt_context_get_excode), mount(8).
#include "stages/libmount/libmount_mounter.h"

#include <cerrno>

#include <libmount/libmount.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "init/base/compose.h"
#include "stages/stages.h"

namespace prologue {
namespace {

struct ContextDeleter {
    void operator()(libmnt_context* context) const { mnt_free_context(context); }
};
using Context = std::unique_ptr<libmnt_context, ContextDeleter>;

// To mount(2) a remount replaces all flags, so `remount,rw` alone would drop nosuid. As with
// mount(8), what is not spoken of stays. (The kernel itself keeps the atime flags.)
std::string options_of(const MountRequest& request) {
    struct statvfs info {};
    if (!has_mount_option(request.options, "remount") ||
        statvfs(request.target.c_str(), &info) != 0) {
        return request.options;
    }
    std::string options;
    if ((info.f_flag & ST_RDONLY) != 0) options += "ro,";
    if ((info.f_flag & ST_NOSUID) != 0) options += "nosuid,";
    if ((info.f_flag & ST_NODEV) != 0) options += "nodev,";
    if ((info.f_flag & ST_NOEXEC) != 0) options += "noexec,";
    return options + request.options;
}

// Every setter gives a negative errno; the first one counts.
int set_up(libmnt_context* context, const MountRequest& request) {
    const std::string& source = request.source.empty() ? "none" : request.source;
    int rc = mnt_context_disable_helpers(context, 1);
    if (rc == 0) rc = mnt_context_disable_mtab(context, 1);
    // Tags and symbolic links are resolved before us, and a source that is no path must stay as it
    // is. This also keeps libblkid's cache out.
    if (rc == 0) rc = mnt_context_disable_canonicalize(context, 1);
    if (rc == 0) rc = mnt_context_disable_swapmatch(context, 1);
    if (rc == 0) rc = mnt_context_set_optsmode(context, MNT_OMODE_NOTAB);
    if (rc == 0)
        rc = mnt_context_enable_rwonly_mount(context, access_word(request.options) == "rw");
    if (rc == 0) rc = mnt_context_set_source(context, source.c_str());
    if (rc == 0) rc = mnt_context_set_target(context, request.target.c_str());
    if (rc == 0 && !request.type.empty())
        rc = mnt_context_set_fstype(context, request.type.c_str());
    if (rc == 0) rc = mnt_context_set_options(context, options_of(request).c_str());
    return rc;
}

// libmount's own numbers begin above errno's; mount(2)'s errno is the better one where there is
// one.
int errno_of(libmnt_context* context, int rc) {
    constexpr int kFirstLibraryCode = 5000;
    if (mnt_context_syscall_called(context) != 0) {
        const int errnum = mnt_context_get_syscall_errno(context);
        if (errnum != 0) return errnum;
    }
    return rc < 0 && rc > -kFirstLibraryCode ? -rc : EINVAL;
}

}  // namespace

Result<> LibmountMounter::mount(const MountRequest& request) {
    const std::string object = compose("{} on {}", request.source, request.target);
    const Context context(mnt_new_context());
    if (!context) return fail(Error::system("mount", ENOMEM, object));
    int rc = set_up(context.get(), request);
    if (rc < 0) return fail(Error::system("mount", -rc, object));

    rc = mnt_context_mount(context.get());
    char text[512] = "";
    const int code = mnt_context_get_excode(context.get(), rc, text, sizeof text);
    // With `nofail` a source that is not there is a success to mount(8).
    if (rc == 0 && code == MNT_EX_SUCCESS) return {};
    return fail(Error::system("mount", errno_of(context.get(), rc), object)
                    .with_detail(std::string_view(text)));
}

Result<> LibmountMounter::unmount(const std::string& target) {
    // umount2(2) itself: libmount would read the whole mount table to find what we know.
    if (umount2(target.c_str(), UMOUNT_NOFOLLOW) == 0) return {};
    return fail(Error::system("unmount", errno, target));
}

std::unique_ptr<Mounter> make_libmount_mounter() {
    return std::make_unique<LibmountMounter>();
}

}  // namespace prologue
