# SPDX-License-Identifier: MIT
# The kernel speaks between two writes of a terminal: its record, with its newline, may stand in the middle
# of a program's line. Puts such a line together again, and the records behind it. Reads a log without
# carriage returns, with printk's times.   Source: Linux Documentation/core-api/printk-basics.rst.

BEGIN { record = "\\[ *[0-9]+\\.[0-9][0-9][0-9][0-9][0-9][0-9]\\] " }

function is_record(line) { return match(line, record) == 1 }

is_record($0) {
    if (is_cut) {
        records = records $0 "\n"
    } else {
        print
    }
    next
}

{
    line = head $0
    head = ""
    is_cut = match(line, record) > 1
    if (is_cut) {
        head = substr(line, 1, RSTART - 1)
        records = records substr(line, RSTART) "\n"
        next
    }
    print line
    printf "%s", records
    records = ""
}

END {
    if (is_cut) print head
    printf "%s", records
}
