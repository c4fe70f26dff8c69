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
INCLUDED = re.compile(r'^#include "(.*)"$', re.M)
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


class Source:
    def __init__(self, path: Path):
        self.path = path
        text = path.read_text()
        self.lines = text.count('\n')
        text = COMMENT_OR_STRING.sub(' ', text)
        self.own = own_names(text, path.name)
        self.used = set(IDENTIFIER.findall(DIRECTIVE.sub('', text)))


class Group:
    """Sources that are compiled as one."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.files: list[Path] = []
        self.lines = 0
        self.own: dict[str, str] = {}
        self.used: set[str] = set()

    def takes(self, source: Source) -> bool:
        own, used = source.own, source.used
        agree = all(self.own[name] == own[name] for name in self.own.keys() & own.keys())
        return agree and self.own.keys() & used <= own.keys() and own.keys() & self.used <= self.own.keys()

    def add(self, source: Source) -> None:
        self.files.append(source.path)
        self.lines += source.lines
        self.own.update(source.own)
        self.used |= source.used


def kept_groups(directory: Path) -> list[list[Path]]:
    """What an earlier run wrote: a new source changes one group, not all behind it."""
    files = sorted(directory.glob('*.cc'), key=lambda path: int(path.name.split('_')[0]))
    return [[Path(os.path.normpath(directory / name)) for name in INCLUDED.findall(path.read_text())] for path in files]


def groups(files: list[Path], lines_max: int, kept: list[list[Path]]) -> list[list[Path]]:
    """Kept groups, then first fit in the order of the paths, first among the groups of the same folder."""
    made: list[Group] = []
    sources = {path: Source(path) for path in sorted(files)}
    for paths in kept:
        group = Group(paths[0].parent)
        for path in paths:
            if path in sources and group.takes(sources[path]):
                group.add(sources.pop(path))
        made.append(group)
    for source in sources.values():
        fitting = [group for group in made if group.lines + source.lines <= lines_max and group.takes(source)]
        fitting.sort(key=lambda group: group.folder != source.path.parent)
        if not fitting:
            fitting = [Group(source.path.parent)]
            made += fitting
        fitting[0].add(source)
    return [group.files for group in made]


def unity_source(directory: Path, number: int, group: list[Path]) -> Path:
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
    kept = kept_groups(directory)
    made = groups([Path(name) for name in sys.argv[3:]], int(sys.argv[2]), kept)
    written = {unity_source(directory, number, group) for number, group in enumerate(made) if group}
    for stale in set(directory.glob('*.cc')) - written:
        stale.unlink()
    print('\n'.join(map(str, sorted(written))))


if __name__ == '__main__':
    main()
