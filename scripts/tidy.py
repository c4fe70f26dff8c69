#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over src/ and extension/, for no longer than what changed takes.

Usage: tidy.py BUILD_DIR [FILE...]      exit status 1 with clang-tidy's findings, each once

A file that was clean is looked at again only when it, a header of ours that it reaches, its flags, the
configuration or a pinned version changes. Files of one module are checked joined into one, since
reading DuckDB's and PostgreSQL's headers takes most of the time; where anything is found (joined files may
clash, too) the halves are checked, down to the single file, whose findings count.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS", ROOT / ".deps"))
CLEAN = ROOT / ".build" / "tidy.json"
JOINED_MAX = 16
# A test may seed its randomness, hold constants that could throw, and copy.
TESTS_CHECKS = ("-bugprone-throwing-static-initialization,-bugprone-random-generator-seed,"
                "-bugprone-string-constructor,-performance-*")
# What stands at the margin between `namespace {` and its end, as clang-format writes it.
HIDDEN = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.M | re.S)
HIDDEN_NAME = re.compile(r"^[A-Za-z][^\n=({;]*?\b(\w+)\s*(?:[=({;\[]|$)", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
# clang cannot read g++'s precompiled headers.
NOT_CLANGS = re.compile(r" -Winvalid-pch| -include [^ ]*cmake_pch\.hxx")


def sources(names):
    if names:
        return names
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "--",
         "src/*.cc", "extension/*.cc"], check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split() if (ROOT / name).is_file()]


def commands(build):
    """The compiler's arguments by file, without the file, its object and what clang doesn't know."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        arguments = shlex.split(NOT_CLANGS.sub("", entry["command"]))
        end = arguments.index("-o") if "-o" in arguments else arguments.index("-c")
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(ROOT):
            found.setdefault(str(path.relative_to(ROOT)), (entry["directory"], tuple(arguments[:end])))
    return found


class Digests:
    """What a file's findings depend on, as one number."""

    def __init__(self):
        self.reached = {}
        self.ground = b"".join((ROOT / name).read_bytes() for name in
                               (".clang-tidy", "scripts/pins.sh", "scripts/tidy.py"))

    def includes(self, name):
        if name not in self.reached:
            targets = INCLUDE.findall((ROOT / name).read_text(errors="replace"))
            self.reached[name] = [folder + target for target in targets
                                  for folder in ("src/", "extension/") if (ROOT / folder / target).is_file()]
        return self.reached[name]

    def of(self, name, arguments):
        seen, waiting = {name}, [name]
        while waiting:
            new = set(self.includes(waiting.pop())) - seen
            seen |= new
            waiting += new
        digest = hashlib.sha256(self.ground)
        digest.update(" ".join(arguments).replace(str(ROOT), "").encode())
        for each in sorted(seen):
            digest.update(each.encode() + (ROOT / each).read_bytes())
        return digest.hexdigest()


def run_clang_tidy(directory, arguments, file, is_test, scratch):
    database = tempfile.mkdtemp(dir=scratch)
    pathlib.Path(database, "compile_commands.json").write_text(json.dumps(
        [{"directory": directory, "file": str(file), "arguments": [*arguments, "-c", str(file)]}]))
    done = subprocess.run(
        [str(DEPS / "venv/bin/clang-tidy"), "-p", database, "--quiet", f"--config-file={ROOT}/.clang-tidy",
         *([f"--checks={TESTS_CHECKS}"] if is_test else []), "--extra-arg=-Wno-everything", str(file)], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def check(names, directory, arguments, scratch):
    """(file, clang-tidy's output or None where it is clean) for each."""
    is_test = names[0].endswith("_test.cc")
    if len(names) > 1:
        joined = pathlib.Path(tempfile.mkdtemp(dir=scratch), "joined.cc")
        joined.write_text("\n".join((ROOT / name).read_text() for name in names))
        if run_clang_tidy(directory, arguments, joined, is_test, scratch)[0]:
            return [(name, None) for name in names]
        half = len(names) // 2
        return (check(names[:half], directory, arguments, scratch) +
                check(names[half:], directory, arguments, scratch))
    clean, output = run_clang_tidy(directory, arguments, ROOT / names[0], is_test, scratch)
    return [(names[0], None if clean else output)]


def hidden_names(name):
    text = (ROOT / name).read_text()
    return {found for region in HIDDEN.findall(text) for found in HIDDEN_NAME.findall(region)}


def batches(names, known):
    """Files of the same flags, none with a hidden name of another in its batch."""
    groups = {}
    for name in names:
        key = known[name], name.endswith("_test.cc")
        groups.setdefault(key, []).append((name, hidden_names(name)))
    for ((directory, arguments), _), group in groups.items():
        open_batches = []
        for name, hidden in group:
            for batch, taken in open_batches:
                if len(batch) < JOINED_MAX and not taken & hidden:
                    batch.append(name)
                    taken |= hidden
                    break
            else:
                open_batches.append(([name], set(hidden)))
        for batch, _ in open_batches:
            yield batch, directory, arguments


def findings_of(output):
    """Each finding with its lines of source; not how many there were."""
    found, current = [], None
    for line in output.splitlines():
        if re.match(r"\S+:\d+:\d+: (error|warning): ", line) or line.startswith("error: "):
            current = [line]
            found.append(current)
        elif current is not None and re.match(r"\S+:\d+:\d+: note: |\s+\d* *\|", line):
            current.append(line)
        else:
            current = None
    return ["\n".join(lines).replace(f"{ROOT}/", "") for lines in found] or [output]


def main():
    build = pathlib.Path(sys.argv[1])
    names, known = sources(sys.argv[2:]), commands(build)
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"{build} does not compile {', '.join(unknown)}: configure it anew, or remove the files")
        return 1
    clean = json.loads(CLEAN.read_text()) if CLEAN.exists() else {}
    digests = Digests()
    digest = {name: digests.of(name, known[name][1]) for name in names}
    changed = [name for name in names if clean.get(name) != digest[name]]
    findings, done = {}, 0
    with tempfile.TemporaryDirectory() as scratch, \
            concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count()))) as pool:
        running = [pool.submit(check, *batch, scratch) for batch in batches(changed, known)]
        for batch in concurrent.futures.as_completed(running):
            for name, output in batch.result():
                done += 1
                if output is None:
                    clean[name] = digest[name]
                else:
                    findings.update(dict.fromkeys(findings_of(output)))
            CLEAN.parent.mkdir(exist_ok=True)
            CLEAN.write_text(json.dumps(clean, indent=0))
            print(f"    clang-tidy: {done} of {len(changed)} changed files", flush=True)
    for finding in findings:
        print(finding)
    print(f"clang-tidy: {len(findings)} findings, {len(changed)} of {len(names)} files had changed")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
