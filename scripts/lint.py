#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what compilers and formatters do not: layers, sizes, names, licences, READMEs.

Usage: lint.py [ROOT]      exit status 1 with one line per finding; functions above the length
that is wished for are listed without failing until there are too many of them.
"""

import pathlib
import re
import subprocess
import sys

# From the top down; a folder may include itself and what its set names.
LAYERS = {
    "cli": {"server", "rest", "warehouse", "incremental", "sql", "capture", "provision", "lake",
            "table", "engine", "catalog", "iceberg", "storage", "base"},
    "server": {"warehouse", "rest", "incremental", "sql", "capture", "provision", "table", "engine",
               "catalog", "iceberg", "storage", "base"},
    "rest": {"warehouse", "incremental", "sql", "capture", "provision", "table", "engine", "catalog",
             "iceberg", "storage", "base"},
    "warehouse": {"incremental", "sql", "capture", "provision", "table", "engine", "catalog",
                  "iceberg", "storage", "base"},
    "incremental": {"sql", "table", "engine", "catalog", "iceberg", "storage", "base"},
    "sql": {"engine", "iceberg", "storage", "base"},
    "capture": {"table", "engine", "catalog", "iceberg", "storage", "base"},
    "provision": {"base"},
    "lake": {"table", "engine", "catalog", "iceberg", "storage", "base"},
    "table": {"engine", "catalog", "iceberg", "storage", "base"},
    "engine": {"iceberg", "storage", "base"},
    "catalog": {"iceberg", "storage", "base"},
    "iceberg": {"storage", "base"},
    "storage": {"base"},
    "base": set(),
}
SOURCE_SUFFIXES = {".h", ".cc", ".py", ".sh", ".cmake", ".sql"}
CODE_SUFFIXES = {".h", ".cc"}
FILE_LINES_MAX = 1000
FUNCTION_LINES_WISHED = 70
LONG_FUNCTIONS_MAX = 12
BANNED_NAMES = {"util", "utils", "common", "helper", "helpers", "misc", "types"}
# Written in parts, so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:" + "|".join(["work", "home/\\w+", "root", "Users"]) +
                          r")/[\w.]")
MACHINE_PATH_ALLOWED = {"scripts/lint.py", "tests/lint/test_lint.py"}
# Packages come by name through their registry's own client, which knows where the user's mirror is. Names
# and endings stand apart, so that this file does not find itself.
REGISTRY_HOST = re.compile(
    r"(?<![\w-])(?:[\w-]+\.)*(?:" +
    "|".join(["npmjs", "yarnpkg", "pypi", "pythonhosted", "sonatype", "mvnrepository", "crates",
              r"repo\d?\.maven(?:\.apache)?", r"(?:proxy|sum)\.golang", "rubygems", "docker",
              r"(?:deb|ftp|security|snapshot)\.debian", "quay", "ghcr", "conda"]) +
    r")\.(?:org|com|io|dev|net)(?![\w-])")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
POSTGRES_HEADERS = re.compile(
    r"^(postgres\.h|postgres_fe\.h|fmgr\.h|libpq-fe\.h|c\.h|"
    r"(access|catalog|commands|executor|nodes|optimizer|storage|utils|miscadmin|tcop|libpq)/\w+\.h)$")

# Who is a client of PostgreSQL servers.
LIBPQ_ALLOWED = {("cli", "libpq-fe.h"), ("provision", "libpq-fe.h"), ("capture", "libpq-fe.h")}


def tracked_files(root):
    """Files that git knows or would add; every file where ROOT is no repository."""
    try:
        out = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout.decode()
        names = [name for name in out.split("\0") if name]
    except (subprocess.CalledProcessError, FileNotFoundError):
        names = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
    return sorted(name for name in names if (root / name).is_file())


def layer_of(name):
    parts = name.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def check_includes(root, name, text):
    layer = layer_of(name)
    in_extension = name.startswith("extension/")
    for match in INCLUDE.finditer(text):
        quote, target = match.groups()
        line = text.count("\n", 0, match.start(2)) + 1
        first = target.split("/")[0]
        if (first == "duckdb" or target == "duckdb.hpp") and layer != "engine":
            yield f'{name}:{line}: only src/engine may include "{target}"'
        if layer and quote == '"' and "/" in target and first in LAYERS:
            if first != layer and first not in LAYERS.get(layer, set()):
                yield f'{name}:{line}: src/{layer} may not include "{target}" from a layer above it'
        elif layer and POSTGRES_HEADERS.match(target) and \
                (layer, target) not in LIBPQ_ALLOWED:
            yield f'{name}:{line}: only extension/ may include PostgreSQL\'s "{target}"'
        if in_extension and first in LAYERS and not target.startswith(("base/", "lake/wire")):
            # PostgreSQL has a folder storage/ too; its headers do not stand under src/.
            if (root / "src" / target).exists():
                yield f'{name}:{line}: extension/ may include base/ and lake/wire*.h, not "{target}"'


def check_layer_known(name):
    layer = layer_of(name)
    if layer and layer not in LAYERS:
        yield f"{name}: src/{layer} is not a layer; add it to LAYERS with what it may include"


def check_names(name):
    for part in pathlib.PurePosixPath(name).parts:
        stem = part.split(".")[0]
        words = set(re.split(r"[_-]", stem))
        if words & BANNED_NAMES and not re.fullmatch(r"types\.md", part):
            yield f"{name}: {part} says nothing of what it holds; name the concept"
            return


def check_text(name, text):
    suffix = pathlib.PurePosixPath(name).suffix
    lines = text.splitlines()
    if suffix in SOURCE_SUFFIXES:
        if len(lines) > FILE_LINES_MAX:
            yield f"{name}: {len(lines)} lines, the limit is {FILE_LINES_MAX}"
        if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(lines[:2]):
            yield f"{name}: its first lines carry no SPDX-License-Identifier"
    if suffix == ".h" and "#pragma once" not in text:
        yield f"{name}: no #pragma once"
    for number, line in enumerate(lines, 1):
        if found := REGISTRY_HOST.search(line):
            yield (f"{name}:{number}: the registry's host {found[0]}; "
                   "name a package to its client instead")
    if name not in MACHINE_PATH_ALLOWED:
        for number, line in enumerate(lines, 1):
            if MACHINE_PATH.search(line):
                yield f"{name}:{number}: an absolute path of one machine"


def check_readmes(root, names):
    folders = {name.split("/")[0] for name in names if "/" in name}
    folders = {f for f in folders if not f.startswith(".")}
    for folder in sorted(folders):
        if f"{folder}/README.md" not in names:
            yield f"{folder}/: no README.md"
    for parent in sorted(folders & {"src", "tests", "docs", "examples"}):
        readme = root / parent / "README.md"
        text = readme.read_text() if readme.exists() else ""
        for child in sorted({n.split("/")[1] for n in names
                             if n.startswith(parent + "/") and n.count("/") > 1}):
            if not re.search(rf"^.*`{re.escape(child)}/?`.*\w", text, re.M):
                yield f"{parent}/README.md: no line for `{child}`"


def blocks(lines, first, last, indent):
    """(start, end, close) of each braced block whose first and last line stand at this indent: in
    formatted code these are functions (closed by "}") and classes or tables (closed by "};")."""
    start = None
    for number in range(first, last):
        line = lines[number]
        text = line.strip()
        if not text or len(line) - len(line.lstrip()) != indent:
            continue
        if text.startswith("}"):
            if start is not None:
                yield start, number, text
            start = None
        elif re.match(r"(//|#|/\*|namespace\b|extern \"C\" \{|TEST)", text) or text.endswith(";"):
            start = None
        elif start is None:
            start = number


def long_functions(name, text):
    lines = text.splitlines()

    def walk(first, last, indent):
        for start, end, close in blocks(lines, first, last, indent):
            if close.startswith("};"):
                yield from walk(start + 1, end, indent + 2)
            elif end - start > FUNCTION_LINES_WISHED:
                yield f"{name}:{start + 1}: {end - start} lines: {lines[start].strip()[:70]}"

    return walk(0, len(lines), 0)


def run(root):
    names = tracked_files(root)
    findings, long_ones = [], []
    for name in names:
        if name.startswith((".deps/", ".build/", "build/")):
            continue
        findings += check_names(name)
        findings += check_layer_known(name)
        try:
            text = (root / name).read_text()
        except UnicodeDecodeError:
            continue
        findings += check_text(name, text)
        if pathlib.PurePosixPath(name).suffix in CODE_SUFFIXES:
            findings += check_includes(root, name, text)
            if not name.endswith("_test.cc"):
                long_ones += long_functions(name, text)
    findings += check_readmes(root, set(names))
    if len(long_ones) > LONG_FUNCTIONS_MAX:
        findings.append(f"{len(long_ones)} functions above {FUNCTION_LINES_WISHED} lines, "
                        f"the limit is {LONG_FUNCTIONS_MAX}")
    return findings, long_ones


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    findings, long_ones = run(root.resolve())
    for line in long_ones:
        print(f"note: {line}")
    for line in findings:
        print(line)
    print(f"lint: {len(findings)} findings, {len(long_ones)} long functions")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
