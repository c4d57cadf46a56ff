# SPDX-License-Identifier: MIT
#
# Run by cpack before it does anything: the one date of everything in the package, so that the same
# programs give the same package on any day.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
    file(STRINGS "${CPACK_PROLOGUE_SOURCE}/images/debian/changelog" signed REGEX "^ -- ")
    string(REGEX REPLACE "^.*>  " "" date "${signed}")
    execute_process(COMMAND date -u -d "${date}" +%s OUTPUT_VARIABLE epoch
                    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    set(ENV{SOURCE_DATE_EPOCH} "${epoch}")
endif()
