# SPDX-License-Identifier: MIT
#
# The libraries, as targets prologue::NAME: from the musl sysroot, from a foreign toolchain's, or from
# the host. pkg-config gives hints where there is one; the search itself works without it.

find_package(PkgConfig QUIET)

if(PROLOGUE_STATIC)
    set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()

# prologue_library(NAME MODULE HEADER LIBRARY [DIRECTORY]): DIRECTORY, below the one that has HEADER,
# is searched too, so that both <libmount/libmount.h> and <libmount.h> work.
function(prologue_library name module header library)
    if(PkgConfig_FOUND)
        pkg_check_modules(PROLOGUE_PC_${name} QUIET ${module})
    endif()
    find_path(PROLOGUE_${name}_INCLUDE ${header} HINTS ${PROLOGUE_PC_${name}_INCLUDEDIR})
    find_library(PROLOGUE_${name}_LIBRARY ${library} HINTS ${PROLOGUE_PC_${name}_LIBDIR})
    mark_as_advanced(PROLOGUE_${name}_INCLUDE PROLOGUE_${name}_LIBRARY)
    if(NOT PROLOGUE_${name}_INCLUDE OR NOT PROLOGUE_${name}_LIBRARY)
        set_property(GLOBAL APPEND PROPERTY PROLOGUE_MISSING "${module}")
        return()
    endif()
    add_library(prologue::${name} UNKNOWN IMPORTED GLOBAL)
    set(includes "${PROLOGUE_${name}_INCLUDE}")
    if(ARGN)
        list(APPEND includes "${PROLOGUE_${name}_INCLUDE}/${ARGN}")
    endif()
    set_target_properties(prologue::${name} PROPERTIES
        IMPORTED_LOCATION "${PROLOGUE_${name}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${includes}")
endfunction()

function(prologue_headers name header package)
    find_path(PROLOGUE_${name}_INCLUDE ${header})
    mark_as_advanced(PROLOGUE_${name}_INCLUDE)
    if(NOT PROLOGUE_${name}_INCLUDE)
        set_property(GLOBAL APPEND PROPERTY PROLOGUE_MISSING "${package}")
        return()
    endif()
    add_library(prologue::${name} INTERFACE IMPORTED GLOBAL)
    set_target_properties(prologue::${name} PROPERTIES
        INTERFACE_INCLUDE_DIRECTORIES "${PROLOGUE_${name}_INCLUDE}")
endfunction()

# libcryptsetup for the project's own sysroot, built at the first configure. By its full paths: what
# find_library() has once found it keeps, and the folder changes with what is built.
function(prologue_own_cryptsetup sysroot)
    execute_process(
        COMMAND bash "${PROJECT_SOURCE_DIR}/cmake/decrypt.sh" "${sysroot}"
        OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "libcryptsetup could not be built; the reason stands above. "
                            "-DPROLOGUE_DECRYPT=OFF leaves it out.")
    endif()
    string(REGEX REPLACE ".*\n" "" folder "${folder}")
    add_library(prologue::cryptsetup INTERFACE IMPORTED GLOBAL)
    set(libraries cryptsetup argon2 devmapper json-c nettle)
    list(TRANSFORM libraries REPLACE "(.+)" "${folder}/lib/lib\\1.a")
    set_target_properties(prologue::cryptsetup PROPERTIES
        INTERFACE_INCLUDE_DIRECTORIES "${folder}/include"
        INTERFACE_LINK_LIBRARIES "${libraries};${sysroot}/lib/libuuid.a")
endfunction()

prologue_headers(expected tl/expected.hpp libexpected-dev)
prologue_library(blkid blkid   blkid/blkid.h       blkid blkid)
prologue_library(mount mount   libmount/libmount.h mount libmount)
prologue_library(kmod  libkmod libkmod.h           kmod)
if(PROLOGUE_HOST_TOOL)
    prologue_library(zlib zlib    zlib.h z)
    prologue_library(zstd libzstd zstd.h zstd)
    prologue_library(lzma liblzma lzma.h lzma)
    prologue_library(lz4  liblz4  lz4.h  lz4)
endif()
if(PROLOGUE_DECRYPT AND PROLOGUE_SYSROOT_USED)
    prologue_own_cryptsetup("${PROLOGUE_SYSROOT_USED}")
elseif(PROLOGUE_DECRYPT)
    prologue_library(cryptsetup libcryptsetup libcryptsetup.h cryptsetup)
    prologue_library(devmapper devmapper libdevmapper.h devmapper)
endif()
if(PROLOGUE_TESTS)
    prologue_headers(doctest doctest/doctest.h doctest-dev)
endif()

get_property(missing GLOBAL PROPERTY PROLOGUE_MISSING)
if(missing)
    list(JOIN missing ", " missing)
    message(FATAL_ERROR "Not found: ${missing}. See cmake/README.md for the packages.")
endif()

# A static libmount has no way to say that it needs libblkid.
set_property(TARGET prologue::mount APPEND PROPERTY INTERFACE_LINK_LIBRARIES prologue::blkid)
if(TARGET prologue::devmapper)
    set_property(TARGET prologue::cryptsetup APPEND PROPERTY
        INTERFACE_LINK_LIBRARIES prologue::devmapper)
endif()
# A foreign static libcryptsetup needs its crypto library, which is not known here.
if(TARGET prologue::devmapper AND PROLOGUE_STATIC)
    set_property(TARGET prologue::cryptsetup APPEND PROPERTY
        INTERFACE_LINK_LIBRARIES "${PROLOGUE_PC_cryptsetup_STATIC_LDFLAGS}")
endif()
# A foreign libkmod may read compressed modules. Archives that nothing refers to add nothing. Without the
# image builder they are not looked for, and libkmod has to be one without decompressors.
if(PROLOGUE_STATIC AND PROLOGUE_HOST_TOOL)
    set_property(TARGET prologue::kmod APPEND PROPERTY
        INTERFACE_LINK_LIBRARIES prologue::zstd prologue::lzma prologue::zlib)
endif()
if(TARGET prologue::doctest)
    # Without exceptions doctest would drop REQUIRE altogether. The value is empty, as in a #define
    # without one, so that a test may still say it itself.
    set_property(TARGET prologue::doctest PROPERTY
        INTERFACE_COMPILE_DEFINITIONS "DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS=")
endif()
