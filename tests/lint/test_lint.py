# SPDX-License-Identifier: Apache-2.0
"""The lint must find what it claims to find: each case plants one defect in a clean tree."""

import pathlib
import subprocess
import sys

import pytest

LINT = pathlib.Path(__file__).parents[2] / "scripts" / "lint.py"
SH = "# SPDX-License-Identifier: Apache-2.0\n"
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
CLEAN = {
    "src/README.md": "| `base` | results |\n| `iceberg` | the format |\n| `engine` | DuckDB |\n",
    "src/base/result.h": SPDX + "#pragma once\n",
    "src/iceberg/schema.h": SPDX + '#pragma once\n#include "base/result.h"\n',
    "src/engine/scan.cc": SPDX + '#include <duckdb.hpp>\n#include "iceberg/schema.h"\n',
    "src/lake/wire.h": SPDX + "#pragma once\n",
    "extension/README.md": "the extension\n",
    "extension/am.cc": SPDX + '#include "postgres.h"\n#include "storage/bufmgr.h"\n'
                              '#include "lake/wire.h"\n',
}
CLEAN["src/README.md"] += "| `lake` | the service |\n"


def lint(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run([sys.executable, str(LINT), str(root)], capture_output=True, text=True)
    return done.returncode, done.stdout


def test_clean_tree_passes(tmp_path):
    status, out = lint(tmp_path, CLEAN)
    assert status == 0, out


def test_names_of_packages_and_projects_are_no_hosts(tmp_path):
    text = ("org.apache.maven.plugins:maven-dependency-plugin, github.com/a/b, golang.org/x/sync, "
            "maven.apache.org, pypi.toml, docker-compose.io.yml\n")
    status, out = lint(tmp_path, {**CLEAN, "docs/README.md": "notes\n", "docs/note.md": text})
    assert status == 0, out


def function(lines):
    return "void F() {\n" + "  G();\n" * lines + "}\n"


@pytest.mark.parametrize("name, text, expected", [
    ("src/base/up.h", SPDX + '#pragma once\n#include "iceberg/schema.h"\n', "a layer above it"),
    ("src/iceberg/d.cc", SPDX + '#include "duckdb/common/types.hpp"\n', "only src/engine"),
    ("src/lake/d.cc", SPDX + "#include <duckdb.hpp>\n", "only src/engine"),
    ("src/lake/p.cc", SPDX + '#include "postgres.h"\n', "only extension/"),
    ("src/iceberg/p.cc", SPDX + "#include <access/xact.h>\n", "only extension/"),
    ("extension/e.cc", SPDX + '#include "iceberg/schema.h"\n', "extension/ may include"),
    ("extension/d.cc", SPDX + "#include <duckdb.hpp>\n", "only src/engine"),
    ("src/base/long.cc", SPDX + "int x;\n" * 1000, "the limit is 1000"),
    ("src/base/string_utils.h", SPDX + "#pragma once\n", "name the concept"),
    ("src/helpers/a.h", SPDX + "#pragma once\n", "name the concept"),
    ("src/novel/a.h", SPDX + "#pragma once\n", "is not a layer"),
    ("src/base/a.cc", "int x;\n", "no SPDX"),
    ("src/base/a.h", SPDX, "no #pragma once"),
    ("src/base/path.cc", SPDX + 'auto p = "/home/' + 'someone/x";\n', "absolute path"),
    ("docs/note.md", "see /ro" + "ot/x\n", "absolute path"),
    ("scripts/get.sh", SH + "curl https://registry.npm" + "js.org/x\n", "the registry's host"),
    ("scripts/get.sh", SH + "jars=https://repo1.ma" + "ven.org/x\n", "the registry's host"),
    ("docs/note.md", "wheels lie on files.python" + "hosted.org\n", "the registry's host"),
    ("console/index.ts", "", "console/: no README.md"),
    ("src/storage/a.cc", SPDX, "no line for `storage`"),
    ("src/base/many.cc", SPDX + function(71) * 13, "13 functions above 70 lines"),
])
def test_defect_is_found(tmp_path, name, text, expected):
    status, out = lint(tmp_path, {**CLEAN, name: text})
    assert status == 1
    assert expected in out


def test_long_function_is_listed_and_short_is_not(tmp_path):
    text = SPDX + function(71) + "class A {\n  void Short() {\n    G();\n  }\n};\n" + function(60)
    status, out = lint(tmp_path, {**CLEAN, "src/base/f.cc": text})
    assert status == 0
    assert "src/base/f.cc:2: 72 lines: void F() {" in out
    assert out.count("note:") == 1
