#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/use/interoperability.md of the markers `shows` in tests/interop and tests/rest: who reads and writes whose tables, with
the test that shows it. Usage: interop_table.py [--check]"""

import ast
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/use/interoperability.md"
INTRODUCTION = """# Who reads and writes what

Each line is a test of tests/interop or tests/rest, which run with `make test`: rows are compared one by one with what the writer, or
PostgreSQL, holds. What is not here is not shown. This page is made from the tests by `scripts/interop_table.py`.
"""


def markers(path):
    """(engine, direction, what, test) of every marker in a file, in its order."""
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.shows":
                yield (*(ast.literal_eval(argument) for argument in decorator.args), f"{path.name}::{node.name}")


def page():
    lines = [marker for folder in ("interop", "rest") for path in sorted((ROOT / "tests" / folder).glob("test_*.py"))
             for marker in markers(path)]
    text = INTRODUCTION
    for engine in sorted({line[0] for line in lines}):
        text += f"\n## {engine}\n\n| direction | what | shown by |\n|---|---|---|\n"
        for _, direction, what, test in sorted(line for line in lines if line[0] == engine):
            text += f"| {direction} | {what} | `{test}` |\n"
    return text


def main():
    if sys.argv[1:] == ["--check"]:
        if not PAGE.exists() or PAGE.read_text() != page():
            print(f"{PAGE.relative_to(ROOT)} does not agree with the tests\nHINT:  Run: scripts/interop_table.py")
            return 1
        return 0
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
