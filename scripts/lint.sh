#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Layers, sizes, names (scripts/lint.py), the pages that are made from tests, the types of console/, then the formatting of every C++ file.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python3 "$here/lint.py"
python3 "$here/interop_table.py" --check
python3 "$here/sql_reference.py" --check
"$here/build-console.sh" check
"$here/format.sh" check
