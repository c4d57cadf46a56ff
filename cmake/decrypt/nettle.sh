# shellcheck shell=bash disable=SC2154,SC2164  # decrypt.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# nettle: hashes and AES. With its assembly for what the processor turns out to have, since PBKDF2 is
# as slow as its hash; what is in C is between two of them, and not at -Oz for that. It is found out at the first use: a constructor would run in every start of the init.

build_nettle() {
    unpack_source nettle
    cd "$work/nettle"
    ./configure --build=x86_64-linux-gnu --host=x86_64-linux-musl --prefix="$stage" --libdir="$stage/lib" \
        --disable-shared --disable-pic --disable-public-key --disable-mini-gmp --disable-openssl --disable-gcov \
        --disable-documentation --enable-fat --disable-dependency-tracking \
        CC="$cc" CC_FOR_BUILD=gcc-12 AR=gcc-ar-12 RANLIB=gcc-ranlib-12 NM=gcc-nm-12 CFLAGS="${cflags/#-Oz/-Os}"
    grep -q '^# define CONSTRUCTOR __attribute__' fat-setup.h
    sed -i 's/^# define CONSTRUCTOR __attribute__.*/# define CONSTRUCTOR/' fat-setup.h
    sed -i 's/ -ggdb3 / /' config.make Makefile
    make -j"$jobs" libnettle.a
    ! objdump -h libnettle.a | grep -F .init_array || die "self-check: libnettle has constructors"
    install -D -m 644 libnettle.a "$stage/lib/libnettle.a"
    install -D -m 644 -t "$stage/include/nettle" ./*.h
}
