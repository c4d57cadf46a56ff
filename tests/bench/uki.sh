# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# A stock Debian as UEFI starts it: its kernel, an image and the command line as one unified kernel image
# on the EFI partition, the root beside it on the same disk. Prologue with a list of modules, and the
# hard-coded floor with the same; from the start of the init to the first statement of the real one, which
# stands in systemd's place. What the firmware does before is the same for both and not compared.

readonly uki_firmware=/usr/share/OVMF/OVMF_CODE_4M.fd uki_variables=/usr/share/OVMF/OVMF_VARS_4M.fd
readonly uki_esp_mib=64

# make_uki_disk: an EFI partition without a file, and the root.
make_uki_disk() {
    local start=$((1 + uki_esp_mib))
    cp "$work/real_init" "$stock/bench_init"
    rm -f "$work/uki.img"
    truncate -s $((start + 3 * 1024 + 1))M "$work/uki.img"
    mke2fs -q -t ext4 -U "$root_uuid" -E "offset=$((start << 20))" -d "$stock" "$work/uki.img" 3G >&2
    printf 'label: gpt\nstart=1MiB,size=%sMiB,type=uefi\nstart=%sMiB,size=3GiB\n' \
        "$uki_esp_mib" "$start" | sfdisk -q -W never "$work/uki.img" >&2
    mformat -i "$work/uki.img@@1M" -F -T $((uki_esp_mib * 2048)) ::
    mmd -i "$work/uki.img@@1M" ::/EFI ::/EFI/BOOT
}

# boot_uki IMAGE LOG WORDS: has them joined, and puts them where the firmware looks.
boot_uki() {
    "$top/build/release/prologue" uki --linux "$kernel" --initrd "$1" --cmdline "$common_words $3" \
        -o "$1.efi" 2> "$1.uki" || fail "see $1.uki"
    mcopy -o -i "$work/uki.img@@1M" "$1.efi" ::/EFI/BOOT/BOOTX64.EFI
    run_machine "$2" -M q35 -m 512 -drive "if=pflash,format=raw,readonly=on,file=$uki_firmware" \
        -drive "if=pflash,format=raw,snapshot=on,file=$uki_variables"
}

measure_uki() {
    local name kernel modules release booter=boot_uki wanted=''
    make_debian "$stock" "$stock_packages"
    kernel=$(echo "$stock"/boot/vmlinuz-*) modules=$(echo "$stock"/lib/modules/*)
    release=${modules##*/}
    make_uki_disk
    disks=(-drive "if=none,format=raw,snapshot=on,id=disk,file=$work/uki.img"
        -device 'virtio-blk-pci,drive=disk,bootindex=1')
    compile floor uki_floor '-DINIT="/bench_init"' '-DROOT="/dev/vda2"'
    floor_image uki_floor "$work/uki_floor.img"
    prologue_image "$work/prologue.conf" "$work/uki_prologue.img"
    printf '| stock Debian as a unified kernel image, Linux %s, median of %s | inside init, ms' \
        "$release" "$runs"
    printf ' | total, ms | image, bytes |\n|---|---:|---:|---:|\n'
    for name in uki_floor uki_prologue; do
        measure "$name" "root=UUID=$root_uuid ro init=/bench_init"
        check_modules "$name"
        printf '| %s | %s | %s | %s |\n' "${name#uki_}" "$(milliseconds "${inside[$name]}")" \
            "$(milliseconds "$(column 2 "$name")")" "$(stat -c %s "$work/$name.img.efi")"
    done
    limit 'stock Debian as a unified kernel image, inside init, of the floor' \
        "$(ratio "${inside[uki_prologue]}" "${inside[uki_floor]}")" 1.05
}
