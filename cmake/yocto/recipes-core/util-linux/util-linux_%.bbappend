require ${@bb.utils.contains('DISTRO_FEATURES', 'prologue', 'util-linux-static.inc', '', d)}
