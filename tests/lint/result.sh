# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# How scripts of checks say what they have found. Sourced.
failures=0

# result NAME PROBLEMS: one line of output, and the problems below it.
result() {
    if [ -z "$2" ]; then
        printf 'OK    %s\n' "$1"
    else
        printf 'FAIL  %s\n' "$1"
        printf '%s\n' "$2" | sed 's/^/        /'
        failures=$((failures + 1))
    fi
}
