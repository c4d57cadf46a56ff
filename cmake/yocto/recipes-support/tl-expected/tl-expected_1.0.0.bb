SUMMARY = "std::expected for C++11 and later, a header"
HOMEPAGE = "https://github.com/TartanLlama/expected"
SECTION = "libs"
LICENSE = "CC0-1.0"
LIC_FILES_CHKSUM = "file://COPYING;md5=65d3616852dbf7b1a6d4b53b00626032"

# Upstream's own release without its documentation's theme and fonts, as Debian has it.
SRC_URI = "${DEBIAN_MIRROR}/main/t/tl-expected/tl-expected_${PV}~dfsg.orig.tar.xz;subdir=${BP};striplevel=1"
SRC_URI[sha256sum] = "643b32aea2e13650abd7b187f9623302efaa089d6058ebf8ebcb1996024bcc65"
S = "${UNPACKDIR}/${BP}"

inherit allarch

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
    install -D -m 0644 ${S}/include/tl/expected.hpp ${D}${includedir}/tl/expected.hpp
}

# All of it is in the package of headers.
ALLOW_EMPTY:${PN} = "1"

BBCLASSEXTEND = "native"
