################################################################################
#
# Build an initramfs with prologue as its init
#
################################################################################

ROOTFS_PROLOGUE_DEPENDENCIES = host-prologue linux prologue
ROOTFS_PROLOGUE_IMAGE_NAME = initramfs.img

# A kernel with everything built in has no such directory, or one with lists that name nothing.
define ROOTFS_PROLOGUE_CMD
	modules=$(TARGET_DIR)/lib/modules/$(LINUX_VERSION_PROBED); \
	test -n "$$(find $$modules -name '*.ko*' -print -quit 2>/dev/null)" || modules=none; \
	$(HOST_DIR)/bin/prologue initramfs \
		$(call qstrip,$(BR2_TARGET_ROOTFS_PROLOGUE_CONFIG)) \
		$(call qstrip,$(BR2_TARGET_ROOTFS_PROLOGUE_OPTIONS)) \
		--init $(BINARIES_DIR)/prologue-init --modules $$modules -o $@
endef

$(eval $(rootfs))
