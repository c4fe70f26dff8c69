# SPDX-License-Identifier: Apache-2.0
"""Files of a directory in which others make and remove files meanwhile."""

import os
import pathlib


def files_below(path):
    """Every regular file below `path`, sorted. What goes during the listing, folders too, is in it or not; no error."""
    found = []
    for folder, _, names in os.walk(path):
        found += [pathlib.Path(folder, name) for name in names]
    return sorted(file for file in found if file.is_file())


def contents_below(path):
    """(file, bytes) of those that are still there when their turn comes."""
    for file in files_below(path):
        try:
            yield file, file.read_bytes()
        except FileNotFoundError:
            continue
