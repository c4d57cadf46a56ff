# shellcheck shell=bash disable=SC2154,SC2164  # sysroot.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# The compiler half of the sysroot: a specs file that turns Debian's gcc into a musl compiler, the
# kernel's headers, and libstdc++ built for musl without exceptions.

readonly musl_lib=/usr/lib/x86_64-linux-musl
readonly musl_include=/usr/include/x86_64-linux-musl

# Writes the specs FILE for a sysroot at ROOT. Nothing implicit is left on a search path: the specs
# that come with musl-gcc keep gcc's own directory on it, and with that glibc's libstdc++.a.
# C directories go in with -idirafter because the C++ ones must precede them (#include_next).
# libgcc_eh is left out on purpose: nothing here throws, and what does should fail to link.
write_specs() {
    local file=$1 root=$2
    cat >"$file" <<END
%rename cpp_options old_cpp_options

*cpp_options:
-nostdinc -idirafter $root/include -idirafter $musl_include -idirafter include%s %(old_cpp_options)

*cc1:
%(cc1_cpu) -nostdinc -idirafter $root/include -idirafter $musl_include -idirafter include%s

*cc1plus:
%{!nostdinc++:-isystem $root/include/c++/12 -isystem $root/include/c++/12/x86_64-linux-musl}

*link_libgcc:
-L$root/lib -L$musl_lib

*libgcc:
libgcc.a%s

*startfile:
%{shared:;static-pie:$musl_lib/rcrt1.o;static|no-pie:$musl_lib/crt1.o;:$musl_lib/Scrt1.o} $musl_lib/crti.o %{shared|static-pie:crtbeginS.o%s;static|no-pie:crtbegin.o%s;:crtbeginS.o%s}

*endfile:
%{shared|static-pie:crtendS.o%s;static|no-pie:crtend.o%s;:crtendS.o%s} $musl_lib/crtn.o

*link:
-m elf_x86_64 -nostdlib --hash-style=gnu %{!r:--eh-frame-hdr} %{shared:-shared} %{static:-static} %{static-pie:-static -pie --no-dynamic-linker -z text} %{!shared:%{!static:%{!static-pie:%{rdynamic:-export-dynamic} -dynamic-linker /lib/ld-musl-x86_64.so.1}}}

END
}

# musl's <assert.h> but for the text: the libraries keep their checks, and one that fails ends the program by
# SIGABRT, which its parent reports. The expressions, files and functions were 10 KB that nobody reads.
write_assert_header() {
    cat >"$stage/include/assert.h" <<'END'
#ifdef __cplusplus
extern "C" {
#endif
__attribute__((__noreturn__)) void abort(void);
#ifdef __cplusplus
}
#elif __STDC_VERSION__ >= 201112L && !defined(static_assert)
#define static_assert _Static_assert
#endif
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((void)((condition) || (abort(), 0)))
#endif
END
}

# Header-only parts are links to the installed packages.
link_headers() {
    local directory
    mkdir -p "$stage/include" "$stage/lib"
    for directory in linux asm-generic mtd tl doctest; do
        [ -d "/usr/include/$directory" ] && ln -sfn "/usr/include/$directory" "$stage/include/$directory"
    done
    ln -sfn /usr/include/x86_64-linux-gnu/asm "$stage/include/asm"
    write_assert_header
}

# Only libstdc++ and what its configure looks at. Of the test suite it wants one Makefile.in.
unpack_libstdcxx() {
    local tarball top=gcc-12.2.0
    tarball=$(gcc_tarball)
    tar -xf "$tarball" -C "$work" --exclude="$top/libstdc++-v3/testsuite/[0-9a-z]*" \
        "$top"/{libstdc++-v3,libgcc,libiberty,include,config} \
        "$top"/gcc/{BASE-VER,DATESTAMP,DEV-PHASE} \
        "$top"/{config.guess,config.sub,config.rpath,install-sh,ltmain.sh,missing,mkinstalldirs} \
        "$top"/{config-ml.in,move-if-change,symlink-tree,depcomp,compile,ltoptions.m4,libtool.m4}
    mv "$work/$top" "$work/gcc"
}

configure_libstdcxx() {
    local flags="-Os -fno-pie -ffunction-sections -fdata-sections $repeatable"
    "$work/gcc/libstdc++-v3/configure" --build=x86_64-linux-gnu --host=x86_64-linux-musl \
        --prefix="$stage" --libdir="$stage/lib" --with-gxx-include-dir="$stage/include/c++/12" \
        --disable-multilib --disable-shared --enable-static --disable-nls \
        --disable-libstdcxx-pch --disable-libstdcxx-verbose --disable-libstdcxx-filesystem-ts \
        --with-default-libstdcxx-abi=new --enable-clocale=generic --disable-cet \
        CC="$cc" CXX="$cc -nostdinc++" AR=gcc-ar-12 RANLIB=gcc-ranlib-12 LDFLAGS="-static -no-pie" \
        CFLAGS="$flags" CXXFLAGS="$flags -fno-exceptions -fno-asynchronous-unwind-tables -fno-unwind-tables"
}

build_libstdcxx() {
    unpack_libstdcxx
    # Without this link its configure decides that there are no threads, and says so nowhere.
    mkdir -p "$work/build-libstdcxx/libgcc" "$work/build-libstdcxx/libstdc++-v3"
    ln -s "$work/gcc/libgcc/gthr-posix.h" "$work/build-libstdcxx/libgcc/gthr-default.h"
    cd "$work/build-libstdcxx/libstdc++-v3"
    configure_libstdcxx
    make -j"$jobs"
    make install
    check_libstdcxx
}

check_libstdcxx() {
    local config=$stage/include/c++/12/x86_64-linux-musl/bits/c++config.h
    expect_line "$config" 'define _GLIBCXX_USE_CXX11_ABI 1' 'libstdc++ has the old std::string'
    expect_line "$config" 'define _GLIBCXX_HAS_GTHREADS 1' 'libstdc++ has no threads'
    [ -s "$stage/lib/libstdc++.a" ] || die "self-check: no libstdc++.a"
}
