# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
# Bytes of the stripped programs, and of prologue's image of the boot table by compression.

# The symbols of the libraries, each with the first library that defines it, one a line. Their archives
# hold machine code besides what link-time optimisation reads; the program's own have none.
symbols_of_libraries() {
    local library
    sed -n 's/^LOAD \(.*\/lib[a-z0-9+]*\.a\)$/\1/p' "$1" | while read -r library; do
        nm --defined-only "$library" 2> /dev/null |
            awk -v from="${library##*/}" 'NF == 3 { print "symbol", $3, from }'
    done
}

# Of the linker's map: what each input section adds to the file, by the library that its symbol comes
# from, for link-time optimisation makes one object of all. A function that was inlined counts where it
# went. A long name of a section stands on a line of its own.
bytes_by_library() {
    gawk '
        $1 == "symbol" { if (!($2 in library)) library[$2] = $3; next }
        /^Linker script and memory map/ { inside = 1 }
        !inside { next }
        /^\.[a-z]/ { output = $1 }
        /^ \.[^ ]*$/ { name = $1; next }
        /^ [.*]/ { name = $1; place = 2 }
        /^  / { place = 1 }
        /^[^ ]/ || $place !~ /^0x/ || $(place + 1) !~ /^0x/ || $place ~ /^0x0*$/ { name = ""; next }
        output ~ /^\.(bss|comment|debug|note)/ || name == "" { next }
        {
            from = $(place + 2)
            if (from == "") from = "alignment"
            else if (from ~ /ltrans/) {
                symbol = name
                sub(/^\.(text|rodata|data)(\.(rel\.ro|unlikely|startup|hot))?(\.local)?\.?/, "", symbol)
                sub(/\.(str1|cst|isra|constprop|part|lto_priv|cold|localalias)\..*|\.[0-9]+$/, "", symbol)
                from = symbol == "" || symbol ~ /^str1/ ? "merged texts" : library[symbol]
                if (from == "") from = "prologue"
            } else if (!sub(/\(.*/, "", from)) from = from ~ /crt[^\/]*\.o$/ ? "libc.a" : "prologue"
            sub(/.*\//, "", from)
            bytes[from == "libprologue_core.a" ? "prologue" : from] += strtonum($(place + 1))
            name = ""
        }
        END { for (from in bytes) printf "%d %s\n", bytes[from], from }' \
        <(symbols_of_libraries "$1") "$1" | sort -rn
}

print_libraries() {
    local program=$top/build/release/prologue-init bytes from rest
    rest=$(stat -c %s "$program")
    printf '| prologue-init, from | bytes |\n|---|---:|\n'
    while read -r bytes from; do
        rest=$((rest - bytes))
        [ "$bytes" -eq 0 ] || printf '| %s | %s |\n' "$from" "$bytes"
    done < <(bytes_by_library "$program.map")
    printf '| headers of the ELF file, and gaps | %s |\n' "$rest"
}

measure_size() {
    local program how
    printf '| program | bytes |\n|---|---:|\n'
    for program in prologue-init prologue; do
        printf '| %s | %s |\n' "$program" "$(stat -c %s "$top/build/release/$program")"
    done
    printf '\n'
    print_libraries
    printf '\n| image, compressed by | bytes |\n|---|---:|\n'
    for how in none lz4 gzip zstd xz; do
        prologue_image "$work/prologue.conf" "$work/size.img" --compress "$how"
        printf '| %s | %s |\n' "$how" "$(stat -c %s "$work/size.img")"
    done
}
