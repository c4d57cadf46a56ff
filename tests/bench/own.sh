# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# A small kernel of one's own, and Debian's for comparison: kernel and userspace together, from the machine's
# reset to the real init on an ext4 root. The archive is in the kernel, comes from outside, or there is none
# and the kernel mounts the root by itself, which is the floor.

readonly own=$work/own

make_own() {
    local found
    mkdir -p "$own"
    printf '%s\n' "mount UUID=$root_uuid /newroot" 'switch_root /newroot' > "$own/own.conf"
    own_image own.img
    own_image list --format list
    found=$("$top/images/make-kernel" --initramfs "$own/list" --output "$own/vmlinuz")
    own_kernel=$(sed -n 's/^KERNEL=//p' <<< "$found")
}

# own_image FILE [OPTION...]
own_image() {
    "$top/build/release/prologue" initramfs "$own/own.conf" --modules none -o "$own/$1" "${@:2}" \
        2> "$own/$1.log" || fail "see $own/$1.log"
}

# A boot of $kernel with the image that the row has, be it none.
boot_own() {
    run_machine "$2" -m 256 -kernel "$kernel" ${image:+-initrd "$image"} -append "$common_words ${3:-}"
}

# own_row TITLE NAME KERNEL IMAGE [WORDS]
own_row() {
    local kernel=$3 image=$4 booter=boot_own bytes=0
    [ -z "$image" ] || bytes=$(stat -c %s "$image")
    measure "$2" "${5:-}"
    printf '| %s | %s | %s | %s | %s |\n' "$1" "$(stat -c %s "$3")" "$bytes" \
        "$(milliseconds "${inside[$2]}")" "$(milliseconds "$(column 5 "$2")")"
}

measure_own() {
    local own_kernel
    make_own
    make_prologue "$own/debian.img"
    disks=("${one_disk[@]}")
    printf '| kernel %s, median of %s | kernel, bytes | image, bytes | inside init, ms' \
        "$(basename "$own_kernel" | sed 's/vmlinuz-//')" "$runs"
    printf ' | from reset, ms |\n|---|---:|---:|---:|---:|\n'
    own_row 'own, archive inside' own_inside "$own/vmlinuz" ''
    own_row 'own, image from outside' own_outside "$own_kernel" "$own/own.img"
    own_row 'own, no initramfs: the kernel mounts the root' own_none "$own_kernel" '' 'root=/dev/vda'
    own_row 'Debian'"'"'s for clouds, image from outside' own_debian "$kernel" "$own/debian.img"
}
