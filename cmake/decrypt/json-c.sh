# shellcheck shell=bash disable=SC2154,SC2164  # decrypt.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# json-c: the metadata of LUKS2.

json_c_config() {
    cat <<'END'
#define _GNU_SOURCE 1
#define HAVE_ENDIAN_H 1
#define HAVE_FCNTL_H 1
#define HAVE_INTTYPES_H 1
#define HAVE_LIMITS_H 1
#define HAVE_LOCALE_H 1
#define HAVE_STDARG_H 1
#define HAVE_STDINT_H 1
#define HAVE_STDLIB_H 1
#define HAVE_STRINGS_H 1
#define HAVE_STRING_H 1
#define HAVE_SYS_PARAM_H 1
#define HAVE_SYS_RANDOM_H 1
#define HAVE_GETRANDOM 1
#define HAVE_SYS_STAT_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_UNISTD_H 1
#define HAVE_OPEN 1
#define HAVE_REALLOC 1
#define HAVE_SNPRINTF 1
#define HAVE_STRCASECMP 1
#define HAVE_STRDUP 1
#define HAVE_STRERROR 1
#define HAVE_STRNCASECMP 1
#define HAVE_VASPRINTF 1
#define HAVE_VSNPRINTF 1
#define HAVE_DECL_INFINITY 1
#define HAVE_DECL_ISINF 1
#define HAVE_DECL_ISNAN 1
#define HAVE_DECL_NAN 1
#define HAVE_STRTOLL 1
#define HAVE_STRTOULL 1
#define HAVE___THREAD 1
#define SPEC___THREAD __thread
#define SIZEOF_INT 4
#define SIZEOF_INT64_T 8
#define SIZEOF_LONG 8
#define SIZEOF_LONG_LONG 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_SSIZE_T 8
#define STDC_HEADERS 1
#define json_c_strtoll strtoll
#define json_c_strtoull strtoull
END
}

build_json_c() {
    unpack_source json-c
    cd "$work/json-c"
    json_c_config >config.h
    printf '#define JSON_C_HAVE_INTTYPES_H 1\n' >json_config.h
    sed 's/@JSON_H_JSON_POINTER@/#include "json_pointer.h"/' json.h.cmakein >json.h
    compile_archive libjson-c.a "-std=gnu11 -I." ./{arraylist,debug,json_c_version,json_object}.c \
        ./{json_object_iterator,json_pointer,json_tokener,json_util,json_visit,linkhash,printbuf}.c \
        ./{random_seed,strerror_override}.c
    install -D -m 644 -t "$stage/include/json-c" ./*.h
    rm "$stage/include/json-c/config.h"
}
