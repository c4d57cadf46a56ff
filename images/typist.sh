# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Somebody who types at a machine: starts it, waits for a text on its serial line before each line, and
# shows what the machine says. A machine that is silent for $silence seconds is ended.

readonly silence=60
prompt=''            # what its shell shows when it waits for a line
machine_log=/dev/null
machine_pid=''       # kept, since bash forgets a coprocess that has ended
heard=''             # the last of what it said

# start_machine LOG COMMAND...: its standard input and output are the serial line.
start_machine() {
    machine_log=$1
    : >"$machine_log"
    shift
    coproc machine { exec "$@" 2>"$machine_log.qemu"; }
    machine_pid=${machine_PID:?}
    exec {from_machine}<&"${machine[0]}" {to_machine}>&"${machine[1]}"
}

# hear: the next byte, shown and kept; false at the machine's end.
hear() {
    local byte
    IFS= read -r -N 1 -t "$silence" byte <&"$from_machine" || return 1
    printf '%s' "$byte" >>"$machine_log"
    [[ $byte == $'\r' ]] || printf '%s' "$byte"
    heard+=$byte
    ((${#heard} < 1024)) || heard=${heard: -512}
}

# wait_for TEXT: ends the script when it does not come.
wait_for() {
    until [[ $heard == *"$1" ]]; do
        hear || give_up "the machine did not say '$1'"
    done
    heard=''
}

# types LINE: behind a prompt, which is waited for again.
types() {
    printf '%s\r' "$1" >&"$to_machine"
    wait_for "$prompt"
}

# types_last LINE: and the machine comes to its end; false when that was no good one.
types_last() {
    printf '%s\r' "$1" >&"$to_machine"
    while hear; do :; done
    wait "$machine_pid" || give_up 'the machine did not end well'
}

give_up() {
    printf '\n%s; all that it said: %s\n' "$1" "$machine_log" >&2
    cat "$machine_log.qemu" >&2
    kill "$machine_pid" 2>/dev/null || true
    exit 1
}
