#!/bin/sh
# Install with apt, as root on Debian or Ubuntu, the programs without which some tests are skipped.
# Anywhere else it does nothing. A program that cannot be installed is one line on stderr, never a failure.
set -u
policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}

[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0
missing=
for program in zsh fish tmux pgbouncer; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

# PgBouncer's package starts a service unless this file forbids it. The tests start their own.
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
fi

apt() { DEBIAN_FRONTEND=noninteractive timeout 120 apt-get -qq -o DPkg::Lock::Timeout=30 "$@" </dev/null >/dev/null 2>&1; }

apt update
failed=
for program in $missing; do
    apt install -y --no-install-recommends "$program" || failed="$failed $program"
done
[ -z "$failed" ] || printf 'soundcheck: apt could not install%s; the tests that need it are skipped.\n' "$failed" >&2
exit 0
