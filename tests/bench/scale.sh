# shellcheck shell=bash disable=SC2004,SC2154
# SPDX-License-Identifier: MIT
# Cost against size: more disks, more modules in the image than are loaded, more lines in the config.
#
# Each disk has a GPT with one ext4, its own identifiers, and a virtio controller of its own: eight of
# them are functions of one PCI slot, so that no bridge is needed. The root is on the last one, which
# the kernel finds last. The kernel's own work grows with the disks far more than any init's: the floor,
# which knows the disk's name, shows how much. The limits are about the rest.

readonly disk_counts=(1 8 64) module_counts=(10 100 400)
readonly config_lines=256  # no config may have more stages
readonly scale=$work/scale
readonly part_start=1048576 part_bytes=$((6 << 20)) disk_bytes=$((8 << 20))
readonly first_slot=4  # the chipset's own are below

# An identifier of disk N, of kind a (disk), b (partition) or c (filesystem).
identifier() { printf '6e%06d-0000-4000-8000-%s00000000000' "$2" "$1"; }

# scale_disk N: a file of its own for each; the first has the root, the others are kept between runs.
scale_disk() {
    local file=$scale/$1.img contents=()
    if [ "$1" = 0 ]; then
        contents=(-d "$work/root")
        rm -f "$file"
    elif [ -e "$file" ]; then
        return
    fi
    truncate -s "$disk_bytes" "$file.new"
    sfdisk -q "$file.new" << TABLE >&2
label: gpt
label-id: $(identifier a "$1")
start=$((part_start / 512)), size=$((part_bytes / 512)), type=L, uuid=$(identifier b "$1")
TABLE
    mke2fs -q -t ext4 -U "$(identifier c "$1")" -E "offset=$part_start" "${contents[@]}" \
        "$file.new" "$((part_bytes / 1024))k" >&2
    mv "$file.new" "$file"
}

# The disks for QEMU: all that are no root, and then that.
plug_disks() {
    local place number
    disks=()
    for ((place = 0; place < $1; place++)); do
        number=$((place + 1))
        [ "$number" -lt "$1" ] || number=0
        disks+=(-drive "if=none,format=raw,snapshot=on,id=d$place,file=$scale/$number.img"
            -device "virtio-blk-pci,drive=d$place,multifunction=on,addr=$(
                printf '%#x.%d' $((first_slot + place / 8)) $((place % 8)))")
    done
}

# The kernel's name of the Nth disk, from one: vda … vdz, vdaa …
disk_name() {
    local alphabet=abcdefghijklmnopqrstuvwxyz place=$(($1 - 1))
    [ "$place" -lt 26 ] || printf 'vd%s%s' "${alphabet:place / 26 - 1:1}" "${alphabet:place % 26:1}"
    [ "$place" -ge 26 ] || printf 'vd%s' "${alphabet:place:1}"
}

make_scale_images() {
    local tag=$1 root
    root=/dev/$(disk_name "$2")1
    compile floor "floor$2" "-DROOT=\"$root\""
    floor_image "floor$2" "$work/floor_$tag.img"
    write_config "$work/partuuid.conf" "PARTUUID=$(identifier b 0)"
    prologue_image "$work/partuuid.conf" "$work/partuuid_$tag.img"
    write_config "$work/uuid.conf" "UUID=$(identifier c 0)"
    prologue_image "$work/uuid.conf" "$work/uuid_$tag.img"
}

# Microseconds of NAME with COUNT disks, but for the kernel's work on all disks but one.
without_kernel() {
    printf '%s' "$((${inside[$1_$2]} - ${inside[floor_$2]} + ${inside[floor_1]}))"
}

# What finding the root costs above the floor, with COUNT disks of what it costs with one, by the same
# of the bytes read.
per_byte_read() {
    awk -v many="$((${inside[uuid_$1]} - ${inside[floor_$1]}))" \
        -v one="$((${inside[uuid_1]} - ${inside[floor_1]}))" \
        -v read_many="${read_kib[$1]}" -v read_one="${read_kib[1]}" \
        'BEGIN { printf "%.3f", (many / one) / (read_many / read_one) }'
}

