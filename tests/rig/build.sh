#!/usr/bin/env bash
# Builds libcamera from Debian's source package with our simulated IMX477 in it, once per machine; the prefix's path is
# the last line printed. Cached outside the tree; a change of the handler, of this script or of Python builds anew.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
tested="0.7.2"
cache=${HQCAM_RIG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hqcam-rig}
key=$(cat "$here/imx477.cpp" "$here/build.sh" <("$python" -VV) | sha256sum | cut -c1-16)
prefix=$cache/$key

say() { echo "rig: $*" >&2; }

if [ -f "$prefix/complete" ]; then
    echo "$prefix"
    exit 0
fi
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ -f "$prefix/complete" ]; then
    echo "$prefix"
    exit 0
fi

"$here/../install-packages.sh" dpkg-dev g++ gcc libc6-dev libcap-dev libevent-dev libgnutls28-dev libudev-dev \
    libyaml-dev openssl pkgconf >&2

# The newest libcamera is in sid; its source needs nothing of sid to build. The mirror is the one apt already uses.
work=$cache/work
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | sort -u | head -n 1)
if [ -z "$mirror" ]; then
    say "apt knows no Debian mirror on this machine; run apt-get update, or add one to its sources"
    exit 1
fi
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb-src [signed-by=$keyring] $mirror sid main" >"$work/sources.list"
apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::Lists=$work/lists"
    -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
say "fetching libcamera's source"
"${apt[@]}" update >&2
(cd "$work" && "${apt[@]}" source --only-source libcamera >&2)
source=$(find "$work" -maxdepth 1 -type d -name 'libcamera-*')
version=${source##*-}

say "building libcamera $version (two minutes on two cores)"
"$python" -m venv "$work/tools"
"$work/tools/bin/python" -m pip install --quiet --disable-pip-version-check meson ninja jinja2 ply pyyaml pybind11 >&2
export PATH=$work/tools/bin:$PATH
PKG_CONFIG_PATH=$(python -m pybind11 --pkgconfigdir)
export PKG_CONFIG_PATH
virtual=$source/src/libcamera/pipeline/virtual
cp "$here/imx477.cpp" "$virtual/"
echo "libcamera_internal_sources += files(['imx477.cpp'])" >"$virtual/meson.build"
if ! {
    meson setup "$work/build" "$source" --prefix="$work/prefix" --libdir=lib --buildtype=release --strip \
        --wrap-mode=nodownload -Dwerror=false -Dpipelines=virtual -Dipas= -Dpycamera=enabled -Dcam=disabled \
        -Dqcam=disabled -Dgstreamer=disabled -Dlc-compliance=disabled -Dtest=false -Ddocumentation=disabled \
        -Dtracing=disabled -Dv4l2=disabled -Dandroid=disabled -Dlibdw=disabled -Dlibunwind=disabled \
        -Dpython.platlibdir="$work/prefix/python" -Dpython.purelibdir="$work/prefix/python" &&
        ninja -C "$work/build" install
} >"$work/build.log" 2>&1; then
    grep -E "error:|ERROR" "$work/build.log" >&2 || tail -n 20 "$work/build.log" >&2
    say "libcamera $version does not build with the simulated camera (made for $tested): adapt tests/rig/imx477.cpp"
    exit 1
fi
rm -rf "$prefix"
echo "$version" >"$work/prefix/complete"
mv "$work/prefix" "$prefix"
rm -rf "$work"
say "libcamera $version with the simulated camera is in $prefix"
echo "$prefix"
