# shellcheck shell=bash disable=SC2154,SC2164  # sysroot.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# libkmod without decompressors: the image builder stores modules uncompressed, which saves the init
# about 150 KB. Compiled straight from its sources, since kmod's build refuses static libraries.

kmod_config() {
    cat <<'END'
#define _GNU_SOURCE 1
#define PACKAGE "kmod"
#define VERSION "30"
#define SYSCONFDIR "/etc"
#define KMOD_FEATURES "-ZSTD -XZ -ZLIB -LIBCRYPTO -EXPERIMENTAL"
#define HAVE_BUILTIN_CLZ 1
#define HAVE___BUILTIN_CLZ 1
#define HAVE___BUILTIN_TYPES_COMPATIBLE_P 1
#define HAVE___BUILTIN_UADDL_OVERFLOW 1
#define HAVE___BUILTIN_UADDLL_OVERFLOW 1
#define HAVE_STRUCT_STAT_ST_MTIM 1
#define HAVE_DECL_STRNDUPA 0
#define HAVE_DECL_BE32TOH 1
#define HAVE_LINUX_MODULE_H 1
#define HAVE_STATIC_ASSERT 1
#define HAVE_NORETURN 1
#define HAVE_SECURE_GETENV 1
/* musl has only POSIX's basename(), which may change its argument; kmod means GNU's. */
#include <string.h>
static inline const char *kmod_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
#define basename(path) kmod_basename(path)
END
}

# Of a module's own facts the loader asks one, the version of its kernel, when the kernel refuses it: such a one is in
# a file, not built in, and its signature is not looked at.
drop_module_facts() {
    answer_at_once libkmod/libkmod-builtin.c 'return -ENOSYS;' kmod_builtin_get_modinfo
    answer_at_once libkmod/libkmod-signature.c 'return false;' kmod_module_signature_info
}

build_kmod() {
    unpack_source kmod
    cd "$work/kmod"
    drop_module_facts
    kmod_config >config.h
    compile_archive libkmod.a "-std=gnu11 -include config.h -I. -Ilibkmod" libkmod/*.c shared/*.c
    install -D -m 644 -t "$stage/include" libkmod/libkmod.h
    install_pc libkmod 30 -lkmod
}
