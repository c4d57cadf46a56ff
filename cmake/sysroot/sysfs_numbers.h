// SPDX-License-Identifier: MIT
// What libblkid asks of sysfs before it looks at a device: whether it belongs to the insides of LVM or of Stratis,
// and on which disk it lies. Included by util-linux's lib/sysfs.c, whose functions of the same meaning give these
// answers (util-linux.sh). Theirs opens the device's directory, follows links to names, and from a name goes back to
// the number by a file that is read with scanf(3): that was 5 KB, and most of what looking at an empty disk took.
#include <fcntl.h>

// What the file says that the device's directory in sysfs has, less its newline: its length, 0 when it says nothing.
static size_t own_read_of(dev_t device, const char *file, char *text, size_t size) {
    char path[sizeof "/sys/dev/block/4294967295:4294967295/slaves//dev" + 256];
    const int length = snprintf(path, sizeof path, "/sys/dev/block/%u:%u/%s", major(device), minor(device), file);
    const int fd = length < (int)sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = fd >= 0 ? read(fd, text, size - 1) : 0;
    if (fd >= 0) close(fd);
    if (got > 0 && text[got - 1] == '\n') got--;
    if (got < 0) got = 0;
    text[got] = '\0';
    return (size_t)got;
}

// 0 when the file is not there, or has no number like "8:1".
static dev_t own_number_in(dev_t device, const char *file) {
    char text[32], *rest;
    if (own_read_of(device, file, text, sizeof text) == 0) return 0;
    const unsigned long first = strtoul(text, &rest, 10);
    return *rest == ':' ? makedev(first, strtoul(rest + 1, NULL, 10)) : 0;
}

// "LVM-", a UUID, "-" and a suffix: a part of a logical volume, as one half of a mirror.
static int own_is_dm_private(dev_t device, char **uuid) {
    char text[256];
    if (uuid) *uuid = NULL;
    if (own_read_of(device, "dm/uuid", text, sizeof text) == 0) return 0;
    if (uuid) *uuid = strdup(text);
    if (strncmp(text, "LVM-", 4) == 0) {
        const char *suffix = strrchr(text + 4, '-');
        return suffix != NULL && suffix[1] != '\0';
    }
    return strncmp(text, "stratis-1-private", 17) == 0;
}

// The one device that a mapping lies on; 0 when it is not exactly one.
static dev_t own_slave_of(dev_t device) {
    char path[sizeof "/sys/dev/block/4294967295:4294967295/slaves"], file[sizeof "slaves//dev" + 256];
    dev_t slave = 0;
    int count = 0;
    const struct dirent *entry;
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/slaves", major(device), minor(device));
    DIR *directory = opendir(path);
    if (!directory) return 0;
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        snprintf(file, sizeof file, "slaves/%s/dev", entry->d_name);
        slave = own_number_in(device, file);
        count++;
    }
    closedir(directory);
    return count == 1 ? slave : 0;
}

// A partition's directory is in its disk's. One that kpartx has made is a mapping, and "part" begins its UUID.
static int own_disk_of(dev_t device, dev_t *disk) {
    char text[256];
    *disk = own_number_in(device, "dev");
    if (*disk == 0) return -ENODEV;
    if (own_read_of(device, "partition", text, sizeof text) != 0) {
        *disk = own_number_in(device, "../dev");
        return *disk != 0 ? 0 : -1;
    }
    if (own_read_of(device, "dm/uuid", text, sizeof text) != 0 && strncasecmp(text, "part", 4) == 0) {
        const dev_t slave = own_slave_of(device);
        if (slave != 0) *disk = slave;
    }
    return 0;
}
