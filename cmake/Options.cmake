# SPDX-License-Identifier: MIT
#
# How the project's own code is compiled: the target prologue_options. -Werror is a matter of presets.

add_library(prologue_options INTERFACE)
target_compile_features(prologue_options INTERFACE cxx_std_20)
target_include_directories(prologue_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(prologue_options INTERFACE
    PROLOGUE_VERSION="${PROJECT_VERSION}" PROLOGUE_DECRYPT=$<BOOL:${PROLOGUE_DECRYPT}>)
target_compile_options(prologue_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wundef -Wformat=2 -Wimplicit-fallthrough
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
    $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
    $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wglobal-constructors>
    $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wexit-time-destructors>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics>
    # Neither the place of the sources nor that of the build folder shows in what is built.
    "-ffile-prefix-map=${PROJECT_BINARY_DIR}/="
    "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")

if(PROLOGUE_SANITIZE)
    set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_compile_options(prologue_options INTERFACE ${sanitize})
    target_link_options(prologue_options INTERFACE ${sanitize})
endif()

if(PROLOGUE_FUZZ)
    # Everything reports its coverage; only the fuzz targets link libFuzzer itself.
    target_compile_options(prologue_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(PROLOGUE_STATIC)
    # Nothing unwinds, so the tables for it go too; Debian's gcc would also default to PIE.
    target_compile_options(prologue_options INTERFACE
        -ffunction-sections -fdata-sections -fno-pie
        -fno-asynchronous-unwind-tables -fno-unwind-tables)
    # At the link for its map alone: link-time optimisation would else make one section of all code.
    target_link_options(prologue_options INTERFACE
        -static -no-pie -s -ffunction-sections -fdata-sections
        # No holes between sections, nor before the data, which shares its first page with the end of the
        # code: 2 KB less in the file on average, and at most a page more in memory.
        LINKER:--sort-section=alignment LINKER:-z,common-page-size=64
        LINKER:--gc-sections LINKER:-z,noseparate-code LINKER:-z,norelro LINKER:--build-id=none
        "LINKER:-Map=$<TARGET_FILE:$<TARGET_PROPERTY:NAME>>.map")
endif()
