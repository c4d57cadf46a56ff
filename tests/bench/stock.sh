# shellcheck shell=bash disable=SC2004,SC2016,SC2034,SC2154
# SPDX-License-Identifier: MIT
# A stock Debian: its standard kernel and systemd on an ext4 root, and the images that the tools make for that
# very machine, by their own defaults: initramfs-tools with MODULES=dep, dracut for this host only, prologue
# by `--for host`. These look at the machine that they run on, so they run in it, under QEMU.
# All boots end in the measuring init (init=), when systemd would begin.

readonly stock=$work/stock
readonly stock_packages=systemd-sysv,udev,dbus,kmod,zstd,linux-image-amd64,initramfs-tools,dracut-core
readonly stock_contenders=(stock_floor stock_prologue stock_default stock_initramfs_tools stock_dracut)

# The disk of both: of the machine that makes the images, and of the boots.
make_stock_disk() {
    cp "$work/real_init" "$stock/bench_init"
    cp "$top/build/release/prologue" "$top/build/release/prologue-init" "$stock/usr/bin/"
    printf 'UUID=%s / ext4 defaults 0 1\n' "$root_uuid" > "$stock/etc/fstab"
    echo 'MODULES=dep' > "$stock/etc/initramfs-tools/conf.d/bench"
    cat > "$stock/bench_build" << 'BUILD'
#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
cd /tmp
{
    mkinitramfs -o stock_initramfs_tools.img "$(uname -r)"
    dracut --force --hostonly stock_dracut.img "$(uname -r)"
    prologue config --host
    prologue initramfs --for host -o stock_prologue.img
    prologue initramfs -o stock_default.img
} > build.log 2>&1
tar -cf /dev/vdb build.log stock_*.img
sync
echo o > /proc/sysrq-trigger
sleep 60
BUILD
    chmod +x "$stock/bench_build"
    rm -f "$work/stock.img"
    mke2fs -q -t ext4 -U "$root_uuid" -d "$stock" "$work/stock.img" 3G >&2
}

# Ten minutes or more, since the guest is emulated, so it is done once for each prologue.
build_stock_images() {
    [ ! "$work/stock.tar" -nt "$top/build/release/prologue" ] || return 0
    say 'the images of a stock Debian, in it'
    "$top/build/release/prologue" initramfs --for qemu --modules "$modules" \
        -o "$work/stock_builder.img" 2> "$work/stock_builder.log"
    rm -f "$work/stock.tar"
    truncate -s 512M "$work/stock.tar"
    timeout 1800 qemu-system-x86_64 -accel tcg -cpu max -m 1024 -no-reboot -nodefaults -display none \
        -serial "file:$work/stock_builder.serial" -kernel "$kernel" -initrd "$work/stock_builder.img" \
        -drive "if=virtio,format=raw,snapshot=on,file=$work/stock.img" \
        -drive "if=virtio,format=raw,file=$work/stock.tar" \
        -append "console=ttyS0 no_timer_check root=UUID=$root_uuid rw init=/bench_build" ||
        fail "see $work/stock_builder.serial"
    tar -xf "$work/stock.tar" -C "$work" || fail "see $work/stock_builder.serial"
}

stock_title() {
    case $1 in
        stock_floor) printf 'floor' ;;
        stock_prologue) printf '%s' 'prologue, `--for host`' ;;
        stock_default) printf '%s' 'prologue, no config, every driver' ;;
        stock_initramfs_tools) printf 'initramfs-tools, MODULES=dep' ;;
        stock_dracut) printf 'dracut, host-only' ;;
    esac
}

# above NAME: microseconds inside init beyond the floor's.
above() { printf '%s' $((${inside[$1]} - ${inside[stock_floor]})); }

stock_limits() {
    local of
    for of in 'initramfs_tools 0.15' 'dracut 0.20'; do
        limit "stock Debian, above the floor, prologue to ${of% *}" \
            "$(ratio "$(above stock_prologue)" "$(above "stock_${of% *}")")" "${of#* }"
        limit "stock Debian, image, prologue to ${of% *}" \
            "$(ratio "$(stat -c %s "$work/stock_prologue.img")" \
                "$(stat -c %s "$work/stock_${of% *}.img")")" 0.25
    done
}

measure_stock() {
    local name kernel modules release
    make_debian "$stock" "$stock_packages"
    kernel=$(echo "$stock"/boot/vmlinuz-*) modules=$(echo "$stock"/lib/modules/*)
    release=${modules##*/}
    make_stock_disk
    build_stock_images
    compile floor stock_floor '-DINIT="/bench_init"'
    floor_image stock_floor "$work/stock_floor.img"
    disks=(-drive "if=none,format=raw,snapshot=on,id=disk,file=$work/stock.img"
        -device 'virtio-blk-pci,drive=disk')
    printf '| stock Debian, Linux %s, median of %s | inside init, ms | above the floor, ms' "$release" \
        "$runs"
    printf ' | total, ms | image, bytes |\n|---|---:|---:|---:|---:|\n'
    for name in "${stock_contenders[@]}"; do
        measure "$name" "root=UUID=$root_uuid ro init=/bench_init"
        printf '| %s | %s | %s | %s | %s |\n' "$(stock_title "$name")" \
            "$(milliseconds "${inside[$name]}")" "$(milliseconds "$(above "$name")")" \
            "$(milliseconds "$(column 2 "$name")")" "$(stat -c %s "$work/$name.img")"
    done
    stock_limits
}
