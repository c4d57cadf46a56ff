# shellcheck shell=bash disable=SC2154,SC2164  # sysroot.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# Checks of the finished sysroot, each for a mistake that would otherwise show up much later.

check_program() {
    cat <<'END'
#include <charconv>
#include <libkmod.h>
#include <libmount/libmount.h>
#include <lz4.h>
#include <lzma.h>
#include <mutex>
#include <stdlib.h>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <unistd.h>
#include <vector>
#include <zlib.h>
#include <zstd.h>

// PID 1 has an abort() of its own, which has to win over libc's.
extern "C" [[noreturn]] void abort() { _exit(7); }

int main()
{
    std::mutex mutex;
    tl::expected<std::vector<std::string>, int> words{std::vector<std::string>{"a", "b"}};
    std::thread([&] { std::lock_guard guard(mutex); words->push_back("c"); }).join();
    bool linked = mnt_new_context() != nullptr && kmod_new("/nowhere", nullptr) != nullptr &&
                  zlibVersion() && ZSTD_versionNumber() && lzma_version_number() && LZ4_versionNumber();
    return words->at(linked ? 3 : 0) == "a";    // out of range: ends in abort()
}
END
}

build_check() {
    local program=$work/check status=0
    check_program >"$work/check.cc"
    TMPDIR=$work g++-12 "-specs=$work/build.specs" -std=c++20 -Os -fno-exceptions -fno-rtti -fno-pie -H \
        -static -no-pie -Wl,--gc-sections -Wl,--trace "$work/check.cc" -o "$program" \
        -lmount -lblkid -luuid -lkmod -lz -lzstd -llzma -llz4 >"$work/trace" 2>&1 || {
        cat "$work/trace"
        return 1
    }
    check_origin
    ! readelf -lW "$program" | grep -E 'INTERP|DYNAMIC' || die "self-check: not a static program"
    ! nm "$program" | grep -E '__cxa_throw|_Unwind_' || die "self-check: exceptions came in"
    "$program" || status=$?
    [ "$status" -eq 7 ] || die "self-check: the test program ended with $status instead of its own abort()"
}

# Every header and archive comes from the sysroot, musl, the kernel or gcc's freestanding part.
check_origin() {
    local allowed foreign gcc
    gcc=$(dirname "$(realpath "$(gcc-12 -print-libgcc-file-name)")")
    allowed="$stage/|$musl_lib/|$musl_include/|$gcc/(include/|libgcc\.a|crt|liblto_plugin)|$work/"
    # gcc shortens the path of a linked header to where the link points.
    allowed+="|/usr/include/(linux|asm-generic|mtd|tl)/|/usr/include/x86_64-linux-gnu/asm/"
    foreign=$(grep -oE '/[^ ()]*\.(h|hpp|a|o)\b' "$work/trace" | sort -u | while read -r file; do
        file=$(cd / && realpath -s "$file")
        [[ $file =~ ^($allowed) ]] || printf '%s\n' "$file"
    done)
    [ -z "$foreign" ] || die "self-check: files of another C library: $foreign"
}
