// SPDX-License-Identifier: MIT
#include "tests/guest/grow.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int grow_btrfs(void) {
    struct btrfs_ioctl_vol_args device = {0};
    int directory = open("/grown", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    strcpy(device.name, "/dev/vdb");
    return directory < 0 || ioctl(directory, BTRFS_IOC_ADD_DEV, &device) != 0;
}

int forget_btrfs(void) {
    struct btrfs_ioctl_vol_args all = {0};
    int control = open("/dev/btrfs-control", O_RDWR | O_CLOEXEC);
    return control < 0 || ioctl(control, BTRFS_IOC_FORGET_DEV, &all) != 0;
}
