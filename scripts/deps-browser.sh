#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what tests/browser drives the dashboard with: Debian's Chromium, and Playwright's client beside pytest
# ($DEPS/venv). Playwright's own browsers are not fetched.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/deps-folder.sh"
lock_deps

"$here/system-packages.sh" browser
if "$DEPS/venv/bin/python" -c "import importlib.metadata as m; assert m.version('playwright') == '$PLAYWRIGHT_VERSION'" \
  2>/dev/null; then
  exit 0
fi
step "installing Playwright $PLAYWRIGHT_VERSION"
quietly "$DEPS/uv/bin/uv" pip install --python "$DEPS/venv/bin/python" "playwright==$PLAYWRIGHT_VERSION"
