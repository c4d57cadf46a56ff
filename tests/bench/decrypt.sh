# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# What the stage `decrypt` costs a boot that has no such line: the release beside the preset lean, which is
# built without it, on the same kernel, disk and config. In pairs, so that the median is of differences.

readonly decrypt_pairs=21

# boot_decrypt NAME: microseconds inside init and from the kernel's start.
boot_decrypt() {
    local runs=1
    measure "decrypt_$1"
    printf '%s %s\n' "$(column 1 "decrypt_$1")" "$(column 2 "decrypt_$1")"
}

measure_decrypt() {
    local pair lean=$top/build/lean/prologue-init with without with_total without_total
    [ -x "$lean" ] || fail 'build/lean is missing: build it first'
    disks=("${one_disk[@]}")
    prologue_image "$work/prologue.conf" "$work/decrypt_with.img"
    prologue_image "$work/prologue.conf" "$work/decrypt_without.img" --init "$lean"
    : > "$work/decrypt.inside"
    : > "$work/decrypt.total"
    for ((pair = 1; pair <= decrypt_pairs; pair++)); do
        say "decrypt, pair $pair of $decrypt_pairs"
        read -r with with_total < <(boot_decrypt with)
        read -r without without_total < <(boot_decrypt without)
        printf '%s\n' $((with - without)) >> "$work/decrypt.inside"
        printf '%s\n' $((with_total - without_total)) >> "$work/decrypt.total"
    done
    printf '| a boot without `decrypt`, the last one | inside init, ms | total, ms | image, bytes |\n'
    printf '|---|---:|---:|---:|\n'
    printf '| release | %s | %s | %s |\n' "$(milliseconds "$with")" "$(milliseconds "$with_total")" \
        "$(stat -c %s "$work/decrypt_with.img")"
    printf '| lean | %s | %s | %s |\n' "$(milliseconds "$without")" \
        "$(milliseconds "$without_total")" "$(stat -c %s "$work/decrypt_without.img")"
    limit "inside init above lean, median of $decrypt_pairs pairs, ms" \
        "$(milliseconds "$(median < "$work/decrypt.inside")")" 3
    limit "in all above lean, median of $decrypt_pairs pairs, ms" \
        "$(milliseconds "$(median < "$work/decrypt.total")")" 3
}
