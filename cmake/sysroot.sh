#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds the musl sysroot of the release binaries, once, and prints its path as the last line on
# standard output: libstdc++ without exceptions and the C libraries, static, from Debian's sources.
#
#   cmake/sysroot.sh             build it unless it is there
#   PROLOGUE_CACHE=DIR           where it is kept; default ${XDG_CACHE_HOME:-~/.cache}/prologue
#
# The folder's name carries a hash of these scripts, of the lock, and of the compiler and the
# headers used, so a change of any of them builds a new one beside the old.
#
# Everything is installed into a staging folder and renamed at the end, under a lock, so a sysroot
# that exists is a whole one, whatever was killed when. Its text files (specs, *.pc) hold absolute
# paths: they are written for the final place, while the build itself uses a second specs file that
# points into the stage. No library here reads another one's files, which is what makes this possible.
set -euo pipefail
shopt -s nullglob
export LC_ALL=C SOURCE_DATE_EPOCH=0
# Flags meant for other builds must not leak into this one.
unset CC CXX CPPFLAGS CFLAGS CXXFLAGS LDFLAGS LIBS MAKEFLAGS PKG_CONFIG_PATH CONFIG_SITE GREP_OPTIONS CPATH

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here lock=$here/sources.lock
for part in common apt toolchain util-linux kmod compressors check; do
    # shellcheck source=/dev/null
    . "$here/sysroot/$part.sh"
done

# The installed packages that are compiled in. Those of which headers are only linked to (the kernel's,
# tl::expected) may be updated without a new build.
readonly inputs=(gcc-12 g++-12 musl-dev)
readonly linked=(gcc-12-source linux-libc-dev libexpected-dev)

sysroot_key() {
    {
        sha256sum <"$lock"
        cat "$here/sysroot.sh" "$here"/sysroot/* | sha256sum
        dpkg-query -W -f '${Package} ${Version}\n' "${inputs[@]}" 2>/dev/null || true
    } | sha256sum | cut -c 1-16
}

set_paths() {
    cache=${PROLOGUE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/prologue}
    # It ends up in compiler flags and in specs, which have no way to quote.
    [[ $cache = /* && $cache != *[[:space:]]* ]] || die "the cache's path must be absolute and without spaces: $cache"
    key=$(sysroot_key)
    prefix=$cache/sysroot-$key
    sources=$cache/sources
    logs=$cache/logs-$key
}

set_compiler() {
    work=$cache/work-$key
    stage=$work/stage
    jobs=$(nproc)
    cc="gcc-12 -specs=$work/build.specs"
    # Where and when it was built must not show: no paths, and no random names in LTO objects.
    repeatable="-ffile-prefix-map=$work=. -frandom-seed=prologue"
    cflags="-Os -fno-pie -ffunction-sections -fdata-sections -flto -ffat-lto-objects $repeatable"
    cflags+=" -fno-asynchronous-unwind-tables -fno-unwind-tables -w"
    # shellcheck disable=SC2034  # used by the parts
    readonly cache key prefix sources logs work stage jobs cc repeatable cflags
}

require_debian_tools() {
    [ "$(uname -m)" = x86_64 ] || die "this sysroot is for x86_64; see cmake/README.md for others"
    # shellcheck disable=SC2154  # musl_lib is set in a part
    check_tools awk=mawk xz=xz-utils bzip2=bzip2 patch=patch make=make flock=util-linux \
        dpkg-source=dpkg-dev gcc-12=gcc-12 g++-12=g++-12 gcc-ar-12=gcc-12 bison=bison \
        "$musl_lib/libc.a=musl-dev" /usr/include/linux/loop.h=linux-libc-dev \
        /usr/include/tl/expected.hpp=libexpected-dev
}

run_parts() {
    local name
    for name in "$@"; do run_part "$name" || return; done
}

# libstdc++ takes as long as all the others together, so it runs beside them. Both are process
# groups: a failure of one, or Ctrl-C, ends the other with all its children, and at once.
build_all() {
    set -m
    run_parts libstdcxx &
    local first=$!
    run_parts util-linux kmod zlib zstd xz lz4 &
    local second=$!
    set +m
    # shellcheck disable=SC2064  # the numbers of now
    trap "kill -- -$first -$second 2>/dev/null || true" EXIT
    trap 'exit 130' INT TERM
    { wait -n && wait -n; } || die "not built; the whole logs are in $logs"
    trap - EXIT INT TERM
}

build_sysroot() {
    local start=$SECONDS
    require_debian_tools
    rm -rf "$cache"/work-*    # under the lock, so nobody is using what a killed run left
    mkdir -p "$work" "$sources" "$logs"
    rm -f "$logs"/*.log
    fetch_sources
    write_specs "$work/build.specs" "$stage"
    link_headers
    build_all
    write_specs "$stage/lib/prologue.specs" "$prefix"
    record_sources >"$stage/SOURCES"
    run_part check || die "the finished sysroot does not pass its checks"
    find "$stage" \( -name '*.la' -o -name '*-gdb.py' \) -delete
    rm -rf "${stage:?}"/{share,bin}
    mv "$stage" "$prefix"
    rm -rf "$work"
    say "ready after $((SECONDS - start)) s: $prefix"
}

# What went in, by Debian's names: who ships the binaries has to be able to name their sources.
record_sources() {
    local dsc
    for dsc in "$sources"/*/*.dsc; do basename "$dsc" .dsc; done
    dpkg-query -W -f '${Package}_${Version}\n' "${inputs[@]}" "${linked[@]}" 2>/dev/null || true
}

main() {
    set_paths
    set_compiler
    if [ "${1-}" = --part ]; then
        "build_${2//-/_}"
        return
    fi
    if [ ! -d "$prefix" ]; then
        mkdir -p "$cache"
        exec 9>"$cache/lock"
        flock -n 9 || { say "waiting for another build of the sysroot"; flock 9; }
        [ -d "$prefix" ] || build_sysroot
    fi
    printf '%s\n' "$prefix"
}

main "$@"
