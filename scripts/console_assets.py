#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a source of the files of a built page: `console_assets.py DIST OUT`

OUT/assets.cc defines server/dashboard/asset.h's Assets(). The files are compressed and come in through the
assembler, which takes bytes as they are; the source names each by its content's hash, and is written only
where something has changed."""
import gzip
import hashlib
import pathlib
import sys

CONTENT_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
                 ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
SOURCE = """// SPDX-License-Identifier: Apache-2.0
// Made by scripts/console_assets.py.
#include "server/dashboard/asset.h"

#include <array>

{bytes}
namespace tarn::server::dashboard {{
namespace {{

std::string_view Between(const char* begin, const char* end) {{
  return {{begin, static_cast<size_t>(end - begin)}};
}}

}}  // namespace

std::span<const Asset> Assets() {{
  static const std::array<Asset, {count}> assets = {{{{
{entries}
  }}}};
  return assets;
}}

}}  // namespace tarn::server::dashboard
"""
BYTES = """asm(".section .rodata\\n.balign 8\\n.global {name}\\n.hidden {name}\\n{name}:\\n.incbin \\"{file}\\"\\n"
    ".global {name}_end\\n.hidden {name}_end\\n{name}_end:\\n.byte 0\\n.previous");
extern "C" const char {name}[], {name}_end[];
"""
ENTRY = """      Asset{{.path = "{path}",
            .content_type = "{content_type}",
            .etag = "\\"{digest}\\"",
            .gzipped = Between({name}, {name}_end)}},"""


def write_if_changed(path, content):
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def main():
    dist, out = map(pathlib.Path, sys.argv[1:])
    packed = out / "packed"
    packed.mkdir(parents=True, exist_ok=True)
    made, entries, kept = [], [], set()
    for number, file in enumerate(sorted((each for each in dist.rglob("*") if each.is_file()),
                                         key=lambda each: each.relative_to(dist).as_posix())):
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:32]
        target = packed / f"{digest}.gz"
        write_if_changed(target, gzip.compress(content, 9, mtime=0))
        kept.add(target)
        name = f"tarn_console_{number}"
        made.append(BYTES.format(name=name, file=target))
        entries.append(ENTRY.format(path=file.relative_to(dist).as_posix(), name=name, digest=digest,
                                    content_type=CONTENT_TYPES[file.suffix]))
    for old in set(packed.iterdir()) - kept:
        old.unlink()
    write_if_changed(out / "assets.cc", SOURCE.format(bytes="".join(made), count=len(entries),
                                                      entries="\n".join(entries)).encode())


main()
