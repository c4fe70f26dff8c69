# SPDX-License-Identifier: Apache-2.0
"""What the demo prints: a progress bar, tables, a file tree."""

import sys
import time


def heading(text):
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


class ProgressBar:
    """On a terminal one line that grows; elsewhere nothing, since the exports print their lines."""

    def __init__(self, total, unit):
        self._total, self._unit, self._done = total, unit, 0
        self._started = time.monotonic()

    def advance(self, count):
        self._done += count
        if sys.stdout.isatty():
            filled = 30 * self._done // self._total
            rate = self._done / max(time.monotonic() - self._started, 1e-9)
            print(f"\r  [{'#' * filled}{'.' * (30 - filled)}] {100 * self._done // self._total:3d} %  "
                  f"{self._done}/{self._total} {self._unit}  {rate:,.0f}/s ", end="", flush=True)

    def line(self, text):
        """A line above the bar."""
        print(f"\r\033[K  {text}" if sys.stdout.isatty() else f"  {text}", flush=True)
        self.advance(0)

    def finish(self):
        if sys.stdout.isatty():
            print()


def table(names, rows):
    cells = [[str(value) for value in row] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(names, *cells)]
    numeric = [all(not isinstance(row[i], str) for row in rows) for i in range(len(names))]
    line = [name.ljust(width) for name, width in zip(names, widths)]
    print("  " + "  ".join(line).rstrip())
    print("  " + "  ".join("-" * width for width in widths))
    for row in cells:
        print("  " + "  ".join(text.rjust(width) if right else text.ljust(width)
                               for text, width, right in zip(row, widths, numeric)).rstrip())


def file_tree(root, shown=3):
    """The first files of each folder with their sizes, and how many more there are."""
    for folder in [root, *sorted(path for path in root.rglob("*") if path.is_dir())]:
        depth = len(folder.relative_to(root).parts)
        print("  " + "    " * depth + (folder.name if depth else str(root)) + "/")
        files = sorted(path for path in folder.iterdir() if path.is_file())
        for path in files[:shown]:
            print("  " + "    " * (depth + 1) + f"{path.name}  {path.stat().st_size:,} bytes")
        if len(files) > shown:
            total = sum(path.stat().st_size for path in files[shown:])
            print("  " + "    " * (depth + 1) + f"… {len(files) - shown} more  {total:,} bytes")
