// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn::cli {

/// Python: argv is the session's options, the notebook, where it is written with its results (""
/// nowhere), and the names of the cells that run (none: all of them).
/// - A cell is SQL where its metadata say so, where it begins with %%sql, or where it is nothing
/// but
///   SQL's comments. What its last statement gave is a value under the cell's name, and under the
///   one behind `%%sql -r`; {{expression}} in it is the value of the expression in Python.
/// - Cells of Python share one module. The value of a last expression is shown.
/// The first cell that fails ends it.
inline constexpr const char* kNotebookProgram = R"python(
import ast, json, re, sys, traceback
try:
    import pandas
    from snowflake.snowpark import DataFrame, Session
except ImportError as missing:
    sys.exit(f"ERROR:  {missing}\nHINT:  Install it with: pip install 'snowflake-snowpark-python[pandas]'")
EMPTY_STATEMENT = 900
ROWS_SHOWN = 1000


def table_text(names, rows):
    cells = [[("NULL" if value is None else str(value)).replace("\n", " ") for value in row] for row in rows[:ROWS_SHOWN]]
    widths = [max([len(name), *(len(row[i]) for row in cells)]) for i, name in enumerate(names)]
    line = lambda values: " | ".join(value.ljust(width) for value, width in zip(values, widths)).rstrip()
    more = [] if len(rows) <= ROWS_SHOWN else [f"... of {len(rows)} rows"]
    return "\n".join([line(names), "-+-".join("-" * width for width in widths), *map(line, cells), *more])


class CellResult:
    """What a cell of SQL gave: a pandas or Snowpark frame for Python, a table for {{name}}."""

    def __init__(self, session, query_id, names, rows):
        self.session, self.query_id, self.names, self.rows = session, query_id, names, rows

    def to_pandas(self):
        return pandas.DataFrame(self.rows, columns=self.names)

    def to_df(self):
        return self.session.sql(f"SELECT * FROM {self}")

    def __str__(self):
        return f"TABLE(RESULT_SCAN('{self.query_id}'))"


class Notebook:
    def __init__(self, session):
        self.session = session
        self.module = {"__name__": "__main__", "session": session}

    def run_sql(self, text, names):
        text = re.sub(r"\{\{(.+?)\}\}", lambda found: str(eval(found.group(1).strip(), self.module)), text)
        cursor = self.session.connection.cursor()
        try:
            cursor.execute(text, num_statements=0)
        except Exception as error:
            if getattr(error, "errno", None) == EMPTY_STATEMENT:
                return []
            raise
        shown = []
        while True:
            rows = cursor.fetchall()
            columns = [column[0] for column in cursor.description or []]
            shown.append(table_text(columns, rows))
            result = CellResult(self.session, cursor.sfqid, columns, rows)
            if cursor.nextset() is None:
                break
        for name in filter(str.isidentifier, names):
            self.module[name] = result
        return shown

    def run_python(self, text, name):
        body = ast.parse(text, f"<{name}>").body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), f"<{name}>", "exec"), self.module)
        if last is None:
            return []
        value = eval(compile(ast.Expression(last.value), f"<{name}>", "eval"), self.module)
        if value is None:
            return []
        if isinstance(value, CellResult):
            return [table_text(value.names, value.rows)]
        if isinstance(value, DataFrame):
            value = value.to_pandas()
        return [value.to_string() if isinstance(value, pandas.DataFrame) else repr(value)]

    def run(self, cell, name):
        text = "".join(cell.get("source", []))
        metadata = cell.get("metadata", {})
        lines = [line for line in text.splitlines() if line.strip()]
        names = [name, metadata.get("resultVariableName") or ""]
        magic = re.match(r"\s*%%sql\b[ \t]*(.*)\n?", text)
        if magic:
            names += re.findall(r"(?:-r|--result)[ =]+(\w+)", magic.group(1))
            text = text[magic.end():]
        comments = lines and all(line.lstrip().startswith("--") for line in lines)
        if magic or comments or metadata.get("language") == "sql":
            return self.run_sql(text, names)
        return self.run_python(text, name)


def output_of(text):
    return {"output_type": "stream", "name": "stdout", "text": (text + "\n").splitlines(keepends=True)}


def main():
    options = json.loads(sys.argv[1])
    path, output, *wanted = sys.argv[2:]
    with open(options.pop("password_file")) as file:
        options["password"] = file.read().strip()
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        sys.exit(f'ERROR:  "{path}" is no notebook: {error}')
    known = [cell.get("metadata", {}).get("name") or f"cell{number}" for number, cell in enumerate(cells, 1)]
    for name in wanted:
        if name not in known:
            sys.exit(f'ERROR:  the notebook has no cell "{name}"\nHINT:  It has {", ".join(known)}.')
    session = Session.builder.configs(options).create()
    Session.SessionBuilder.create = Session.SessionBuilder.getOrCreate
    notebook = Notebook(session)
    failed = None
    for count, (cell, name) in enumerate(zip(cells, known), 1):
        if wanted and name not in wanted:
            continue
        print(f"== {name} ==", flush=True)
        try:
            shown = notebook.run(cell, name)
        except Exception as error:
            cell_frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == f"<{name}>"]
            line = f", line {cell_frames[-1].lineno}" if cell_frames else ""
            failed = f"ERROR:  cell {name}{line}: {type(error).__name__}: {error}"
            break
        for text in shown:
            print(text, flush=True)
        cell["outputs"], cell["execution_count"] = [output_of(text) for text in shown], count
    if output:
        with open(output, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
    session.close()
    sys.exit(failed)


main()
)python";

}  // namespace tarn::cli
