# shellcheck shell=bash disable=SC2154,SC2164  # sysroot.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# libmount, libblkid and libuuid from util-linux, without its programs.

# LIBMOUNT_DEBUG= and LIBBLKID_DEBUG= have no reader in early userspace; their messages and the code
# around them are 33 KB of the init. The condition becomes constant, so that the compiler still sees
# the arguments and then drops all of it.
drop_debug_messages() {
    sed -i 's/if ((p ## m) & l ## _debug_mask) {/if (0 \&\& ((p ## m) \& l ## _debug_mask)) {/' \
        include/debug.h
    [[ "$(grep -c 'if (0 &&' include/debug.h)" == 2 ]]
}

# Kinds of filesystem, RAID and partition table that no Linux root lies on: 20 KB of tables and
# probers. The price is that a stale signature of one of them no longer makes a disk ambivalent.
drop_probers() {
    local name list=libblkid/src/superblocks/superblocks.c
    for name in befs hpfs ufs sysv xenix vxfs gfs gfs2 ocfs ocfs2 oracleasm hfs hfsplus vmfs_volume \
        vmfs_fs exfs apfs mpool udf minix netware refs highpoint45x highpoint37x jmraid pdcraid; do
        grep -q "&${name}_idinfo," "$list"
        sed -i "s/&${name}_idinfo,//" "$list"
    done
    list=libblkid/src/partitions/partitions.c
    for name in aix sgi bsd sun unixware solaris_x86 ultrix minix atari mac; do
        grep -q "&${name}_pt_idinfo" "$list"
        sed -i "s/&${name}_pt_idinfo,\{0,1\}//" "$list"
    done
}

# What mkfs asks about stripes and alignment; no mount does.
drop_topology() {
    local name list=libblkid/src/topology/topology.c
    for name in sysfs ioctl md dm lvm evms; do
        grep -q "&${name}_tp_idinfo" "$list"
        sed -i "/&${name}_tp_idinfo/d" "$list"
    done
    sed -i 's/^#ifdef __linux__$/NULL/; T; n; s/^#endif$//' "$list"
}

# Partition tables inside a partition of a DOS table: what they list has neither a PARTUUID nor a name, by which
# alone a partition is looked for here, and comes after all that has one.
drop_nested_tables() {
    local dos=libblkid/src/partitions/dos.c
    [[ "$(grep -c '&\(bsd\|unixware\|solaris_x86\|minix\)_pt_idinfo }' "$dos")" == 6 ]]
    sed -i '/&\(bsd\|unixware\|solaris_x86\|minix\)_pt_idinfo }/d' "$dos"
}

# What the flags of stages/libmount/libmount_mounter.cc switch off, and what it never asks for: a path that is
# made canonical, tables of mounts, the programs /sbin/mount.TYPE, namespaces, users that are not root. The
# source, the target and the type are always given, and the target is made before. A type that is still to
# be found out, as the `auto` in a list, is an error.
drop_mount_paths() {
    local context=libmount/src/context.c
    answer_at_once $context 'return NULL;' mnt_context_get_cache
    answer_at_once $context 'return -ENOSYS;' mnt_context_get_{fstab,mtab,mtab_for_target}
    answer_at_once $context 'return 0;' mnt_context_is_restricted mnt_context_apply_fstab \
        mnt_context_prepare_helper mnt_context_prepare_update mnt_context_update_tabs mnt_context_set_target_ns
    answer_at_once $context 'return *rc = 0;' is_mkdir_required
    answer_at_once $context 'return cxt->ns_cur;' mnt_context_switch_ns
    answer_at_once $context '*type = NULL; return -MNT_ERR_NOFSTYPE;' mnt_context_guess_srcpath_fstype
    answer_at_once libmount/src/context_mount.c 'return -MNT_ERR_NOFSTYPE;' do_mount_by_pattern
    answer_at_once libmount/src/context_mount.c 'return -ENOSYS;' exec_helper
}

# stages/devices/prober.cc asks neither for the topology nor for what a partition is in its disk's table.
drop_probe_paths() {
    answer_at_once libblkid/src/topology/topology.c 'return BLKID_PROBE_NONE;' topology_probe
    answer_at_once libblkid/src/partitions/partitions.c 'return BLKID_PROBE_NONE;' blkid_partitions_probe_partition
}

# libblkid's two questions to sysfs, answered with less; nothing asks for the name of the disk. A device of
# characters (UBI) is never looked into: stages/devices takes block devices alone.
shorten_sysfs() {
    sed -i '/^#include "sysfs.h"/r '"$here/sysroot/sysfs_numbers.h" lib/sysfs.c
    grep -q '^static int own_disk_of' lib/sysfs.c
    answer_at_once lib/sysfs.c 'return own_is_dm_private(devno, uuid);' sysfs_devno_is_dm_private
    answer_at_once lib/sysfs.c 'return diskname ? -EINVAL : own_disk_of(devno, diskdevno);' sysfs_devno_to_wholedisk
    answer_at_once lib/sysfs.c 'return NULL;' sysfs_chrdev_devno_to_devname
}

build_util_linux() {
    unpack_source util-linux
    cd "$work/util-linux"
    drop_debug_messages
    drop_probers
    drop_topology
    drop_nested_tables
    drop_mount_paths
    drop_probe_paths
    shorten_sysfs
    # The Debian tarball carries configure, so nothing needs to be generated.
    ./configure --build=x86_64-linux-gnu --host=x86_64-linux-musl --prefix="$stage" \
        --disable-all-programs --enable-libmount --enable-libblkid --enable-libuuid \
        --disable-shared --enable-static --disable-nls --disable-asciidoc --disable-poman \
        --disable-bash-completion --disable-rpath --disable-dependency-tracking \
        --without-audit --without-btrfs --without-cap-ng --without-cryptsetup --without-econf \
        --without-libmagic --without-libz --without-ncurses --without-ncursesw --without-python \
        --without-readline --without-selinux --without-slang --without-smack --without-systemd \
        --without-tinfo --without-udev --without-user --without-utempter \
        --sysconfdir=/etc --localstatedir=/var --runstatedir=/run \
        CC="$cc" AR=gcc-ar-12 RANLIB=gcc-ranlib-12 NM=gcc-nm-12 CFLAGS="$cflags" LDFLAGS="-static -no-pie"
    make -j"$jobs" libuuid.la libblkid.la libmount.la
    local name version
    version=$(awk '$2 == "PACKAGE_VERSION" { gsub(/"/, "", $3); print $3 }' config.h)
    for name in uuid blkid mount; do
        install -D -m 644 ".libs/lib$name.a" "$stage/lib/lib$name.a"
        install_pc "$name" "$version" "-l$name" "/$name"
    done
    install -D -m 644 -t "$stage/include/uuid" libuuid/src/uuid.h
    install -D -m 644 -t "$stage/include/blkid" libblkid/src/blkid.h
    install -D -m 644 -t "$stage/include/libmount" libmount/src/libmount.h
    # mount.pc and blkid.pc name their header's own directory; libmount's is spelt differently.
    sed -i 's|/include/mount|/include/libmount|; /^Libs:/s|-lmount|-lmount -lblkid|' "$stage/lib/pkgconfig/mount.pc"
}
