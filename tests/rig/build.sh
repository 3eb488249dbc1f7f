#!/usr/bin/env bash
# Builds libcamera from Debian's source package with our simulated IMX477 in it, once per machine; the prefix's path is
# the last line printed. Cached outside the tree. A change of the handler, of this script or of Python builds anew, from
# the source and the objects that are there: a changed handler takes seconds, the first build two minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
tested="0.7.2"
cache=${HQCAM_RIG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hqcam-rig}
hash_of() { cat "$@" <("$python" -VV) | sha256sum | cut -c1-16; }
prefix=$cache/$(hash_of "$here"/imx477/* "$here/build.sh")
objects=$cache/objects-$(hash_of "$here/build.sh")
source=$cache/source
tools=$objects/tools

say() { echo "rig: $*" >&2; }
fail() {
    say "$*"
    exit 1
}
finish_if_built() {
    [ ! -f "$prefix/complete" ] || { echo "$prefix" && exit 0; }
}

# The newest libcamera is in sid; its source needs nothing of sid to build. The mirror is the one apt already uses.
fetch() {
    local work mirror keyring
    work=$(mktemp -d "$cache/fetching.XXXXXX")
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
    mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)
    [ -n "$mirror" ] || fail "apt knows no Debian mirror on this machine: run apt-get update, or add one to its sources"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb-src [signed-by=$keyring] $mirror sid main" >"$work/sources.list"
    local apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=-
        -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
    { "${apt[@]}" update && (cd "$work" && "${apt[@]}" source --only-source libcamera); } >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        fail "libcamera's source could not be fetched from Debian sid"
    }
    rm -rf "$source"
    mv "$work"/libcamera-*/ "$source"
    rm -rf "$work"
}

build() {
    local virtual=$source/src/libcamera/pipeline/virtual
    cp "$here"/imx477/* "$virtual/"
    echo "libcamera_internal_sources += files(['imx477.cpp', 'camera.cpp'])" >"$virtual/meson.build"
    [ -x "$tools/bin/ninja" ] || "$python" -m venv "$tools"
    "$tools/bin/python" -m pip install --quiet --disable-pip-version-check meson ninja jinja2 ply pyyaml pybind11
    export PATH=$tools/bin:$PATH
    PKG_CONFIG_PATH=$(python -m pybind11 --pkgconfigdir)
    export PKG_CONFIG_PATH
    [ -f "$objects/build.ninja" ] ||
        meson setup "$objects" "$source" --prefix="$cache/new" --libdir=lib --buildtype=release --strip \
            --wrap-mode=nodownload -Dwerror=false -Dpipelines=virtual -Dipas= -Dpycamera=enabled -Dcam=disabled \
            -Dqcam=disabled -Dgstreamer=disabled -Dlc-compliance=disabled -Dtest=false -Ddocumentation=disabled \
            -Dtracing=disabled -Dv4l2=disabled -Dandroid=disabled -Dlibdw=disabled -Dlibunwind=disabled \
            -Dpython.platlibdir="$cache/new/python" -Dpython.purelibdir="$cache/new/python"
    rm -rf "$cache/new"
    ninja -C "$objects" install
}

finish_if_built
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
finish_if_built

"$here/../install-packages.sh" dpkg-dev g++ gcc libc6-dev libcap-dev libevent-dev libgnutls28-dev libudev-dev \
    libyaml-dev libyuv-dev openssl pkgconf python3-dev >&2
if [ ! -d "$source" ]; then
    say "fetching libcamera's source"
    fetch
fi
version=$(sed -n "s/^ *version : '\(.*\)',/\1/p" "$source/meson.build" | head -n 1)
say "building libcamera $version (two minutes on two cores, the first time)"
mkdir -p "$objects"
if ! (build) >"$objects/log" 2>&1; then
    grep -E "error:|ERROR" "$objects/log" >&2 || tail -n 20 "$objects/log" >&2
    fail "libcamera $version does not build with the simulated camera (made for $tested): adapt tests/rig/imx477," \
        "or remove $cache to begin anew"
fi
echo "$version" >"$cache/new/complete"
mv "$cache/new" "$prefix"
say "libcamera $version with the simulated camera is in $prefix"
echo "$prefix"
