################################################################################
#
# prologue
#
################################################################################

PROLOGUE_VERSION = 0.1.0
# The sources are those that this br2-external tree lies in. build/ has what
# was built there by hand.
PROLOGUE_SITE = $(BR2_EXTERNAL_PROLOGUE_PATH)/../..
PROLOGUE_SITE_METHOD = local
PROLOGUE_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude /build
HOST_PROLOGUE_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude /build
PROLOGUE_LICENSE = MIT
PROLOGUE_LICENSE_FILES = LICENSE
PROLOGUE_SUPPORTS_IN_SOURCE_BUILD = NO

# The init, static, for the initramfs: the target filesystem has no use for it.
PROLOGUE_DEPENDENCIES = kmod tl-expected util-linux
PROLOGUE_INSTALL_TARGET = NO
PROLOGUE_INSTALL_IMAGES = YES
PROLOGUE_CONF_OPTS = \
	-DPROLOGUE_STATIC=ON \
	-DPROLOGUE_HOST_TOOL=OFF \
	-DPROLOGUE_DECRYPT=OFF \
	-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=$(if $(BR2_ENABLE_LTO),ON,OFF)

define PROLOGUE_INSTALL_IMAGES_CMDS
	$(INSTALL) -D -m 0755 $(PROLOGUE_BUILDDIR)/prologue-init \
		$(BINARIES_DIR)/prologue-init
endef

# kmod's own build makes no static library to install. This is a second build
# of it, without decompressors: modules lie uncompressed in an initramfs.
PROLOGUE_KMOD_BUILDDIR = $(KMOD_DIR)/prologue-build
define PROLOGUE_BUILD_STATIC_LIBKMOD
	rm -rf $(PROLOGUE_KMOD_BUILDDIR)
	PATH=$(BR_PATH) $(MESON) setup --prefix=/usr --buildtype=release \
		--cross-file=$(KMOD_DIR)/buildroot-build/cross-compilation.conf \
		-Db_pie=false -Dmanpages=false -Dtools=false \
		-Dzlib=disabled -Dxz=disabled -Dzstd=disabled -Dopenssl=disabled \
		-Dbashcompletiondir=no -Dfishcompletiondir=no -Dzshcompletiondir=no \
		$(KMOD_DIR) $(PROLOGUE_KMOD_BUILDDIR)
	$(TARGET_MAKE_ENV) $(NINJA) $(NINJA_OPTS) -C $(PROLOGUE_KMOD_BUILDDIR) \
		libshared.a libkmod-internal.a
endef
define PROLOGUE_INSTALL_STATIC_LIBKMOD
	rm -f $(STAGING_DIR)/usr/lib/libkmod.a
	find $(PROLOGUE_KMOD_BUILDDIR) -name '*.o' | LC_ALL=C sort | \
		xargs $(TARGET_AR) rcs $(STAGING_DIR)/usr/lib/libkmod.a
endef
ifeq ($(BR2_PACKAGE_PROLOGUE),y)
# check-package TypoInPackageVariable
KMOD_POST_BUILD_HOOKS += PROLOGUE_BUILD_STATIC_LIBKMOD
# check-package TypoInPackageVariable
KMOD_POST_INSTALL_STAGING_HOOKS += PROLOGUE_INSTALL_STATIC_LIBKMOD
endif

# What the init cannot do without.
define PROLOGUE_LINUX_CONFIG_FIXUPS
	$(call KCONFIG_ENABLE_OPT,CONFIG_BLK_DEV_INITRD)
	$(call KCONFIG_ENABLE_OPT,CONFIG_RD_GZIP)
	$(call KCONFIG_ENABLE_OPT,CONFIG_BINFMT_ELF)
	$(call KCONFIG_ENABLE_OPT,CONFIG_DEVTMPFS)
	$(call KCONFIG_ENABLE_OPT,CONFIG_PROC_FS)
	$(call KCONFIG_ENABLE_OPT,CONFIG_SYSFS)
	$(call KCONFIG_ENABLE_OPT,CONFIG_TMPFS)
	$(call KCONFIG_ENABLE_OPT,CONFIG_SIGNALFD)
	$(call KCONFIG_ENABLE_OPT,CONFIG_NET)
	$(call KCONFIG_ENABLE_OPT,CONFIG_UNIX)
endef

# The image builder, with the libraries of the host. tl-expected has no host
# variant; its sources are a header.
HOST_PROLOGUE_DEPENDENCIES = \
	host-kmod \
	host-lz4 \
	host-util-linux \
	host-xz \
	host-zlib \
	host-zstd \
	tl-expected
HOST_PROLOGUE_CONF_OPTS = \
	-DPROLOGUE_DECRYPT=OFF \
	-DPROLOGUE_expected_INCLUDE=$(TL_EXPECTED_DIR)/include
HOST_PROLOGUE_BUILD_OPTS = --target prologue

define HOST_PROLOGUE_INSTALL_CMDS
	$(INSTALL) -D -m 0755 $(HOST_PROLOGUE_BUILDDIR)/prologue \
		$(HOST_DIR)/bin/prologue
endef

$(eval $(cmake-package))
$(eval $(host-cmake-package))
