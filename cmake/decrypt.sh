#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds what the stage `decrypt` needs, once, beside the musl sysroot: libcryptsetup, libdevmapper,
# json-c and nettle, static. Prints the folder as the last line on standard output.
#
#   cmake/decrypt.sh SYSROOT     build it unless it is there
#
# A folder of its own, with a key of its own: a change here leaves the sysroot as it is, and a build
# without `decrypt` does not need it. Like the sysroot it is staged and renamed, under the same lock.
# All four are compiled straight from their sources: their own builds want autotools, popt, libaio
# or a shared library, and what they find out about this platform is known.
set -euo pipefail
export LC_ALL=C SOURCE_DATE_EPOCH=0
unset CC CXX CPPFLAGS CFLAGS CXXFLAGS LDFLAGS LIBS MAKEFLAGS PKG_CONFIG_PATH CONFIG_SITE GREP_OPTIONS CPATH

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here lock=$here/decrypt/sources.lock
for part in sysroot/common sysroot/apt decrypt/nettle decrypt/json-c decrypt/devmapper decrypt/cryptsetup; do
    # shellcheck source=/dev/null
    . "$here/$part.sh"
done

set_paths() {
    sysroot=$1
    [ -r "$sysroot/lib/prologue.specs" ] || die "$sysroot is no musl sysroot"
    cache=${PROLOGUE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/prologue}
    key=$({
        printf '%s\n' "$sysroot"
        cat "$here/decrypt.sh" "$here"/decrypt/* "$here"/sysroot/{common,apt}.sh
    } | sha256sum | cut -c 1-16)
    prefix=$cache/decrypt-$key
    sources=$cache/sources
    logs=$cache/logs-$key
    work=$cache/work-$key
    stage=$work/stage
    jobs=$(nproc)
    cc="gcc-12 -specs=$sysroot/lib/prologue.specs"
    repeatable="-ffile-prefix-map=$work=. -frandom-seed=prologue"
    cflags="-Oz -fno-pie -ffunction-sections -fdata-sections -flto -ffat-lto-objects $repeatable"
    cflags+=" -fno-asynchronous-unwind-tables -fno-unwind-tables -w -I$stage/include"
    # shellcheck disable=SC2034  # used by the parts
    readonly sysroot cache key prefix sources logs work stage jobs cc repeatable cflags
}

build_all() {
    mkdir -p "$stage"/{include,lib}
    build_nettle
    build_json_c
    build_devmapper
    build_cryptsetup
}

build() {
    local start=$SECONDS
    check_tools m4=m4 make=make xz=xz-utils gzip=gzip dpkg-source=dpkg-dev patch=patch
    rm -rf "$work"
    mkdir -p "$work" "$sources" "$logs"
    fetch_sources
    # In a process of its own, because bash forgets `set -e` in everything below a condition.
    "$BASH" "$here/decrypt.sh" "$sysroot" --build >"$logs/decrypt.log" 2>&1 </dev/null ||
        die "libcryptsetup is not built; the end of $logs/decrypt.log:"$'\n'"$(tail -n 30 "$logs/decrypt.log")"
    (cd "$sources" && printf '%s\n' {cryptsetup,lvm2,json-c,nettle}/*.dsc) |
        sed 's|.*/||; s|\.dsc$||' >"$stage/SOURCES"
    mv "$stage" "$prefix"
    rm -rf "$work"
    say "libcryptsetup ready after $((SECONDS - start)) s: $prefix"
}

main() {
    set_paths "$1"
    if [ "${2-}" = --build ]; then
        build_all
        return
    fi
    if [ ! -d "$prefix" ]; then
        exec 9>"$cache/lock"
        flock -n 9 || { say "waiting for another build of the sysroot"; flock 9; }
        [ -d "$prefix" ] || build
    fi
    printf '%s\n' "$prefix"
}

main "$@"
