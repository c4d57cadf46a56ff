# shellcheck shell=bash disable=SC2154,SC2164  # sysroot.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# Fetches the sources that sources.lock pins, from whatever Debian mirror this machine is set up for.
#
# apt does the fetching because it knows the mirror, the proxy and the archive's keys. It gets a
# configuration of its own (source lists and caches below $cache/apt/sysroot), so nothing in /etc or
# /var changes and no root rights are needed.

# The machine's own lists with `deb` turned into the given types, reduced to the release it runs:
# other vendors' archives carry none of these sources and would only cost time.
private_lists() {
    local types=$1 codename
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    [ -n "$codename" ] || die "/etc/os-release has no VERSION_CODENAME"
    mkdir -p "$cache/apt/sysroot/sources.list.d"
    rm -f "$cache/apt/sysroot/sources.list.d"/*
    private_lines "$types" "$codename" >"$cache/apt/sysroot/sources.list.d/machine.list"
    private_stanzas "$types" "$codename" >"$cache/apt/sysroot/sources.list.d/machine.sources"
}

private_lines() {
    local file
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -r "$file" ] || continue
        # `deb [option=value …] URI SUITE COMPONENT…`: the suite is the second word after the options.
        awk -v types="$1" -v codename="$2" '
            $1 != "deb" { next }
            {
                rest = $0
                sub(/^deb[ \t]+/, "", rest)
                plain = rest
                sub(/^\[[^]]*\][ \t]*/, "", plain)
                split(plain, word)
                if (word[2] !~ "^" codename "(-updates|-security)?(/updates)?$") next
                count = split(types, type, " ")
                for (i = 1; i <= count; i++) print type[i], rest
            }' "$file"
    done
}

private_stanzas() {
    local file
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -r "$file" ] || continue
        awk -v types="$1" -v codename="$2" '
            function flush() {
                if (binary && wanted) printf "%s\n", stanza
                stanza = ""; binary = wanted = 0
            }
            /^[ \t]*$/ { flush(); next }
            /^#/ { next }
            tolower($1) == "types:" {
                for (i = 2; i <= NF; i++) if ($i == "deb") binary = 1
                $0 = "Types: " types
            }
            tolower($1) == "suites:" {
                for (i = 2; i <= NF; i++)
                    if ($i ~ "^" codename "(-updates|-security)?$") wanted = 1
            }
            { stanza = stanza $0 "\n" }
            END { flush() }' "$file"
    done
}

# apt-get with the private configuration. The hooks that a machine runs after an update are not for
# a private one, and as root apt would otherwise give the download to a user who cannot read a home.
private_apt() {
    apt-get -c="$cache/apt/sysroot/apt.conf" -qq "$@"
}

private_setup() {
    private_lists "$1"
    mkdir -p "$cache/apt/sysroot/lists/partial" "$cache/apt/sysroot/archives/partial"
    cat >"$cache/apt/sysroot/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$cache/apt/sysroot/sources.list.d";
Dir::State::lists "$cache/apt/sysroot/lists";
Dir::Cache "$cache/apt/sysroot";
Dir::Cache::archives "$cache/apt/sysroot/archives";
APT::Sandbox::User "$(id -un)";
Acquire::Retries "2";
Acquire::Languages "none";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
}

# A mirror that has just been updated answers 404 for a moment: one more update, one more try.
with_update() {
    "$@" && return 0
    private_apt update || true
    "$@"
}

# The rows of one package in the lock: `package version file sha256`.
pins() { awk -v package="$1" '$1 == package' "$lock"; }

pinned_packages() { awk '!/^#/ && NF { print $1 }' "$lock" | grep -vx gcc-12-source | sort -u; }

# True when DIR holds every pinned file of PACKAGE, or a newer revision that was accepted earlier.
have_source() {
    local package=$1 dir=$2
    [ -d "$dir" ] || return 1
    if [ -s "$dir/ACCEPTED" ]; then
        (cd "$dir" && sha256sum --quiet --strict -c ACCEPTED) >/dev/null 2>&1
    else
        (cd "$dir" && pins "$package" | awk '{ print $4 "  " $3 }' | sha256sum --quiet --strict -c) \
            >/dev/null 2>&1
    fi
}

download_source() {
    local package=$1 version=$2
    private_apt source --download-only --only-source "$package=$version" ||
        private_apt source --download-only --only-source "$package"
}

# A newer Debian revision (a security update) is fine when it patches the same upstream tarball:
# that one still has to match its pin, and apt's signature check vouches for Debian's own part.
accept_revision() {
    local package=$1 dir=$2 name sum files
    while read -r _ _ name sum; do
        case $name in *.orig*.tar.*) ;; *) continue ;; esac
        (cd "$dir" && printf '%s  %s\n' "$sum" "$name" | sha256sum --quiet -c) >/dev/null 2>&1 ||
            die "$package: $name is missing or does not match its pin in $lock"
    done < <(pins "$package")
    files=("$dir"/*.dsc)
    [ ${#files[@]} -eq 1 ] || die "$package: no single .dsc in $dir"
    (cd "$dir" && sha256sum -- * >.accepted && mv .accepted ACCEPTED)
    say "$package: $(basename "${files[0]}" .dsc) is newer than the pin;" \
        "same upstream tarball, the rest vouched for by apt's signature check"
}

fetch_source() {
    local package=$1 dir=$sources/$1 version partial
    have_source "$package" "$dir" && return 0
    version=$(pins "$package" | awk 'NR == 1 { print $2 }')
    partial=$dir.partial
    rm -rf "$dir" "$partial"
    mkdir -p "$partial"
    (cd "$partial" && with_update download_source "$package" "$version") >>"$logs/fetch.log" 2>&1 ||
        die "cannot fetch the source of $package; see $logs/fetch.log"
    have_source "$package" "$partial" || accept_revision "$package" "$partial"
    mv "$partial" "$dir"
}

# The lists are fetched only when a source is missing: a complete cache works without a network.
fetch_sources() {
    local package packages missing=()
    mapfile -t packages < <(pinned_packages)
    for package in "${packages[@]}"; do
        have_source "$package" "$sources/$package" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local start=$SECONDS
    private_setup deb-src
    private_apt update >>"$logs/fetch.log" 2>&1 || true
    for package in "${missing[@]}"; do fetch_source "$package"; done
    say "$(printf '%-10s %3d s' fetch $((SECONDS - start)))"
}

# Prints the path of GCC's own source tarball; without the package installed, it is fetched and
# unpacked into the cache.
gcc_tarball() {
    local name sum dir file
    read -r _ _ name sum < <(pins gcc-12-source)
    for dir in /usr/src/gcc-12 "$sources/gcc-12-source/usr/src/gcc-12"; do
        file=$dir/$name
        [ -r "$file" ] && printf '%s  %s\n' "$sum" "$file" | sha256sum --quiet -c >/dev/null 2>&1 &&
            printf '%s\n' "$file" && return 0
    done
    say "gcc-12-source is not installed: fetching it into the cache"
    private_setup deb
    mkdir -p "$sources/gcc-12-source"
    (
        cd "$sources/gcc-12-source"
        private_apt update || true
        with_update private_apt download gcc-12-source
        dpkg -x gcc-12-source_*.deb .
        rm -f gcc-12-source_*.deb
    ) >>"$logs/fetch.log" 2>&1
    file=$sources/gcc-12-source/usr/src/gcc-12/$name
    printf '%s  %s\n' "$sum" "$file" | sha256sum --quiet -c >&2 || die "$file does not match its pin"
    printf '%s\n' "$file"
}
