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

make_floor() {
    local file number=0 tree=$work/floor-tree
    rm -rf "$tree"
    mkdir -p "$tree"/{dev,newroot}
    cp "$work/floor" "$tree/init"
    while read -r file; do
        cp "$file" "$tree/$number.ko"
        number=$((number + 1))
    done < <(module_files)
    [ "$number" -le 10 ] || fail 'floor.c knows only one digit'
    pack "$tree" > "$1"
}

prologue_image() {
    "$top/build/release/prologue" initramfs "$work/prologue.conf" --modules "$modules" \
        --compress "$1" -o "$2"
}

make_prologue() { prologue_image gzip "$1"; }
make_prologue_uncompressed() { prologue_image none "$1"; }

# The package is only unpacked; its script is told where it lies and which modules to take.
# It would add virtio_mmio wherever virtio_blk goes; one module more is some milliseconds more, which
# would say nothing about the init, so that name is taken out.
make_tiny_initramfs() {
    local tree=$work/tiny-initramfs
    if [ ! -e "$tree/usr/sbin/mktirfs" ]; then
        rm -rf "$tree" "$tree.new"
        mkdir -p "$tree.new"
        (cd "$tree.new" && apt-get -q download tiny-initramfs-core >&2 && dpkg -x ./*.deb .)
        mv "$tree.new" "$tree"
    fi
    sed -e "s|\"/usr/lib/|\"$tree/usr/lib/|" -e "s|^\. /usr/share/.*|. '$work/tirfs-functions'|" \
        "$tree/usr/sbin/mktirfs" > "$work/mktirfs"
    sed "s|/sbin/modprobe |modprobe -d '${modules%/lib/modules/*}' |" \
        "$tree/usr/share/tiny-initramfs/functions" |
        sed '/process_modules_helper/s/ virtio_mmio$//' > "$work/tirfs-functions"
    INCLUDE_MODULES=${module_names// /,} sh "$work/mktirfs" -m no -M no -o "$1" "$release"
}

# What prologue's config says, others read from the kernel's command line.
words_of() {
    case $1 in
        tiny_initramfs) printf 'root=UUID=%s rootfstype=ext4 ro' "$root_uuid" ;;
    esac
}
