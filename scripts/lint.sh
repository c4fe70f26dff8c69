#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Layers, sizes, names (scripts/lint.py), then the formatting of every C++ file.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python3 "$here/lint.py"
"$here/format.sh" check
