# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
# initramfs-tools and dracut, from their packages, in a debootstrapped Debian of their own. They are
# told to carry the same modules and to find the same root, and still do more than the others: both run
# shell scripts, start udev and let it load drivers by what it finds, offer a shell and hooks; dracut
# waits for a queue of such hooks and looks at the new root. So they load what they load, and the table
# counts it.

readonly field=$work/field
readonly field_packages=initramfs-tools,dracut-core

# make_debian FOLDER PACKAGES: dracut among them. Needs root rights; kept between runs.
make_debian() {
    [ ! -e "$1/usr/bin/dracut" ] || return 0
    [ "$(id -u)" = 0 ] || fail 'initramfs-tools and dracut need root rights; name other contenders'
    rm -rf --one-file-system "$1.new"
    debootstrap --variant=minbase --include="$2" bookworm "$1.new" "$(mirror)" \
        > "$work/debootstrap.log" 2>&1 || fail "debootstrap: see $work/debootstrap.log"
    rm -f "$1.new"/var/cache/apt/archives/*.deb "$1.new"/boot/initrd.img-*
    mv "$1.new" "$1"
}

# The machine's own, as fetch-kernel takes it.
mirror() {
    # shellcheck disable=SC2016  # $(REPO_URI) is apt's own syntax
    apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
        awk '$2 == "main" && !seen { print $1; seen = 1 }'
}

# The kernel's modules and config, where the tools look for them, and the modules to take.
prepare_field() {
    local root=${modules%/lib/modules/*}
    make_debian "$field" "$field_packages"
    if [ ! -e "$field/boot/config-$release" ]; then
        mkdir -p "$field/lib/modules"
        cp -a "$modules" "$field/lib/modules/"
        cp "$root/boot/config-$release" "$field/boot/"  # says that all is there
    fi
    tr ' ' '\n' <<< "$module_names" > "$field/etc/initramfs-tools/modules"
    printf '%s\n' MODULES=list BUSYBOX=auto COMPRESS=gzip RESUME=none FSTYPE=ext4 \
        > "$field/etc/initramfs-tools/conf.d/bench"
}

# In the field: PROGRAM [ARGUMENT...], with what it says in a log.
in_field() { chroot "$field" /usr/bin/env -i PATH="$PATH" "$@" > "$work/field.log" 2>&1; }

field_versions() {
    # shellcheck disable=SC2016  # dpkg-query's own syntax
    chroot "$field" dpkg-query -W -f '${Package} ${Version}, ' initramfs-tools dracut-core
    printf 'tiny-initramfs %s\n' "$(dpkg-deb -f "$tiny"/*.deb Version)"
}

# build_NAME leaves its image in the field; it is also what is timed.
build_initramfs_tools() { in_field mkinitramfs -o /tmp/initramfs_tools.img "$release"; }

# No module of systemd's, of the host's or of a network: a shell, udev, and the root on a disk.
build_dracut() {
    in_field dracut --force --no-hostonly --no-hostonly-cmdline --gzip --nofscks \
        --modules 'dash udev-rules kernel-modules rootfs-block fs-lib base' \
        --drivers "$module_names" /tmp/dracut.img "$release"
}

make_initramfs_tools() { make_of_field initramfs_tools "$1"; }
make_dracut() { make_of_field dracut "$1"; }

make_of_field() {
    "build_$1" || fail "$1 makes no image: see $work/field.log"
    cp "$field/tmp/$1.img" "$2"
}
