# SPDX-License-Identifier: MIT
#
# Run by cpack on the staged files: adds what only Debian wants, compresses what its policy wants
# compressed, and gives every file the same date and every folder the same mode.
# cpack has it set for the installation, and file(INSTALL) would put it in front.
unset(ENV{DESTDIR})
set(stage "${CPACK_TEMPORARY_INSTALL_DIRECTORY}")
set(debian "${CPACK_PROLOGUE_SOURCE}/images/debian")
set(program_modes OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
    WORLD_EXECUTE)
set(file_modes OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

# add(FILE DESTINATION MODES): under the destination's own name.
function(add file destination modes)
    get_filename_component(folder "${stage}${destination}" DIRECTORY)
    get_filename_component(name "${destination}" NAME)
    file(INSTALL "${file}" DESTINATION "${folder}" RENAME "${name}" PERMISSIONS ${modes})
endfunction()

add("${debian}/kernel-postinst" /etc/kernel/postinst.d/prologue "${program_modes}")
add("${debian}/kernel-postrm" /etc/kernel/postrm.d/prologue "${program_modes}")
add("${debian}/default" /etc/default/prologue "${file_modes}")
add("${debian}/copyright" /usr/share/doc/prologue/copyright "${file_modes}")
add("${debian}/changelog" /usr/share/doc/prologue/changelog "${file_modes}")
add("${debian}/lintian-overrides" /usr/share/lintian/overrides/prologue "${file_modes}")
file(GLOB_RECURSE texts "${stage}/usr/share/man/*.?" "${stage}/usr/share/doc/prologue/changelog")
execute_process(COMMAND gzip -9n ${texts} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND find "${stage}" -type d -exec chmod 755 {} + COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND find "${stage}" -exec touch -h -d "@$ENV{SOURCE_DATE_EPOCH}" {} +
                COMMAND_ERROR_IS_FATAL ANY)
