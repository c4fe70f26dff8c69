#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over the files of src/ and extension/. Usage: tidy.sh BUILD_DIR [FILE...]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
cd "$here/.."
build=$1
shift
"$here/deps.sh" tests
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(git ls-files -- 'src/*.cc' 'extension/*.cc')
fi
# clang cannot read g++'s precompiled headers: the flags that name them are dropped.
database=$(mktemp -d)
trap 'rm -rf "$database"' EXIT
sed -E 's# -Winvalid-pch##g; s# -include [^ ]*cmake_pch.hxx##g' "$build/compile_commands.json" \
  >"$database/compile_commands.json"
step "clang-tidy: ${#files[@]} files"
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" .deps/venv/bin/clang-tidy -p "$database" --quiet --extra-arg=-Wno-everything
