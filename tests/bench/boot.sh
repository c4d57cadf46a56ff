# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
# The time from the kernel's "Run … as init process" to the first statement of the real init, and
# from the kernel's first record to there, in milliseconds.

readonly contenders=(floor prologue prologue_uncompressed tiny_initramfs)

# Both stamps of a log, in microseconds; nothing when the real init did not report.
stamps_of() { sed -n 's/^.*bench: init_us=\([0-9]\+\) real_us=\([0-9]\+\)$/\1 \2/p' "$1"; }

milliseconds() { awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000 }'; }

# boot_row NAME: the contender's boots, and its line of the table.
boot_row() {
    local name=$1 image=$work/$1.img log=$work/$1.log run init real loaded
    "make_$name" "$image"
    : > "$work/$name.times"
    for ((run = 1; run <= runs; run++)); do
        say "$name, boot $run of $runs"
        boot "$image" "$log" "$(words_of "$name")"
        read -r init real < <(stamps_of "$log") || true
        [ "${init:-0}" -gt 0 ] || fail "$name did not reach the real init: see $log"
        printf '%s %s\n' $((real - init)) "$real" >> "$work/$name.times"
    done
    # All do the same work, or the row compares nothing.
    loaded=$(sed -n 's/^bench: modules=//p' "$log" | tr ',' '\n' | sort | tr '\n' ' ')
    [ "$loaded" = "${wanted:=$loaded}" ] || fail "$name loaded $loaded, the floor $wanted"
    printf '| %s | %s | %s | %s |\n' "${name//_/ }" \
        "$(milliseconds "$(cut -d ' ' -f 1 "$work/$name.times" | median)")" \
        "$(milliseconds "$(cut -d ' ' -f 2 "$work/$name.times" | median)")" \
        "$(stat -c %s "$image")"
}

measure_boot() {
    local name wanted=''
    printf '| boot, median of %s | inside init, ms | total, ms | image, bytes |\n' \
        "$runs"
    printf '|---|---:|---:|---:|\n'
    for name in "${contenders[@]}"; do boot_row "$name"; done
}
