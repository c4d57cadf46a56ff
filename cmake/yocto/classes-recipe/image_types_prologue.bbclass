# The image type 'prologue': an initramfs with prologue as its init, and of the image's own kernel
# modules those that it needs. It boots the other types of the same image.
#
#   IMAGE_CLASSES += "image_types_prologue"
#   IMAGE_FSTYPES:append = " prologue"

# The path of a prologue.conf. When empty, the initramfs obeys root= and its kin on the kernel command
# line, and loads the drivers of the devices that are there.
PROLOGUE_CONFIG ?= ""
# Further options of 'prologue initramfs', for instance "--for qemu".
PROLOGUE_OPTIONS ?= ""

IMAGE_TYPES += "prologue"
do_image_prologue[depends] += "prologue-native:do_populate_sysroot prologue:do_deploy"

IMAGE_CMD:prologue() {
    modules=${IMAGE_ROOTFS}
    # A kernel with everything built in has lists there that name nothing.
    test -n "$(find $modules${nonarch_base_libdir}/modules -name '*.ko*' -print -quit 2>/dev/null)" || modules=none
    prologue initramfs ${PROLOGUE_CONFIG} ${PROLOGUE_OPTIONS} --init ${DEPLOY_DIR_IMAGE}/prologue-init \
        --modules $modules -o ${IMGDEPLOYDIR}/${IMAGE_NAME}.prologue
}
