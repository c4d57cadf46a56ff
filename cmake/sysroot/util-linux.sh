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

build_util_linux() {
    unpack_source util-linux
    cd "$work/util-linux"
    drop_debug_messages
    drop_probers
    drop_topology
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
