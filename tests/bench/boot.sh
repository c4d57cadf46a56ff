# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# The time from the kernel's "Run … as init process" to the first statement of the real init, and
# from the kernel's first record to there, in milliseconds; the most memory that PID 1 and the largest
# of all processes that it waited for had until then.

readonly contenders=(floor prologue prologue_gzip prologue_unsigned tiny_initramfs
    tiny_initramfs_unedited initramfs_tools dracut)

# Inside init of each image that was measured, in microseconds.
declare -A inside

# Both stamps of a log, in microseconds; nothing when the real init did not report.
stamps_of() { sed -n 's/^.*bench: init_us=\([0-9]\+\) real_us=\([0-9]\+\)$/\1 \2/p' "$1"; }

# What the real init says behind KEY=.
said() { sed -n "s/^bench: $1=//p" "$2"; }

milliseconds() { awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000 }'; }

# column N NAME: the median of a column of the contender's boots.
column() { cut -d ' ' -f "$1" "$work/$2.times" | median; }

# What boots an image: boot, or a part's own function that takes the same words.
booter=boot

# measure NAME [WORDS]: boots NAME's image $runs times; times, log and inside[NAME] stay.
measure() {
    local name=$1 log=$work/$1.log run init real
    : > "$work/$name.times"
    for ((run = 1; run <= runs; run++)); do
        say "$name, boot $run of $runs"
        "$booter" "$work/$name.img" "$log" "${2:-}"
        read -r init real < <(stamps_of "$log") || true
        [ "${init:-0}" -gt 0 ] || fail "$name did not reach the real init: see $log"
        printf '%s %s %s %s %s\n' $((real - init)) "$real" "$(said pid1_kb "$log")" \
            "$(said child_kb "$log")" "$(said reset_us "$log")" >> "$work/$name.times"
    done
    inside[$name]=$(column 1 "$name")
}

# All do the same work, or the row compares nothing, but for those that decide it for themselves.
check_modules() {
    local loaded
    case $1 in tiny_initramfs_unedited | initramfs_tools | dracut) return ;; esac
    loaded=$(said modules "$work/$1.log" | tr ',' '\n' | sort | tr '\n' ' ')
    [ "$loaded" = "${wanted:=$loaded}" ] || fail "$1 loaded $loaded, the floor $wanted"
}

boot_row() {
    local name=$1
    "make_$name" "$work/$name.img"
    measure "$name" "$(words_of "$name")"
    check_modules "$name"
    printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$(title_of "$name")" \
        "$(milliseconds "${inside[$name]}")" "$(milliseconds "$(column 2 "$name")")" \
        "$(stat -c %s "$work/$name.img")" "$(said modules "$work/$name.log" | tr ',' '\n' | wc -l)" \
        "$(column 3 "$name")" "$(column 4 "$name")"
}

measure_boot() {
    local name wanted=''
    disks=("${one_disk[@]}")
    printf '| boot, median of %s | inside init, ms | total, ms | image, bytes | modules loaded' \
        "$runs"
    printf ' | PID 1, KB | largest child, KB |\n|---|---:|---:|---:|---:|---:|---:|\n'
    for name in "${contenders[@]}"; do boot_row "$name"; done
    limit 'inside init, of the floor'"'"'s' "$(ratio "${inside[prologue]}" "${inside[floor]}")" 1.04
    limit 'inside init, of that of tiny-initramfs with its modules unedited' \
        "$(ratio "${inside[prologue]}" "${inside[tiny_initramfs_unedited]}")" 1.00
    limit 'total above that of the same, ms' \
        "$(milliseconds $(($(column 2 prologue) - $(column 2 tiny_initramfs_unedited))))" 3.0
    limit 'inside init with --unsigned-modules, of the floor'"'"'s with signatures' \
        "$(ratio "${inside[prologue_unsigned]}" "${inside[floor]}")" 0.70
    limit 'memory of PID 1, KB' "$(column 3 prologue)" 1024
}
