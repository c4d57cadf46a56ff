# shellcheck shell=bash disable=SC2004,SC2154
# SPDX-License-Identifier: MIT
# What `modules auto` costs: against a list of the modules that it loads, and by the number of devices
# that have a modalias. The latter come from an ACPI table: each device has an identifier of its own that
# no driver answers to, and the kernel enumerates them before it starts the init. Each comes twice, as a
# device of ACPI and as one of the platform.

readonly alias_count=400

# aml_devices COUNT: the body of an SSDT. Source: ACPI 6.5, chapter 20: a scope \_SB_ of devices, each
# 22 bytes with its _HID.
aml_devices() {
    local number length=$((3 + 5 + 22 * $1))
    # shellcheck disable=SC2059  # the bytes of the length are the format
    printf "\x10\\x$(printf '%02x' $((0x80 | length & 15)))\\x$(printf '%02x' \
        $((length >> 4 & 255)))\\x$(printf '%02x' $((length >> 12 & 255)))\\\\_SB_"
    for ((number = 0; number < $1; number++)); do
        printf '\x5b\x82\x14D%03X\x08_HID\x0dPRLG%04X\x00' "$number" "$number"
    done
}

# auto_image NAME LINE...: for the board that is measured on, with these lines for its modules.
auto_image() {
    local name=$1
    shift
    printf '%s\n' "$@" "mount UUID=$root_uuid /newroot" 'switch_root /newroot' \
        > "$work/$name.conf"
    prologue_image "$work/$name.conf" "$work/$name.img" --for qemu
}

coldplug_row() { printf '| %s | %s |\n' "$1" "$(milliseconds "${inside[$2]}")"; }

measure_coldplug() {
    local loaded
    disks=("${one_disk[@]}")
    auto_image auto 'modules auto'
    measure auto
    # In the order in which they came; what the mount loaded is loaded by the mount again.
    loaded=$(said modules "$work/auto.log" | tr , ' ')
    auto_image hand "modules $loaded"
    measure hand
    [ "$(said modules "$work/hand.log" | tr , ' ')" = "$loaded" ] ||
        fail "the list loaded other modules: see $work/hand.log"
    aml_devices $((alias_count / 2)) > "$work/devices.aml"
    disks+=(-acpitable "sig=SSDT,data=$work/devices.aml")
    cp "$work/auto.img" "$work/aliases.img"
    measure aliases
    printf '| drivers | inside init, ms |\n|---|---:|\n'
    coldplug_row "a list of $(wc -w <<< "$loaded") modules" hand
    coldplug_row 'modules auto, the same modules' auto
    coldplug_row "modules auto, $alias_count further devices" aliases
    limit "'modules auto' above a list of the same modules, ms" \
        "$(milliseconds $((${inside[auto]} - ${inside[hand]})))" 40
    limit "$alias_count further devices with a modalias, ms" \
        "$(milliseconds $((${inside[aliases]} - ${inside[auto]})))" 30
}
