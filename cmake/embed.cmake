# SPDX-License-Identifier: MIT
#
# Turns a text file into a C++ source with a constant of its contents.
#   cmake -DINPUT=config/prelude.conf -DOUTPUT=FILE.cc -DNAME=kPreludeConf -P embed.cmake
# The declaration stands in config/embedded.h. Nothing is constructed at start: the constant is
# `constinit`, and its text lies in .rodata.

file(READ "${INPUT}" text)
string(LENGTH "${text}" length)
if(length GREATER 65535)
    message(FATAL_ERROR "${INPUT} is longer than any configuration may be (64 KiB).")
endif()
string(FIND "${text}" ")prologue\"" end)
if(NOT end EQUAL -1)
    message(FATAL_ERROR "${INPUT} contains the end mark of the raw string.")
endif()

file(WRITE "${OUTPUT}"
"// Generated from ${SHOWN} by cmake/embed.cmake.
#include \"config/embedded.h\"

namespace prologue::config {
namespace {
constexpr char kText[] = R\"prologue(" "${text}" ")prologue\";
}
constinit const std::string_view ${NAME}{kText, sizeof kText - 1};
}  // namespace prologue::config
")
