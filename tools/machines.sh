#!/bin/sh
# Both commands, `make run` and `make test`, on bare Debian machines: `tools/machines.sh [SUITE …]`.
# Debian 12, 13 and testing, each as root (in /root, mode 0700) and as a user, with user namespaces and without. The
# last lines are the table that stands in CONTRIBUTING. Needs root and debootstrap; the machines are kept in .machines,
# or in the folder that MACHINES names. COMMANDS="make run" leaves the tests out.
# DEBIAN_MIRROR names another mirror, MACHINES_BIND folders that a machine sees as they are here (certificates, wheels);
# pip, npm and proxies are configured by the variables that are set here.
set -u
cd "$(dirname "$0")/.." || exit 4
checkout=$PWD
places=${MACHINES:-$checkout/.machines}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
commands=${COMMANDS:-make run && make test}

stop() { printf 'soundcheck: %s\n' "$1" >&2; exit 4; }

[ "$(id -u)" = 0 ] || stop "machines are made by root. Run: sudo make machines"
command -v debootstrap >/dev/null || stop "debootstrap is not installed. Run: apt install debootstrap"
mkdir -p "$places/logs" || exit 4

# What a newcomer has: Python with venv, make, git for the checkout, and the certificates of the registries.
make_machine() {
    [ -e "$places/$1/made" ] && return
    rm -rf "${places:?}/$1"
    # A debootstrap that is older than a release does not know its name; all of them are made as `sid` is.
    script=/usr/share/debootstrap/scripts/$1
    [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
    debootstrap --variant=minbase --include=python3,python3-venv,make,git,ca-certificates \
        "$1" "$places/$1" "$mirror" "$script" >"$places/logs/$1.debootstrap" 2>&1 ||
        stop "$1 could not be made; see $places/logs/$1.debootstrap"
    chroot "$places/$1" useradd --create-home --shell /bin/sh someone
    : >"$places/$1/made"
}

# Runs in a mount and a process namespace of its own: whatever it starts ends with it. A process below a chroot may make
# no user namespace; one whose root is the root of its mounts may.
enter='
root=$1 person=$2 spaces=$3 commands=$4
mount --bind "$root" "$root"
for place in /dev ${MACHINES_BIND:-}; do mkdir -p "$root$place" && mount --rbind "$place" "$root$place"; done
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
cat /etc/resolv.conf >"$root/etc/resolv.conf"
home=$(sed -n "s/^$person:.*:\(.*\):[^:]*$/\1/p" "$root/etc/passwd")
inside="cd $home/soundcheck && export HOME=$home && $commands"
cd "$root"
if [ "$spaces" = with ]; then
    mkdir -p before && pivot_root . before && umount -l /before && exec su "$person" -s /bin/sh -c "$inside"
fi
exec chroot "$root" su "$person" -s /bin/sh -c "$inside"
'

run_one() { # suite, person, with or without user namespaces
    root=$places/$1 log=$places/logs/$1-$2-$3.log
    home=$(sed -n "s/^$2:.*:\(.*\):[^:]*$/\1/p" "$root/etc/passwd")
    find "$root$home" -mindepth 1 -delete
    [ "$2" != root ] || chmod 700 "$root$home"
    git clone -q "$checkout" "$root$home/soundcheck" || exit 4
    chroot "$root" chown -R "$2" "$home"
    began=$(date +%s)
    unshare --mount --pid --fork --kill-child --propagation private \
        sh -uc "$enter" machine "$root" "$2" "$3" "$commands" </dev/null >"$log" 2>&1
    code=$?
    took=$(($(date +%s) - began))
    python=$(chroot "$root" python3 -c 'import platform; print(platform.python_version())')
    said=$(grep -aE '(passed|failed).* in [0-9]' "$log" | tail -n 1 | tr -d '=' | sed 's/^ *//; s/ *$//')
    [ "$code" = 0 ] && result=passed || result="failed ($code)"
    printf '| %s | %s | %s | %s | %s, %d:%02d | %s |\n' \
        "$1" "$python" "$2" "$3" "$result" $((took / 60)) $((took % 60)) "${said:-–}" | tee -a "$table"
    [ "$code" = 0 ]
}

table=$places/table.md
printf '| Debian | Python | as | user namespaces | `%s` | tests |\n|---|---|---|---|---|---|\n' "$commands" | tee "$table"
failed=0
for suite in ${*:-bookworm trixie forky}; do
    make_machine "$suite"
    for person in root someone; do
        for spaces in with without; do
            run_one "$suite" "$person" "$spaces" || failed=1
        done
    done
done
exit $failed
