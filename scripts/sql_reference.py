#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/use/sql.md of the registry of functions (src/sql/functions): what there is, with the examples that tests
run, and what is refused by name. With --check, says whether the page agrees. Usage: sql_reference.py [--check]"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/use/sql.md"
SOURCES = ROOT / "src/sql/functions"

INTRODUCTION = """# Functions of the warehouse's SQL

Made by `scripts/sql_reference.py` of the registry in `src/sql/functions`; every example is a test. Names are those of Snowflake's
documentation, synonyms beside each other. What is bounded or different is told in [limitations](../limitations.md).
"""

# In the order of the page: the constant of the category and its title.
CATEGORIES = {
    "kAggregate": "Aggregate",
    "kWindow": "Window",
    "kConditional": "Conditional",
    "kBitwise": "Bitwise",
    "kNumeric": "Numeric",
    "kConversion": "Conversion",
    "kTemporal": "Date and time",
    "kContext": "Context",
    "kText": "String and binary",
    "kRegex": "Regular expressions",
    "kSemistructured": "Semi-structured",
    "kGeneration": "Generation",
}

# Short forms of entries: the category, if it is the form's own.
FORMS = {
    "Entry": None,
    "BoundEntry": None,
    "Aggregate": "kAggregate",
    "BoundAggregate": "kAggregate",
    "Window": "kWindow",
    "Math": "kNumeric",
    "Text": "kText",
    "Semi": "kSemistructured",
    "Array": "kSemistructured",
}
CALL = re.compile(r"\b(" + "|".join(FORMS) + r")\(\s*(?=[\"k F])")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# Bound where calls are, without an entry.
WITHOUT_ENTRY = {
    "kAggregate": [(["COUNT"], "COUNT(DISTINCT a, b)", "")],
    "kSemistructured": [
        (["FILTER"], "FILTER(array, x -> condition)", ""),
        (["TRANSFORM"], "TRANSFORM(array, x -> value)", ""),
        (["REDUCE"], "REDUCE(array, start, (sum, x) -> value)", ""),
    ],
}
TABLE_FUNCTIONS = {
    "FLATTEN": "INPUT, PATH, OUTER, RECURSIVE, MODE",
    "GENERATOR": "ROWCOUNT, TIMELIMIT",
    "GETNEXTVAL": "sequence",
    "SPLIT_TO_TABLE": "string, delimiter",
    "STRTOK_SPLIT_TO_TABLE": "string, delimiters",
}
OF_USERS = """
## Functions of your own

```sql
CREATE FUNCTION net(gross NUMBER(12, 2), rate FLOAT DEFAULT 0.2) RETURNS FLOAT IMMUTABLE
  AS $$ gross / (1 + rate) $$;
CREATE FUNCTION orders_of(customer_id INT) RETURNS TABLE (id INT, amount NUMBER(12, 2))
  AS $$ SELECT id, amount FROM orders WHERE customer = customer_id $$;

SELECT id, net(amount), net(gross => amount, rate => 0.07) FROM orders;
SELECT c.name, o.amount FROM customers c, TABLE(orders_of(c.id)) o;
```

The body is an expression or one query. It runs with the rights of the function's owner, and its names are those of the function's
schema. A function is called by who has USAGE on it. Its name is looked for in the schema that is written, else in the current one
and then in `PUBLIC`; among functions of one name the types of the arguments choose, or their names. A change of the function shows
in the next query, and a dynamic table that uses it is computed anew; only `IMMUTABLE` functions let it be refreshed by its changes.

## Numbers of sequences

`s.NEXTVAL` in the list of a SELECT, in VALUES and in SET gives every row a number of its own, and so does every place where it
stands. `TABLE(GETNEXTVAL(s)) n` behind a comma of FROM numbers the rows of what stands before it; its column is `n.NEXTVAL`.
There are gaps, and no number comes twice.
"""


def call_text(text, start):
    """What stands in the parentheses that open before `start`."""
    depth, i = 1, start
    while depth:
        if text[i] == '"':
            i = STRING.match(text, i).end()
            continue
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        i += 1
    return text[start : i - 1]


def arguments(text):
    """The arguments of a call, adjacent strings joined."""
    parts, depth, i, begin = [], 0, 0, 0
    while i < len(text):
        if text[i] == '"':
            i = STRING.match(text, i).end()
            continue
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(text[i], 0)
        if text[i] == "," and depth == 0:
            parts.append(text[begin:i])
            begin = i + 1
        i += 1
    parts.append(text[begin:])
    return parts


def value(part):
    return "".join(ast.literal_eval(string) for string in STRING.findall(part))


def entries():
    for path in sorted(SOURCES.glob("*_functions.cc")) + [SOURCES / "semistructured_aggregates.cc"]:
        text = path.read_text()
        constants = dict(re.findall(r"constexpr auto (k\w+) = FunctionCategory::(k\w+);", text))
        for match in CALL.finditer(text):
            parts = arguments(call_text(text, match.end()))
            if len(parts) < 4 or '"' not in parts[-1]:
                continue
            category = FORMS[match.group(1)]
            if category is None:
                written = parts.pop(0).strip().removeprefix("FunctionCategory::")
                category = constants.get(written, written)
            yield category, value(parts[0]).split(), value(parts[-2]), value(parts[-1])


def cell(text):
    return "`" + text.replace("|", "\\|").replace("\n", " ") + "`"


def page():
    found = {category: [] for category in CATEGORIES}
    for category, names, example, answer in entries():
        found[category].append((names, example, answer))
    text = INTRODUCTION
    for category, title in CATEGORIES.items():
        text += f"\n## {title}\n\n| function | example | gives |\n|---|---|---|\n"
        lines = found[category] + WITHOUT_ENTRY.get(category, [])
        for names, example, answer in sorted(lines, key=lambda line: line[0]):
            text += f"| {', '.join(names)} | {cell(example)} | {cell(answer) if answer else ''} |\n"
    text += "\n## Table functions\n\n| function | arguments |\n|---|---|\n"
    for name, parameters in TABLE_FUNCTIONS.items():
        text += f"| {name} | {parameters} |\n"
    text += OF_USERS
    refused = re.findall(r'^    "(\w+)",$', (SOURCES / "unsupported_functions.cc").read_text(), re.M)
    text += "\n## Refused by name\n\nThese of Snowflake's documentation are error 000002:\n\n"
    return text + ", ".join(refused) + ".\n"


def main():
    if sys.argv[1:] == ["--check"]:
        if not PAGE.exists() or PAGE.read_text() != page():
            print(f"{PAGE.relative_to(ROOT)} does not agree with the registry\nHINT:  Run: scripts/sql_reference.py")
            return 1
        return 0
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
