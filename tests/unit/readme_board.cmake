# SPDX-License-Identifier: MIT
#
# Takes the board that board/README.md shows out of it, so that a test can compile that very text:
#   cmake -DINPUT=board/README.md -DOUTPUT=DIR -P readme_board.cmake
# The first block becomes DIR/acme.cc, the second DIR/acme.h.

set(max_lines 30)

# Takes the next block of C++ off `rest`, without the indentation that it has within a list.
macro(take_block name)
    string(FIND "${rest}" "   ```cpp\n" begin)
    if(begin EQUAL -1)
        message(FATAL_ERROR "${INPUT} has no block of C++ for ${name}.")
    endif()
    math(EXPR begin "${begin} + 10")
    string(SUBSTRING "${rest}" ${begin} -1 rest)
    string(FIND "${rest}" "   ```\n" end)
    string(SUBSTRING "${rest}" 0 ${end} ${name})
    string(SUBSTRING "${rest}" ${end} -1 rest)
    string(REGEX REPLACE "\n   " "\n" ${name} "\n${${name}}")
endmacro()

file(READ "${INPUT}" rest)
take_block(source)
take_block(declarations)
string(REGEX REPLACE "[^\n]" "" newlines "${source}")
string(LENGTH "${newlines}" lines)
if(lines GREATER max_lines)
    message(FATAL_ERROR "The board of ${INPUT} has ${lines} lines, and should do with ${max_lines}.")
endif()
file(WRITE "${OUTPUT}/acme.h"
     "#pragma once\n#include \"board/boards.h\"\nnamespace prologue {${declarations}}\n")
file(WRITE "${OUTPUT}/acme.cc" "#include \"acme.h\"\n${source}")
