# SPDX-License-Identifier: MIT
# bash completion for prologue(1). The tables are made from the program's own by tests/doc.
# shellcheck shell=bash

# generated: bash
_prologue_commands='check verify plan stages config initramfs minroot uki list extract cat boot timeline help'
_prologue_options() {
    case $1 in
        check) echo '--help --kernel -k --modules --cmdline --board --locked' ;;
        verify) echo '--help --kernel -k --modules --cmdline --board --locked' ;;
        plan) echo '--help --cmdline --board --locked' ;;
        stages) echo '--help' ;;
        config) echo '--help --host --sysroot' ;;
        initramfs) echo '--help --output -o --kernel -k --modules --for --sysroot --add --from --format --compress --microcode --init --luks-header --unsigned-modules --strict --locked' ;;
        minroot) echo '--help --output -o --size --add --init' ;;
        uki) echo '--help --linux --initrd --cmdline --output -o --stub --osrel --uname --sign' ;;
        list) echo '--help --parts' ;;
        extract) echo '--help --directory -C' ;;
        cat) echo '--help' ;;
        boot) echo '--help --kernel --disk --write --host --sysroot --append --memory -m --accel --print' ;;
        timeline) echo '--help --output -o --log' ;;
        help) echo '--help' ;;
    esac
}
_prologue_source() {
    case "$1 $2" in
        'check --kernel' | 'check -k') echo 'kernels-or-files' ;;
        'check --modules') echo 'directories' ;;
        'check --cmdline') echo 'nothing' ;;
        'check --board') echo 'words qemu pc generic' ;;
        'check ') echo 'files' ;;
        'verify --kernel' | 'verify -k') echo 'kernels-or-files' ;;
        'verify --modules') echo 'directories' ;;
        'verify --cmdline') echo 'nothing' ;;
        'verify --board') echo 'words qemu pc generic' ;;
        'verify ') echo 'files' ;;
        'plan --cmdline') echo 'nothing' ;;
        'plan --board') echo 'words qemu pc generic' ;;
        'plan ') echo 'files' ;;
        'stages ') echo 'words mount umount modules find decrypt exec write switch_root shell service supervise reboot poweroff halt' ;;
        'config --sysroot') echo 'directories' ;;
        'config ') echo 'nothing' ;;
        'initramfs --output' | 'initramfs -o') echo 'files' ;;
        'initramfs --kernel' | 'initramfs -k') echo 'kernels' ;;
        'initramfs --modules') echo 'directories' ;;
        'initramfs --for') echo 'words qemu pc generic host' ;;
        'initramfs --sysroot') echo 'directories' ;;
        'initramfs --add') echo 'files' ;;
        'initramfs --from') echo 'files' ;;
        'initramfs --format') echo 'words cpio list' ;;
        'initramfs --compress') echo 'words gzip zstd xz lz4 none' ;;
        'initramfs --microcode') echo 'files' ;;
        'initramfs --init') echo 'files' ;;
        'initramfs --luks-header') echo 'files' ;;
        'initramfs ') echo 'files' ;;
        'minroot --output' | 'minroot -o') echo 'files' ;;
        'minroot --size') echo 'nothing' ;;
        'minroot --add') echo 'files' ;;
        'minroot --init') echo 'files' ;;
        'minroot ') echo 'files' ;;
        'uki --linux') echo 'files' ;;
        'uki --initrd') echo 'files' ;;
        'uki --cmdline') echo 'nothing' ;;
        'uki --output' | 'uki -o') echo 'files' ;;
        'uki --stub') echo 'files' ;;
        'uki --osrel') echo 'files' ;;
        'uki --uname') echo 'nothing' ;;
        'uki --sign') echo 'files' ;;
        'uki ') echo 'files' ;;
        'list ') echo 'files' ;;
        'extract --directory' | 'extract -C') echo 'directories' ;;
        'extract ') echo 'files' ;;
        'cat ') echo 'files' ;;
        'boot --kernel') echo 'files' ;;
        'boot --disk') echo 'files' ;;
        'boot --sysroot') echo 'directories' ;;
        'boot --append') echo 'nothing' ;;
        'boot --memory' | 'boot -m') echo 'nothing' ;;
        'boot --accel') echo 'words auto kvm tcg' ;;
        'boot ') echo 'files' ;;
        'timeline --output' | 'timeline -o') echo 'files' ;;
        'timeline --log') echo 'files' ;;
        'timeline ') echo 'files' ;;
        'help ') echo 'words check verify plan stages config initramfs minroot uki list extract cat boot timeline help' ;;
        *) return 1 ;;
    esac
}
# end generated

# The kernel versions that have modules below a directory, a line each.
_prologue_kernels() {
    local path
    for path in "$1"/*/; do
        [[ -d $path ]] || continue
        path=${path%/}
        printf '%s\n' "${path##*/}"
    done
}

# What _prologue_source says of an option or word, as candidates that begin with $2.
_prologue_candidates() {
    case $1 in
        files) compgen -f -- "$2" ;;
        directories) compgen -d -- "$2" ;;
        kernels) compgen -W "$(_prologue_kernels /lib/modules)" -- "$2" ;;
        kernels-or-files)
            compgen -W "$(_prologue_kernels /lib/modules)" -- "$2"
            compgen -f -- "$2" ;;
        words\ *) compgen -W "${1#words }" -- "$2" ;;
    esac
}

_prologue() {
    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} source word
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "$_prologue_commands --help --version" -- "$cur")
        return
    fi
    # '=' parts words in COMP_WORDBREAKS: "--name=VALUE" comes as three.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    source=
    for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
        # What stands behind "--" is for another program.
        [[ $word == -- ]] && source=files
    done
    if [[ -z $source && $before == -* ]]; then
        source=$(_prologue_source "$command" "$before") || source=
    fi
    if [[ -z $source && $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_prologue_options "$command")" -- "$cur")
        return
    fi
    [[ -n $source ]] || source=$(_prologue_source "$command" '') || return
    # Outside a completion, as in a test, there is nothing to set.
    [[ $source == files || $source == directories ]] && compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(_prologue_candidates "$source" "$cur")
}

complete -F _prologue prologue
