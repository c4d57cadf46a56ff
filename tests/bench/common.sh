# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# Common to all parts: the kernel, the disk with the measuring init, one boot, a median, a limit.

readonly root_uuid=2f9d6a5c-6f7f-4c0e-9a1b-0d8c5d0e7a11
readonly module_names='virtio_pci virtio_blk ext4'
readonly boot_limit=900  # seconds on this machine, not in the guest

say() { printf 'bench: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
usage() { say "usage: tests/bench/run [--runs N] [${all_parts[*]}]"; exit 2; }

# compile NAME [AS OPTION...]
compile() {
    musl-gcc -std=c11 -Os -Wall -Wextra -Werror -static -s "${@:3}" -o "$work/${2:-$1}" \
        "$top/tests/bench/$1.c"
}

# The real root, as a folder.
make_root() {
    rm -rf "$work/root"
    mkdir -p "$work/root"/{dev,proc,sys,run,sbin}
    cp "$work/real_init" "$work/root/sbin/init"
}

make_disk() {
    rm -f "$work/disk.img"
    truncate -s 32M "$work/disk.img"
    mke2fs -q -t ext4 -U "$root_uuid" -d "$work/root" "$work/disk.img" >&2
    one_disk=(-drive "if=none,format=raw,snapshot=on,id=disk,file=$work/disk.img"
        -device 'virtio-blk-pci,drive=disk')
}

# write_config FILE SPEC [LINE...]: loads the modules, runs the lines, and mounts SPEC.
write_config() {
    # ext4 is named although some kernels have it built in, so that the others get it too.
    printf '%s\n' "modules $module_names" "${@:3}" "mount $2 /newroot" 'switch_root /newroot' > "$1"
}

prepare() {
    local found
    [ -x "$top/build/release/prologue-init" ] || fail 'build/release is missing: build it first'
    found=$("$top/images/fetch-kernel")
    kernel=$(sed -n 's/^KERNEL=//p' <<< "$found")
    modules=$(sed -n 's/^MODULES=//p' <<< "$found")
    release=${modules##*/}
    compile floor
    compile real_init
    make_root
    make_disk
    write_config "$work/prologue.conf" "UUID=$root_uuid"
    prepare_tiny_initramfs
    prepare_field
}

print_versions() {
    printf '%s, Linux %s, QEMU %s, prologue %s,\n' "$(date -u +%F)" "$release" \
        "$(qemu-system-x86_64 --version | awk 'NR == 1 { print $4 }')" \
        "$(git -C "$top" describe --always --dirty)"
    field_versions
}

# pack FOLDER IMAGE: an archive of it, compressed or not as prologue's own by default.
pack() {
    (cd "$1" && find . | sort | cpio -o -H newc -R 0:0 --quiet) > "$2"
    [ "$(stat -c %s "$2")" -le $((2 << 20)) ] || { gzip -9n < "$2" > "$2.gz" && mv "$2.gz" "$2"; }
}

readonly common_words='console=ttyS0 panic=-1 idle=poll quiet loglevel=7'

# run_machine LOG WORD...: one boot with $disks and these words for QEMU; what the real init says is in LOG.
run_machine() {
    timeout "$boot_limit" qemu-system-x86_64 -accel tcg -icount shift=0,sleep=off -cpu max \
        -no-reboot -nodefaults -display none -monitor none -serial stdio "${@:2}" "${disks[@]}" \
        < /dev/null > "$1.raw" 2> "$1.qemu" || true  # the log shows whether it went well
    tr -d '\r' < "$1.raw" > "$1"
}

# boot IMAGE LOG [WORDS]
boot() {
    run_machine "$2" -m 256 -kernel "$kernel" -initrd "$1" -append "$common_words ${3:-}"
}

# The middle one of the numbers on standard input; of an even count the lower of the two.
median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }

# limit WHAT VALUE MOST, limit --least WHAT VALUE LEAST: kept for print_limits.
limits=()
limit() {
    local sign='at most' met
    if [ "$1" = --least ]; then
        sign='at least'
        shift
    fi
    met=$(awk -v value="$2" -v bound="$3" -v sign="$sign" \
        'BEGIN { print (sign == "at most" ? value <= bound : value >= bound) ? "met" : "missed" }')
    limits+=("| $1 | $2 | $sign $3 | $met |")
}

# False when one is missed.
print_limits() {
    [ ${#limits[@]} -gt 0 ] || return 0
    printf '\n| must reach | measured | limit | |\n|---|---:|---:|---|\n'
    printf '%s\n' "${limits[@]}"
    ! grep -q '| missed |$' <<< "$(printf '%s\n' "${limits[@]}")"
}
