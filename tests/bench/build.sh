# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
# Wall time of building the images of the boot table. Unlike a boot it is measured on this machine's
# own clock, and so depends on what else it does.

readonly builders=(prologue tiny_initramfs initramfs_tools dracut)

build_prologue() { make_prologue "$work/build.img"; }
build_tiny_initramfs() { make_tiny_initramfs "$work/build.img"; }

# Every driver that a board has, of the kernel for real machines.
build_generic() {
    "$top/build/release/prologue" initramfs --for generic --modules "$generic_modules" \
        -o "$work/generic.img" 2> "$work/generic.log"
}

build_pc() {
    "$top/build/release/prologue" initramfs --for pc --modules "$generic_modules" --compress zstd \
        -o "$work/pc.img" 2> "$work/pc.log"
}

# Microseconds of one call.
wall_time() {
    local start=${EPOCHREALTIME/./}
    "$@" || fail "$1 makes no image"
    printf '%s\n' $((${EPOCHREALTIME/./} - start))
}

measure_build() {
    local name run generic_modules
    local -A wall
    generic_modules=$("$top/images/fetch-kernel" --flavour generic | sed -n 's/^MODULES=//p')
    printf '| image built by | ms | of prologue |\n|---|---:|---:|\n'
    for name in "${builders[@]}"; do
        say "building by $name"
        "build_$name"  # what is read then lies in memory
        wall[$name]=$(for ((run = 1; run <= runs; run++)); do wall_time "build_$name"; done | median)
        printf '| %s | %s | %s |\n' "$(title_of "$name")" "$(milliseconds "${wall[$name]}")" \
            "$(ratio "${wall[$name]}" "${wall[prologue]}")"
    done
    build_generic
    wall[generic]=$(for ((run = 1; run <= runs; run++)); do wall_time build_generic; done | median)
    limit "building '--for generic' of Debian's standard kernel, ms" \
        "$(milliseconds "${wall[generic]}")" 3000
    build_pc
    wall[pc]=$(for ((run = 1; run <= runs; run++)); do wall_time build_pc; done | median)
    limit "building '--for pc' of Debian's standard kernel, zstd, ms" "$(milliseconds "${wall[pc]}")" 2000
    limit "image of '--for pc', zstd, bytes" "$(stat -c %s "$work/pc.img")" 12000000
    limit --least 'building, dracut to prologue' "$(ratio "${wall[dracut]}" "${wall[prologue]}")" 20
    limit --least 'building, mkinitramfs to prologue' \
        "$(ratio "${wall[initramfs_tools]}" "${wall[prologue]}")" 20
}
