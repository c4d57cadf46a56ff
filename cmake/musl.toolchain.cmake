# SPDX-License-Identifier: MIT
#
# Debian's gcc 12 with the project's own musl sysroot, which is built at the first configure.
# PROLOGUE_SYSROOT (a cache entry or in the environment) names a ready one instead.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
# Test compilations read this file again and have to see the same sysroot.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PROLOGUE_SYSROOT)

if(PROLOGUE_SYSROOT)
    set(sysroot "${PROLOGUE_SYSROOT}")
elseif(DEFINED ENV{PROLOGUE_SYSROOT})
    set(sysroot "$ENV{PROLOGUE_SYSROOT}")
else()
    execute_process(
        COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/sysroot.sh"
        OUTPUT_VARIABLE sysroot
        OUTPUT_STRIP_TRAILING_WHITESPACE
        RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "The musl sysroot could not be built; the reason stands above.")
    endif()
    string(REGEX REPLACE ".*\n" "" sysroot "${sysroot}")
endif()
if(NOT EXISTS "${sysroot}/lib/prologue.specs")
    message(FATAL_ERROR "${sysroot} is no musl sysroot: lib/prologue.specs is missing.")
endif()

# CMake remembers the compiler and every library it found, so a build folder stays with its sysroot.
if(DEFINED PROLOGUE_SYSROOT_USED AND NOT PROLOGUE_SYSROOT_USED STREQUAL sysroot)
    message(FATAL_ERROR "The sysroot is another one now (${sysroot}).\n"
                        "Configure afresh: cmake --preset release --fresh")
endif()
set(PROLOGUE_SYSROOT_USED "${sysroot}" CACHE INTERNAL "The sysroot this build folder was configured with")

# The specs belong to the compiler, not to flags that a user may replace.
set(CMAKE_C_COMPILER gcc-12 "-specs=${sysroot}/lib/prologue.specs")
set(CMAKE_CXX_COMPILER g++-12 "-specs=${sysroot}/lib/prologue.specs")
set(CMAKE_AR gcc-ar-12)
set(CMAKE_RANLIB gcc-ranlib-12)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -no-pie")

set(CMAKE_FIND_ROOT_PATH "${sysroot}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} "${sysroot}/lib/pkgconfig")
