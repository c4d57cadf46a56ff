// SPDX-License-Identifier: MIT
// Parts of libmount and libblkid that this program never reaches, but whose code every call of
// mnt_context_mount() refers to: loop devices, the utab, fstab and mountinfo, lookups through blkid's
// cache file, names of users. Linked before the static libraries, these definitions keep the members
// with the real ones out of prologue-init (about 60 KB). The prototypes are private to util-linux
// 2.38, the version that cmake/sources.lock pins; cmake/sysroot/check.sh of another version has to
// look at them again.
//
// What a caller sees: a mount with `loop` fails with ENOSYS, nothing is written to /run/mount/utab,
// a tag as a source (UUID=…) is not resolved (stages/mount.cc names the device node), tables are read
// as ENOSYS (the mounter says MNT_OMODE_NOTAB), and `uid=` and `gid=` take numbers: no image carries
// /etc/passwd, and a name reaches the kernel as it is.
#include <cerrno>
#include <cstddef>

struct libmnt_context;
struct libmnt_fs;
struct libmnt_lock;
struct libmnt_update;
struct libmnt_table;
struct blkid_struct_cache;
struct passwd;
struct group;

// One line a definition: it reads as the list that it is.
// clang-format off
// NOLINTBEGIN(readability-identifier-naming): the names are those of util-linux.
extern "C" {

// libmount/src/context_loopdev.c
int mnt_context_is_loopdev(libmnt_context*) { return 0; }
int mnt_context_setup_loopdev(libmnt_context*) { return -ENOSYS; }
int mnt_context_delete_loopdev(libmnt_context*) { return 0; }
int mnt_context_clear_loopdev(libmnt_context*) { return 0; }

// libmount/src/tab_update.c
libmnt_update* mnt_new_update() { return nullptr; }
void mnt_free_update(libmnt_update*) {}
int mnt_update_set_filename(libmnt_update*, const char*, int) { return 0; }
int mnt_update_is_ready(libmnt_update*) { return 0; }
int mnt_update_set_fs(libmnt_update*, unsigned long, const char*, libmnt_fs*) { return 1; }
libmnt_fs* mnt_update_get_fs(libmnt_update*) { return nullptr; }
unsigned long mnt_update_get_mflags(libmnt_update*) { return 0; }
int mnt_update_force_rdonly(libmnt_update*, int) { return 0; }
const char* mnt_update_get_filename(libmnt_update*) { return nullptr; }
int mnt_update_table(libmnt_update*, libmnt_lock*) { return 0; }
int mnt_update_already_done(libmnt_update*, libmnt_lock*) { return 0; }

// libmount/src/lock.c
int mnt_lock_use_simplelock(libmnt_lock*, int) { return -ENOSYS; }
libmnt_lock* mnt_new_lock(const char*, int) { return nullptr; }
void mnt_free_lock(libmnt_lock*) {}
int mnt_lock_file(libmnt_lock*) { return -ENOSYS; }
void mnt_unlock_file(libmnt_lock*) {}
int mnt_lock_block_signals(libmnt_lock*, int) { return 0; }

// libmount/src/tab_parse.c
int mnt_table_parse_file(libmnt_table*, const char*) { return -ENOSYS; }
int mnt_table_parse_fstab(libmnt_table*, const char*) { return -ENOSYS; }
int mnt_table_parse_swaps(libmnt_table*, const char*) { return -ENOSYS; }
int mnt_table_parse_mtab(libmnt_table*, const char*) { return -ENOSYS; }
int __mnt_table_parse_mtab(libmnt_table*, const char*, libmnt_table*) { return -ENOSYS; }
int mnt_table_set_parser_errcb(libmnt_table*, int (*)(libmnt_table*, const char*, int)) {
    return 0;
}
int mnt_table_set_parser_fltrcb(libmnt_table*, int (*)(libmnt_fs*, void*), void*) { return 0; }

// musl's getpw_r.lo and getgr_r.lo: no such entry, which is no error.
int getpwnam_r(const char*, passwd*, char*, std::size_t, passwd** found) {
    *found = nullptr;
    return 0;
}
int getpwuid_r(unsigned, passwd*, char*, std::size_t, passwd** found) {
    *found = nullptr;
    return 0;
}
int getgrnam_r(const char*, group*, char*, std::size_t, group** found) {
    *found = nullptr;
    return 0;
}

// musl's floatscan.lo: nobody here reads a number with a point. In the JSON of a LUKS2 header, which has
// none by its specification, such a one is an error.
long double __floatscan(void*, int, int) { return 0; }

// libblkid/src/evaluate.c, libblkid/src/cache.c
char* blkid_evaluate_tag(const char*, const char*, blkid_struct_cache**) { return nullptr; }
int blkid_get_cache(blkid_struct_cache**, const char*) { return -ENOSYS; }
char* blkid_get_cache_filename(void*) { return nullptr; }
void blkid_put_cache(blkid_struct_cache*) {}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