measure_disks() {
    local count kind number
    local -a read_kib
    printf '| disks | %s | %s | %s | %s |\n|---:|---:|---:|---:|---:|\n' 'floor, ms' 'PARTUUID=, ms' \
        'UUID=, ms' 'read for UUID=, KiB'
    for count in "${disk_counts[@]}"; do
        for ((number = 0; number < count; number++)); do scale_disk "$number"; done
        plug_disks "$count"
        make_scale_images "$count" "$count"
        for kind in floor partuuid uuid; do measure "${kind}_$count"; done
        read_kib[count]=$(said read_kib "$work/uuid_$count.log")
        printf '| %s | %s | %s | %s | %s |\n' "$count" \
            "$(milliseconds "${inside[floor_$count]}")" \
            "$(milliseconds "${inside[partuuid_$count]}")" \
            "$(milliseconds "${inside[uuid_$count]}")" "${read_kib[count]}"
    done
    limit 'PARTUUID= root, 64 disks to 1, without the kernel'"'"'s work for them' \
        "$(ratio "$(without_kernel partuuid 64)" "${inside[partuuid_1]}")" 1.30
    limit 'UUID= root above the floor, 64 disks to 1, to the same of the bytes read' \
        "$(per_byte_read 64)" 1.00
}

# When prologue said a line of its own, in microseconds.
stamp_of() { sed -n "s|^bench: text=\([0-9]*\) $1.*|\1|p" "$2"; }

# Names of modules, as many as bring the image to COUNT with all that they need and the usual ones.
some_modules() {
    awk -v count="$1" -v usual="$(module_files)" -v directory="$modules/" '
        BEGIN { have = split(usual, files, "\n"); for (i in files) taken[substr(files[i], length(directory) + 1)] }
        { sub(":", "", $1); for (i = 1; i <= NF; i++) needs[$1, i] = $i; fields[$1] = NF; order[NR] = $1 }
        END {
            for (n = 1; n <= NR && have < count; n++) {
                if (order[n] in taken) continue
                for (i = 1; i <= fields[order[n]]; i++)
                    if (!(needs[order[n], i] in taken)) { taken[needs[order[n], i]]; have++ }
                name = order[n]; gsub(".*/|[.]ko.*", "", name); print name
            }
        }' "$modules/modules.dep"
}

# Microseconds from the start of /init in LOG until the root was mounted.
until_mounted() { printf '%s' "$(($(stamp_of 'mount /dev/' "$1") - $(stamps_of "$1" | cut -d ' ' -f 1)))"; }

measure_modules() {
    local count names image log
    disks=("${one_disk[@]}")
    printf '| modules in the image | until the root is mounted, ms | inside init, ms | total, ms'
    printf ' | image, bytes |\n|---:|---:|---:|---:|---:|\n'
    for count in "${module_counts[@]}"; do
        image=$work/modules_$count.img log=$work/modules_$count.log
        mapfile -t names < <(some_modules "$count")
        write_config "$work/modules.conf" "UUID=$root_uuid" \
            "modules ${names[*]} when=cmdline:bench.never"
        prologue_image "$work/modules.conf" "$image"
        measure "modules_$count"
        printf '| %s | %s | %s | %s | %s |\n' \
            "$("$top/build/release/prologue" list "$image" | grep -c '\.ko$')" \
            "$(milliseconds "$(until_mounted "$log")")" \
            "$(milliseconds "${inside[modules_$count]}")" \
            "$(milliseconds "$(column 2 "modules_$count")")" "$(stat -c %s "$image")"
    done
    # Behind that the kernel takes back the memory of all that it has unpacked.
    limit '400 modules in the image to 10, until the root is mounted' \
        "$(ratio "$(until_mounted "$work/modules_400.log")" "$(until_mounted "$work/modules_10.log")")" 1.02
}

measure_lines() {
    local line lines=()
    for ((line = 3; line < config_lines; line++)); do
        lines+=("write /proc/sys/kernel/printk 7 when=cmdline:bench.never")
    done
    printf '| lines of the config | inside init, ms |\n|---:|---:|\n'
    prologue_image "$work/prologue.conf" "$work/lines_3.img"
    write_config "$work/lines.conf" "UUID=$root_uuid" "${lines[@]}"
    prologue_image "$work/lines.conf" "$work/lines_$config_lines.img"
    for line in 3 "$config_lines"; do
        measure "lines_$line"
        printf '| %s | %s |\n' "$line" "$(milliseconds "${inside[lines_$line]}")"
    done
}

measure_scale() {
    mkdir -p "$scale"
    measure_disks
    printf '\n'
    measure_modules
    printf '\n'
    measure_lines
}
