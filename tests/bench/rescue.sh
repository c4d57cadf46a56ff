# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# How soon a person can type: from the failure block's first bytes to the prompt of the rescue shell, on a
# pseudo terminal that takes every byte at once; and what both are to a line of 9600 baud, which takes
# 960 bytes a second.

readonly prompts=21

make_rescue() {
    compile prompt
    printf '%s\n' 'set prompt-consoles pts/0' 'set console pts/0' 'mount devpts /dev/pts' \
        'exec /bin/prompt' 'write /proc/sys/kernel/nothing 1' 'poweroff' > "$work/rescue.conf"
    prologue_image "$work/rescue.conf" "$1" --add "$work/prompt:/bin/prompt"
}

measure_rescue() {
    local log=$work/rescue.log run took bytes
    disks=()
    make_rescue "$work/rescue.img"
    : > "$work/rescue.times"
    for ((run = 1; run <= prompts; run++)); do
        say "rescue, boot $run of $prompts"
        boot "$work/rescue.img" "$log"
        took=$(said prompt_us "$log")
        [ "${took:-0}" -gt 0 ] || fail "no prompt came: see $log"
        printf '%s\n' "$took" >> "$work/rescue.times"
    done
    took=$(median < "$work/rescue.times")
    bytes=$(said shown "$log")
    printf '| rescue shell, median of %s | prompt after the block, ms | block, greeting, prompt, bytes' \
        "$prompts"
    printf ' | on 9600 baud, ms |\n|---|---:|---:|---:|\n'
    printf '| prologue | %s | %s | %s |\n' "$(milliseconds "$took")" "$bytes" $((bytes * 1000 / 960))
    limit 'prompt behind the failure block, ms' "$(milliseconds "$took")" 50
}
