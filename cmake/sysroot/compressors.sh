# shellcheck shell=bash disable=SC2154,SC2164  # sysroot.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# The compressors of the host tool. The init itself links none of them.

build_zlib() {
    unpack_source zlib
    cd "$work/zlib"
    compile_archive libz.a "-DHAVE_UNISTD_H=1 -DHAVE_STDARG_H=1 -DHAVE_HIDDEN=1" ./*.c
    install -D -m 644 -t "$stage/include" zlib.h zconf.h
    install_pc zlib 1.2.13 -lz
}

# Single-threaded: the same input gives the same bytes, however many processors there are.
build_zstd() {
    unpack_source libzstd
    cd "$work/libzstd/lib"
    compile_archive libzstd.a "-DXXH_NAMESPACE=ZSTD_ -DZSTD_LEGACY_SUPPORT=0 -DZSTD_DISABLE_ASM=1" \
        {common,compress,decompress}/*.c
    install -D -m 644 -t "$stage/include" zstd.h zstd_errors.h
    install_pc libzstd 1.5.4 -lzstd
}

# The checks and filters that Linux knows, in both directions.
build_xz() {
    unpack_source xz-utils
    cd "$work/xz-utils"
    ./configure --build=x86_64-linux-gnu --host=x86_64-linux-musl --prefix="$stage" \
        --disable-shared --enable-static --disable-nls --disable-doc --disable-scripts --disable-xz \
        --disable-xzdec --disable-lzmadec --disable-lzmainfo --disable-lzma-links --disable-rpath \
        --disable-microlzma --disable-lzip-decoder --disable-threads --disable-dependency-tracking \
        --enable-checks=crc32,crc64 --enable-encoders=lzma1,lzma2,x86 --enable-decoders=lzma1,lzma2,x86 \
        CC="$cc" AR=gcc-ar-12 RANLIB=gcc-ranlib-12 NM=gcc-nm-12 CFLAGS="$cflags" LDFLAGS="-static -no-pie"
    make -j"$jobs" -C src/liblzma
    make -C src/liblzma install
    install_pc liblzma 5.4.1 -llzma
}

build_lz4() {
    unpack_source lz4
    cd "$work/lz4/lib"
    compile_archive liblz4.a "-DXXH_NAMESPACE=LZ4_" lz4.c lz4hc.c lz4frame.c xxhash.c
    install -D -m 644 -t "$stage/include" lz4.h lz4hc.h lz4frame.h
    install_pc liblz4 1.9.4 -llz4
}
