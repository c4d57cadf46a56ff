# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
# Packages of a Debian suite without installing any: lists, cache and sources of apt that are private, so
# that neither root rights are needed nor the machine's own apt is touched. Sourced; needs $suite and
# `unavailable`, which ends the script with a reason.

readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
readonly arch=amd64

set_apt_paths() {
    cache=${PROLOGUE_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/prologue}
    mkdir -p "$cache"
    cache=$(cd "$cache" && pwd -P)
    apt_dir=$cache/apt/$suite
    apt_conf=$apt_dir/apt.conf
}

# The machine's own mirror serves the other suites too. Security and other add-on suites are left
# out on purpose: their packages are replaced often, and tests want a kernel that stays for a while.
machine_mirror() {
    # shellcheck disable=SC2016  # $(REPO_URI) is apt's own syntax
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk '$3 == "main" && $2 !~ /-|\// && !seen { print $1; seen = 1 }'
}

# Read with --config-file, so after the machine's own files: a proxy set there keeps working, while
# hooks, pins and extra index kinds (appstream) do not reach a private download.
write_apt_config() {
    local mirror tool
    for tool in apt-get apt-cache dpkg; do
        command -v "$tool" > /dev/null || unavailable "this machine has no '$tool'"
    done
    mirror=$(machine_mirror)
    [ -n "$mirror" ] || unavailable 'no Debian mirror is configured on this machine'
    [ -r "$keyring" ] || unavailable "$keyring is missing (package debian-archive-keyring)"
    mkdir -p "$apt_dir"/{lists/partial,cache/archives/partial,log}
    : > "$apt_dir/status"
    : > "$apt_dir/none"
    printf '%s\n' 'Types: deb' "URIs: $mirror" "Suites: $suite" 'Components: main' \
        "Architectures: $arch" 'Targets: Packages' "Signed-By: $keyring" > "$apt_dir/list.sources"
    cat > "$apt_conf" << CONFIG
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Architectures;
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Default-Release "";
APT::Sandbox::User "";
Acquire::Retries "3";
Acquire::http::Timeout "60";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
APT::Get::AllowUnauthenticated "false";
Dir::State "$apt_dir";
Dir::State::lists "$apt_dir/lists/";
Dir::State::status "$apt_dir/status";
Dir::Cache "$apt_dir/cache";
Dir::Cache::archives "$apt_dir/cache/archives/";
Dir::Log "$apt_dir/log";
Dir::Etc::sourcelist "$apt_dir/list.sources";
Dir::Etc::sourceparts "$apt_dir/none.d";
Dir::Etc::preferences "$apt_dir/none";
Dir::Etc::preferencesparts "$apt_dir/none.d";
CONFIG
    mkdir -p "$apt_dir/none.d"
}

private_apt() { "$1" --config-file="$apt_conf" -q "${@:2}"; }

read_package_list() {
    write_apt_config
    say "reading the package list of $suite"
    private_apt apt-get update --error-on=any >&2 ||
        unavailable 'its package list cannot be fetched'
}

# One at a time for each suite: all kernels and sources of a suite share its package lists.
lock() {
    mkdir -p "$apt_dir"
    exec 9> "$apt_dir/lock"
    flock 9
}
