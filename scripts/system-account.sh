#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Run by root, makes the account that PostgreSQL runs as: PostgreSQL refuses to run as root.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
[ "$(id -u)" = 0 ] || exit 0
account=tarn home=/var/lib/tarn
if ! getent passwd "$account" >/dev/null; then
  step "creating the system account $account"
  useradd --system --user-group --home-dir "$home" --shell /usr/sbin/nologin "$account"
fi
if [ ! -d "$home" ]; then install -d -m 755 -o "$account" -g "$account" "$home"; fi
