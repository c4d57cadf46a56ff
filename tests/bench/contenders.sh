# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
# One function a contender: make_NAME FILE makes its image of the same modules and the same root.

# In the order in which modprobe would load them; built-in ones have no file.
module_files() {
    local name
    for name in $module_names; do
        modprobe -d "${modules%/lib/modules/*}" -S "$release" --show-depends "$name"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# floor_image PROGRAM IMAGE
floor_image() {
    local file number=0 letters=abcdefghijklmnopqrstuvwxyz tree=$work/floor-tree
    rm -rf "$tree"
    mkdir -p "$tree"/{dev,newroot}
    cp "$work/$1" "$tree/init"
    while read -r file; do
        cp "$file" "$tree/${letters:number:1}.ko"
        number=$((number + 1))
    done < <(module_files)
    [ "$number" -le 26 ] || fail 'floor.c knows only one letter'
    pack "$tree" "$2"
}

make_floor() { floor_image floor "$1"; }

# prologue_image CONFIG IMAGE [OPTION...]
prologue_image() {
    "$top/build/release/prologue" initramfs "$1" --modules "$modules" -o "${@:2}"
}

make_prologue() { prologue_image "$work/prologue.conf" "$1"; }
make_prologue_gzip() { prologue_image "$work/prologue.conf" "$1" --compress gzip; }

# That Debian's kernel would refuse them under Secure Boot is known here.
make_prologue_unsigned() {
    prologue_image "$work/prologue.conf" "$1" --unsigned-modules 2> "$work/unsigned.log" ||
        fail "see $work/unsigned.log"
}

# The package is only unpacked; its script is told where it lies and which modules to take.
readonly tiny=$work/tiny-initramfs
prepare_tiny_initramfs() {
    [ ! -e "$tiny/usr/sbin/mktirfs" ] || return 0
    rm -rf "$tiny" "$tiny.new"
    mkdir -p "$tiny.new"
    (cd "$tiny.new" && apt-get -q download tiny-initramfs-core >&2 && dpkg -x ./*.deb .)
    mv "$tiny.new" "$tiny"
}

# tiny_image IMAGE EDIT: EDIT is sed's, for the functions of its script.
tiny_image() {
    sed -e "s|\"/usr/lib/|\"$tiny/usr/lib/|" -e "s|^\. /usr/share/.*|. '$work/tirfs-functions'|" \
        "$tiny/usr/sbin/mktirfs" > "$work/mktirfs"
    sed -e "s|/sbin/modprobe |modprobe -d '${modules%/lib/modules/*}' |" -e "$2" \
        "$tiny/usr/share/tiny-initramfs/functions" > "$work/tirfs-functions"
    INCLUDE_MODULES=${module_names// /,} sh "$work/mktirfs" -m no -M no -o "$1" "$release"
}

# It adds virtio_mmio wherever virtio_blk goes. One module more is some milliseconds more, which say
# nothing about the init: the first is what it is at its best, the second what its users boot.
make_tiny_initramfs() { tiny_image "$1" '/process_modules_helper/s/ virtio_mmio$//'; }
make_tiny_initramfs_unedited() { tiny_image "$1" ''; }

# What prologue's config says, others read from the kernel's command line.
words_of() {
    case $1 in
        tiny_initramfs | tiny_initramfs_unedited | initramfs_tools | dracut)
            printf 'root=UUID=%s rootfstype=ext4 ro' "$root_uuid" ;;
    esac
}

# The row's name in a table.
title_of() {
    case $1 in
        prologue_*) printf 'prologue, %s' "${1#prologue_}" ;;
        tiny_initramfs_unedited) printf 'tiny-initramfs, its modules unedited' ;;
        initramfs_tools | tiny_initramfs) printf '%s' "${1/_/-}" ;;
        *) printf '%s' "$1" ;;
    esac
}
