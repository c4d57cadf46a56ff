# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
# Bytes of the stripped programs, and of prologue's image of the boot table by compression.

measure_size() {
    local program how
    printf '| program | bytes |\n|---|---:|\n'
    for program in prologue-init prologue; do
        printf '| %s | %s |\n' "$program" "$(stat -c %s "$top/build/release/$program")"
    done
    printf '\n| image, compressed by | bytes |\n|---|---:|\n'
    for how in none lz4 gzip zstd xz; do
        prologue_image "$how" "$work/size.img"
        printf '| %s | %s |\n' "$how" "$(stat -c %s "$work/size.img")"
    done
}
