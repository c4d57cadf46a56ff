# shellcheck shell=bash disable=SC2154,SC2164  # sysroot.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# What every part of the sysroot build shares: messages, checks, jobs.
# Standard output belongs to the result (the sysroot's path), so all talk goes to standard error.

say() { printf 'sysroot: %s\n' "$*" >&2; }

die() {
    printf 'sysroot: error: %s\n' "$*" >&2
    exit 1
}

# Fails with MESSAGE unless FILE has a line that matches PATTERN.
expect_line() {
    local file=$1 pattern=$2 message=$3
    grep -q -- "$pattern" "$file" || die "self-check: $message ($pattern not in $file)"
}

# Everything that is missing is named at once, so that one apt-get call mends it.
check_tools() {
    local row command package commands=() packages=()
    for row in "$@"; do
        command=${row%%=*} package=${row#*=}
        case $command in
            /*) [ -e "$command" ] && continue ;;
            *) command -v "$command" >/dev/null && continue ;;
        esac
        commands+=("$command") packages+=("$package")
    done
    [ ${#commands[@]} -eq 0 ] && return 0
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    say "missing: ${commands[*]}"
    die "install what is missing: apt-get install --no-install-recommends ${packages[*]}"
}

# Runs build_NAME with its output in a log of its own and reports the time it took.
# In a process of its own, because bash forgets `set -e` in everything below a condition.
run_part() {
    local name=$1 log=$logs/$1.log start=$SECONDS status=0
    "$BASH" "$here/sysroot.sh" --part "$name" >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        say "$name failed; the end of $log:"$'\n'"$(tail -n 30 "$log")"
        return "$status"
    fi
    say "$(printf '%-10s %3d s' "$name" $((SECONDS - start)))"
}

# Unpacks the Debian source package NAME into $work/NAME, patches applied. A patched configure.ac is
# newer than the configure beside it, and make would call an automake that nobody needs to have: all
# files get one time, so that nothing is generated again.
unpack_source() {
    local name=$1
    dpkg-source -x "$sources/$name"/*.dsc "$work/$name"
    find "$work/$name" -type f -exec touch -d 2000-01-01 {} +
}

# compile_archive ARCHIVE FLAGS FILE...: for a library whose own build would only stand in the way.
compile_archive() {
    local archive=$1 flags=$2
    shift 2
    # shellcheck disable=SC2086  # the flags are words
    printf '%s\0' "$@" | xargs -0 -P "$jobs" -I{} $cc $cflags $flags -c {} -o {}.o
    gcc-ar-12 rcsD "$stage/lib/$archive" "${@/%/.o}"
}

# answer_at_once FILE STATEMENT FUNCTION...: each of these begins with the statement, a return, so that the compiler
# drops the rest of it and what nothing else calls. For what this program never reaches, or what may only fail.
answer_at_once() {
    local file=$1 statement=$2 name before
    shift 2
    for name in "$@"; do
        before=$(grep -cF "{ $statement" "$file" || true)
        # From the name to the brace that stands alone, if no semicolon shows that it is a declaration.
        sed -i -e "/^[a-z].*[ *]$name(/{" -e ':more' -e '/;$/b' -e "/\n{\$/{s/{\$/{ $statement/" -e b -e '}' \
            -e '$!{N' -e 'b more' -e '}' -e '}' "$file"
        [ "$(grep -cF "{ $statement" "$file")" -gt "$before" ] || die "$file has no function $name"
    done
}

# install_pc NAME VERSION LIBS [INCLUDE-SUBDIRECTORY]: for a build that finds its libraries by pkg-config.
install_pc() {
    local name=$1 version=$2 libs=$3 include=${4:-}
    mkdir -p "$stage/lib/pkgconfig"
    cat >"$stage/lib/pkgconfig/$name.pc" <<END
prefix=$prefix
Name: $name
Description: $name, static
Version: $version
Libs: -L\${prefix}/lib $libs
Cflags: -I\${prefix}/include$include
END
}
