# shellcheck shell=bash disable=SC2154,SC2164  # decrypt.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# libdevmapper from LVM2, without udev: the node is the caller's to make, and no cookie is waited for.

devmapper_config() {
    cat <<'END'
#define _GNU_SOURCE 1
#define _FILE_OFFSET_BITS 64
#define DM_DEVICE_UID 0
#define DM_DEVICE_GID 0
#define DM_DEVICE_MODE 0600
#define DM_IOCTLS 1
#define DM_LIB_VERSION "1.02.185"
#define DEFAULT_DM_NAME_MANGLING DM_STRING_MANGLING_AUTO
#define DEFAULT_DM_RUN_DIR "/run"
#define DM_DEFAULT_NAME_MANGLING_MODE 1
#define DM_DEFAULT_NAME_MANGLING_MODE_ENV_VAR_NAME "DM_DEFAULT_NAME_MANGLING_MODE"
#define HAVE_MKNOD 1
#define HAVE_SYS_IOCTL_H 1
#define HAVE_SYS_STATVFS_H 1
#define HAVE_MALLINFO 0
#define HAVE_GETOPTLONG 1
#define HAVE_LINUX_FIEMAP_H 1
#define HAVE_LINUX_MAGIC_H 1
#define PACKAGE "lvm2"
END
}

# Messages below an error have no reader; the condition is constant, so that the compiler drops them.
drop_dm_messages() {
    grep -q '^[[:space:]]dm_log_with_errno(l, f, ln, e, ## x)$' libdm/misc/dm-logging.h
    sed -i 's/^\tdm_log_with_errno(l, f, ln, e, ## x)$/\t(((l) \& 0x0f) <= _LOG_ERR ? dm_log_with_errno(l, f, ln, e, ## x) : (void)0)/' \
        libdm/misc/dm-logging.h
}

# Its start reads one variable of the environment, and each of its paths fills a page.
drop_start() {
    grep -q 'dm_lib_init(void) __attribute__((constructor));' libdm/libdevmapper.h
    sed -i 's/ __attribute__((\(con\|de\)structor));/;/' libdm/libdevmapper.h
    grep -q '_dm_dir\[PATH_MAX\] = DEV_DIR' libdm/libdm-common.c
    sed -i 's/\(_dm_dir\|_sysfs_dir\)\[PATH_MAX\] = /\1[64] = /' libdm/libdm-common.c
}

build_devmapper() {
    unpack_source lvm2
    cd "$work/lvm2"
    drop_dm_messages
    drop_start
    devmapper_config >include/configure.h
    compile_archive libdevmapper.a "-std=gnu11 -Ilibdm -Ilibdm/ioctl -Iinclude -I. -include configure.h" \
        libdm/libdm-{common,string,file,targets,deptree,config,timestamp}.c libdm/ioctl/libdm-iface.c \
        libdm/datastruct/{bitset,hash,list}.c libdm/mm/{dbg_malloc,pool}.c
    install -D -m 644 -t "$stage/include" libdm/libdevmapper.h
}
