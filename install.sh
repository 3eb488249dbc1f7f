#!/usr/bin/env bash
# Installs hqcam on Raspberry Pi OS 64-bit (Bookworm or newer) as a service; running it again updates it.
#
# Everything that hqcam needs comes from apt. pip adds hqcam alone, without an index: it checks the versions that the
# system has, and cannot replace any of them (another numpy than the system's breaks picamera2). Peaking and zebras are compiled.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: sudo ./install.sh [--user NAME] [--port N] [--no-service] [--dry-run]
       sudo ./install.sh --uninstall [--dry-run]

  --user NAME    who owns the pictures and runs the service (default: who called sudo)
  --port N       port of the viewfinder (default 8000)
  --no-service   only the command; nothing is started when the Pi starts
  --uninstall    remove hqcam; pictures and settings stay
  --dry-run      show what would be done, and do nothing
USAGE
}

root=${DESTDIR:-}
prefix=/opt/hqcam
unit=/etc/systemd/system/hqcam.service
link=/usr/local/bin/hqcam
packages=(python3-picamera2 python3-numpy python3-flask python3-click python3-rich python3-pil
    python3-segno python3-markdown-it python3-zipstream-ng python3-venv python3-pip python3-hatchling gcc libc6-dev)
user=${SUDO_USER:-$(id -un)}
port=8000
service=yes
action=install
dry=

# What was found; what to do; exit code 2 for a wrong option, else 1.
refuse() {
    printf 'error: %s\n  hint: %s\n' "$1" "$2" >&2
    exit "${3:-1}"
}

step() { printf '\n== %s\n' "$*"; }

run() {
    if [ "$dry" ]; then
        printf '+ %s\n' "$*"
    else
        "$@"
    fi
}

while [ $# -gt 0 ]; do
    case $1 in
    --user | --port)
        [ $# -gt 1 ] || refuse "$1 needs a value" "./install.sh --help" 2
        case $1 in --user) user=$2 ;; --port) port=$2 ;; esac
        shift
        ;;
    --no-service) service= ;;
    --uninstall) action=uninstall ;;
    --dry-run) dry=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) refuse "unknown option $1" "./install.sh --help" 2 ;;
    esac
    shift
done

check_caller() {
    [ "$(id -u)" = 0 ] || [ "$dry" ] || refuse "installing needs root" "sudo ./install.sh"
    if [ -e "$root$prefix" ] && [ ! -f "$root$prefix/pyvenv.cfg" ]; then
        refuse "$prefix exists and is not an installation of hqcam" "move it away, then start again"
    fi
}

check_options() {
    if ! [[ $port =~ ^[0-9]{4,5}$ ]] || ((port < 1024 || port > 65535)); then
        refuse "port $port" "give a port from 1024 to 65535" 2
    fi
    [ "$user" != root ] ||
        refuse "hqcam does not run as root, and it is not known who will own the pictures" "./install.sh --user NAME" 2
    id -u "$user" >/dev/null 2>&1 || refuse "there is no user $user" "give one of this system's users with --user NAME" 2
}

check_system() {
    local architecture
    architecture=$(dpkg --print-architecture 2>/dev/null) ||
        refuse "this is not Raspberry Pi OS" "on other systems: make run shows the simulated camera"
    case $architecture in
    arm64) ;;
    armhf | armel) refuse "this is a 32-bit system ($architecture)" "install Raspberry Pi OS 64-bit with Raspberry Pi Imager" ;;
    *) refuse "this is not a Raspberry Pi ($architecture)" "on other machines: make run shows the simulated camera" ;;
    esac
    python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' ||
        refuse "this system has $(python3 --version 2>&1); hqcam needs Python 3.11 to 3.13" \
            "install Raspberry Pi OS 64-bit, Bookworm or Trixie, with Raspberry Pi Imager"
}

check_packages() {
    local unknown="" package
    for package in "${packages[@]}"; do
        apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || unknown="$unknown $package"
    done
    [ -z "$unknown" ] ||
        refuse "apt does not know:$unknown" "hqcam is made for Raspberry Pi OS: check its package sources and the network"
}

unit_text() {
    cat <<UNIT
[Unit]
Description=hqcam viewfinder
After=network.target

[Service]
User=$user
SupplementaryGroups=video
# HQCAM_ALLOW_HOSTS, HQCAM_BASE_PATH and HQCAM_TRUSTED_PROXIES, a line each: NAME="value value"
EnvironmentFile=-/etc/default/hqcam
ExecStart=$prefix/bin/hqcam serve --host 0.0.0.0 --port $port
Restart=on-failure
RestartSec=5
# Wrong options do not become right by trying again.
RestartPreventExitStatus=2
TimeoutStopSec=10
NoNewPrivileges=yes
ProtectSystem=full
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
UNIT
}

write_unit() {
    if [ "$dry" ]; then
        printf '+ write %s:\n' "$unit"
        unit_text | sed 's/^./    &/'
    else
        mkdir -p "$root${unit%/*}"
        unit_text >"$root$unit.new"
        mv "$root$unit.new" "$root$unit"
    fi
}

start_service() {
    step "Starting the service, now and whenever the Pi starts"
    write_unit
    run systemctl daemon-reload
    run systemctl enable --quiet hqcam.service
    run systemctl restart hqcam.service
}

# The first answer takes some seconds on a small Pi.
show_address() {
    local attempt
    for attempt in 1 2 3 4 5 6; do
        if runuser -u "$user" -- "$root$prefix/bin/hqcam" address --port "$port" 2>/dev/null; then
            echo "Open it on the phone, or scan the code. Later: hqcam address"
            return
        fi
        [ "$attempt" = 6 ] || sleep 5
    done
    echo "The viewfinder does not answer yet. See why: journalctl -u hqcam -e"
}

install_hqcam() {
    local source
    source=$(cd "$(dirname "$0")" && pwd)
    check_options
    check_system
    step "Packages of the system (apt)"
    run apt-get update -q
    check_packages
    run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends --no-upgrade "${packages[@]}"

    step "hqcam in $prefix"
    [ ! -f "$root$unit" ] || run systemctl stop --quiet hqcam.service
    run python3 -m venv --clear --without-pip --system-site-packages "$root$prefix"
    run "$root$prefix/bin/python" -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
        --no-index --no-build-isolation "$source"
    run mkdir -p "$root${link%/*}"
    run ln -sfn "$prefix/bin/hqcam" "$root$link"
    run "$root$prefix/bin/hqcam" --version

    step "Can this machine be the camera?"
    run runuser -u "$user" -- "$root$prefix/bin/hqcam" doctor --no-write ||
        echo "hqcam is installed, but the camera is not ready: do what is said above."
    if [ "$service" ]; then
        start_service
        [ "$dry" ] || show_address
    else
        remove_service
    fi
}

remove_service() {
    [ -f "$root$unit" ] || return 0
    run systemctl disable --quiet --now hqcam.service
    run rm -f "$root$unit"
    run systemctl daemon-reload
}

uninstall_hqcam() {
    step "Removing hqcam"
    remove_service
    run rm -f "$root$link"
    run rm -rf "$root$prefix"
    echo "Pictures and settings stay (by default in ~/Pictures/hqcam and ~/.config/hqcam), and so do apt's packages."
}

check_caller
"${action}_hqcam"
