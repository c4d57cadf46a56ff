require ${@bb.utils.contains('DISTRO_FEATURES', 'prologue', 'kmod-static.inc', '', d)}
