# SPDX-License-Identifier: Apache-2.0
"""The retail lakehouse document's blocks as files to run: what it says to replace is replaced, and what it says to repeat
for the other tables is repeated. Nothing else changes."""

import re

# The document's own table first; its blocks are about that one.
TABLES = ["transactions", "transaction_items", "stores", "products", "customers"]
OID_AND_FILE = "frompg/tables/postgres/public/iceberg_transactions/<OID>/metadata/"
REPEATED = ("CREATE OR REPLACE ICEBERG TABLE", "CREATE OR REPLACE STAGE", "CREATE OR REPLACE STREAM",
            "CREATE OR REPLACE PROCEDURE", "CREATE OR REPLACE TASK", "ALTER TASK", "ALTER STAGE", "CALL")


def statements(text):
    """The statements of a block, whole; bodies in $$ are not split."""
    found, rest = [], text
    pattern = re.compile(r"(?:--[^\n]*\n|'[^']*'|\$\$.*?\$\$|[^;])*?;", re.DOTALL)
    while match := pattern.match(rest):
        found.append(match.group())
        rest = rest[match.end():]
    assert not re.sub(r"--[^\n]*", "", rest).strip(), f"left over: {rest}"
    return found


def without_comments(statement):
    return re.sub(r"--[^\n]*\n", "", statement).strip()


def for_table(statement, table, location):
    """`location` of the table's newest metadata file: s3://bucket/path."""
    folder, name = location.removeprefix("s3://retail-lake-ap3/").rsplit("/", 1)
    assert folder.startswith(f"frompg/tables/postgres/public/iceberg_{table}/")
    changed = statement.replace(OID_AND_FILE, folder + "/").replace("00000-xxxx.metadata.json", name)
    assert "<OID>" not in changed and "xxxx" not in changed
    return re.sub(r"_transactions\b(?!/)", f"_{table}", changed)


def prepared(text, locations):
    """A block with the locations of the lake tables in it, repeated for all of them where it is about one."""
    result = []
    for statement in statements(text):
        if not without_comments(statement).startswith(REPEATED):
            result.append(statement)
            continue
        for table in TABLES:
            result.append(for_table(statement, table, locations[f"iceberg_{table}"]))
    return "".join(result) + "\n"
