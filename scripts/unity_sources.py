#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes sources that include several others: `unity_sources.py DIRECTORY FILE...`

Most of a source's time goes into headers and the templates they make, so several sources in one
compilation take little more than one. Two of them must not both give one name to something of their
own (in an unnamed namespace, static, or a macro), nor may one use a name of others that its neighbour
gives to something of its own: such files come into different groups. Groups hold neighbours, so that
a change compiles little anew, and are the same in every checkout. Prints what to compile in place of
the FILEs; includes are relative, so that the compiler cache serves every checkout."""
import os
import re
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).absolute().parent.parent
FILES_MIN, FILES_MAX, LINES_MAX = 6, 14, 1800

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

    def __init__(self):
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

    def add_fitting(self, sources: list[Source]) -> list[Source]:
        """Those that did not fit."""
        rest = []
        for source in sources:
            if self.takes(source):
                self.add(source)
            else:
                rest.append(source)
        return rest


def ends_group(group: Group, source: Source) -> bool:
    """Whether a group is full. The names of the files decide, not how many came before: behind a new file the groups
    are soon the old ones again, so that it costs one or two compilations in every checkout."""
    if len(group.files) >= FILES_MAX or group.lines >= LINES_MAX:
        return True
    return len(group.files) >= FILES_MIN and zlib.crc32(str(source.path.relative_to(ROOT)).encode()) % 3 == 0


def groups(files: list[Path]) -> list[list[Path]]:
    """In the order of the paths; what does not agree with its neighbours waits for the next group."""
    made = [Group()]
    waiting: list[Source] = []
    for source in map(Source, sorted(files)):
        if made[-1].takes(source):
            made[-1].add(source)
        else:
            waiting.append(source)
        if ends_group(made[-1], source):
            made.append(Group())
            waiting = made[-1].add_fitting(waiting)
    while waiting:
        made.append(Group())
        waiting = made[-1].add_fitting(waiting)
    return [group.files for group in made if group.files]


def unity_source(directory: Path, group: list[Path]) -> Path:
    """Called after its first file: the compiler cache knows a compilation by its name, too."""
    path = directory / '-'.join(group[0].relative_to(ROOT).parts)
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
    written = {unity_source(directory, group) for group in groups([Path(name) for name in sys.argv[2:]])}
    for stale in set(directory.glob('*.cc')) - written:
        stale.unlink()
    print('\n'.join(map(str, sorted(written))))


if __name__ == '__main__':
    main()
