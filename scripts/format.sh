#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formats every C++ file, or checks that nothing would change. Usage: format.sh write|check [FILE...]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
cd "$here/.."
formatter=${DEPS:-.deps}/venv/bin/clang-format
[ -x "$formatter" ] || "$here/deps.sh" tests
mode=$1
shift
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  while IFS= read -r file; do
    if [ -f "$file" ]; then files+=("$file"); fi
  done < <(git ls-files --cached --others --exclude-standard -- '*.cc' '*.h')
fi
if [ ${#files[@]} -eq 0 ]; then exit 0; fi
if [ "$mode" = write ]; then
  "$formatter" -i "${files[@]}"
else
  "$formatter" --dry-run --Werror "${files[@]}" ||
    fail "some files are not formatted" "Run: make format"
  echo "format: ${#files[@]} files"
fi
