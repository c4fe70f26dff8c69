#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes sources that include several others: `unity_sources.py DIRECTORY LINES FILE...`

Most of a source's time goes into headers and the templates they make, so several sources in one
compilation take little more than one. Two of them must not both give one name to something of their
own (in an unnamed namespace, static, or a macro), nor may one use a name of others that its neighbour
gives to something of its own: such files come into different groups. Groups hold
about LINES lines, of one folder where possible, so that a change compiles little anew. Prints what to
compile in place of the FILEs; includes are relative, so that the compiler cache serves every checkout."""
import os
import re
import sys
from pathlib import Path

COMMENT_OR_STRING = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
MACRO = re.compile(r'^[ \t]*#[ \t]*define[ \t]+(\w+)', re.M)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\\n|\\.)*', re.M)
USING = re.compile(r'\b(?:using|namespace)\s[^;{}()]*;')
TYPE = re.compile(r'\b(?:struct|class|union|enum(?:\s+class|\s+struct)?|concept)\s+(\w+)[^;{}]*')
FUNCTION = re.compile(r'\b([A-Za-z_]\w*)\s*\(')
VALUE = re.compile(r'\b([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?:=(?!=)|;|\{\}\s*;)')
IDENTIFIER = re.compile(r'[A-Za-z_]\w*')
# May stand beside each other as often as one likes.
TESTING = re.compile(r'using (?:::)?testing::')

# Used by many, named by none.
GIVEN = {'TEST', 'TEST_F', 'TEST_P', 'INSTANTIATE_TEST_SUITE_P', 'tarn', 'std', 'alignas', 'decltype', 'noexcept',
         'static_assert', 'operator', 'default', 'delete'}


def flat(text: str) -> str:
    """`text` with what stands within braces left out."""
    out, depth = [], 0
    for piece in re.split(r'([{}])', text):
        if piece == '{':
            if depth == 0:
                out.append('{}')
            depth += 1
        elif piece == '}':
            depth -= 1
        elif depth == 0:
            out.append(piece)
    return ''.join(out)


def body(text: str, start: int) -> str:
    """What stands between the brace that ends before `start` and its partner."""
    depth = 1
    for brace in re.finditer(r'[{}]', text[start:]):
        depth += 1 if brace.group() == '{' else -1
        if depth == 0:
            return text[start:start + brace.start()]
    return text[start:]


def own_names(text: str, file: str) -> dict[str, str]:
    """Names that a source gives for itself, rather too many than one too few, with what they stand for where
    two sources may say the same."""
    names = {name: file for name in MACRO.findall(text)}
    text = DIRECTIVE.sub('', text)
    scopes = [flat(body(text, match.end())) for match in re.finditer(r'\bnamespace\s*\{', text)]
    scopes += re.findall(r'^static\s[^;{]*[;{(]', text, re.M)
    for scope in scopes:
        for using in USING.findall(scope):
            alias = re.match(r'\w+\s+(\w+)\s*=', using) or re.search(r'(\w+)\s*;', using)
            names[alias[1]] = ' '.join(using.split())
        scope = USING.sub(' ', scope)
        own = set(TYPE.findall(scope))
        scope = TYPE.sub(' ', scope)
        own.update(FUNCTION.findall(scope), VALUE.findall(scope))
        names.update((name, file) for name in own - GIVEN)
    return {name: meaning for name, meaning in names.items() if not TESTING.match(meaning)}


class Group:
    """Sources that are compiled as one."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.files: list[Path] = []
        self.lines = 0
        self.own: dict[str, str] = {}
        self.used: set[str] = set()

    def takes(self, own: dict[str, str], used: set[str]) -> bool:
        agree = all(self.own[name] == own[name] for name in self.own.keys() & own.keys())
        return agree and self.own.keys() & used <= own.keys() and own.keys() & self.used <= self.own.keys()

    def add(self, path: Path, lines: int, own: dict[str, str], used: set[str]) -> None:
        self.files.append(path)
        self.lines += lines
        self.own.update(own)
        self.used |= used


def groups(files: list[Path], lines_max: int) -> list[list[Path]]:
    """First fit, in the order of the paths, first among the groups of the same folder."""
    made: list[Group] = []
    for path in sorted(files):
        lines = path.read_text().count('\n')
        text = COMMENT_OR_STRING.sub(' ', path.read_text())
        own = own_names(text, path.name)
        used = set(IDENTIFIER.findall(DIRECTIVE.sub('', text)))
        fitting = [group for group in made if group.lines + lines <= lines_max and group.takes(own, used)]
        fitting.sort(key=lambda group: group.folder != path.parent)
        if not fitting:
            fitting = [Group(path.parent)]
            made += fitting
        fitting[0].add(path, lines, own, used)
    return [group.files for group in made]


def unity_source(directory: Path, number: int, group: list[Path]) -> Path:
    if len(group) == 1:
        return group[0]
    path = directory / f'{number}_{group[0].parent.name}.cc'
    # A class of one source may have members of its own types.
    lines = ['#pragma GCC diagnostic ignored "-Wsubobject-linkage"']
    lines += [f'#include "{os.path.relpath(source, directory)}"' for source in group]
    text = '\n'.join(lines) + '\n'
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return path


def main() -> None:
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    made = groups([Path(name) for name in sys.argv[3:]], int(sys.argv[2]))
    for number, group in enumerate(made):
        print(unity_source(directory, number, group))


if __name__ == '__main__':
    main()
