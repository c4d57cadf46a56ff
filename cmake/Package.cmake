# SPDX-License-Identifier: MIT
#
# The Debian package: 'cpack -G DEB' in the build folder of a preset. The programs are static, so that it
# depends on nothing. What only Debian wants comes from images/debian, by cmake/package-debian.cmake.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME prologue)
set(CPACK_PACKAGE_VENDOR "The prologue authors")
set(CPACK_PACKAGE_CONTACT "The prologue authors <prologue@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "small init of an initramfs, and its image builder")
set(CPACK_PACKAGE_DESCRIPTION
"One static program that is PID 1 of an initramfs: it reads a small
declarative file, or the kernel's own root= words, loads modules, opens
encrypted disks, finds the root, and hands over to the real init. Every stage
has a deadline, and every failure says what was there instead.
.
The image builder makes images for the kernels that are installed when
/etc/default/prologue says so. It replaces no other initramfs and makes no boot
entry.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/images/debian/conffiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PROJECT_CONFIG_FILE "${PROJECT_SOURCE_DIR}/cmake/package-date.cmake")
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/package-debian.cmake")
set(CPACK_PROLOGUE_SOURCE "${PROJECT_SOURCE_DIR}")
include(CPack)
