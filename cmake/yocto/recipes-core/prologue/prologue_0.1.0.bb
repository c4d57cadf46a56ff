SUMMARY = "The init that runs before init"
DESCRIPTION = "The init of an initramfs, one static program: it reads a small declarative file, or the \
kernel's own root= words, loads modules, finds the root and hands over to the real init. The native \
recipe is the image builder."
SECTION = "base"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=ae2b23bc48c46acf66f7da05b20d0ae9"

inherit cmake deploy externalsrc features_check pkgconfig

EXTERNALSRC = "${@os.path.abspath('${PROLOGUE_LAYERDIR}/../..')}"
# No links into the sources.
EXTERNALSRC_SYMLINKS = ""

# With this distribution feature the layer has static libraries made of kmod and util-linux.
REQUIRED_DISTRO_FEATURES:class-target = "prologue"
COMPATIBLE_HOST:class-target = "x86_64.*-linux-musl.*"

DEPENDS = "kmod tl-expected util-linux"
DEPENDS:append:class-native = " lz4 xz zlib zstd"

# The stage 'decrypt' is left out: meta-oe has cryptsetup, but no static libdevmapper.
EXTRA_OECMAKE = "-DPROLOGUE_DECRYPT=OFF"
EXTRA_OECMAKE:append:class-target = " \
    -DPROLOGUE_STATIC=ON \
    -DPROLOGUE_HOST_TOOL=OFF \
    -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON \
"

do_install:append:class-native() {
    # The image builder must not take the init of the build machine by default.
    rm -r ${D}${libexecdir}/prologue
}

do_deploy() {
    install -D -m 0755 ${B}/prologue-init ${DEPLOYDIR}/prologue-init
}
do_deploy:class-native() {
    :
}
addtask deploy after do_compile before do_build

# The linker strips, since it also leaves out what nothing refers to.
INSANE_SKIP:${PN} += "already-stripped"

BBCLASSEXTEND = "native"
