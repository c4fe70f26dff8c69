# SPDX-License-Identifier: Apache-2.0
"""DuckDB's own Iceberg extension as a reader of a metadata file; its code shares nothing with our scan."""

import importlib.util
import pathlib

import duckdb

from support.s3_gateway import ACCESS_KEY, REGION, SECRET_KEY


class DuckDbReader:
    def __init__(self, gateway):
        self._connection = duckdb.connect(config={"autoinstall_known_extensions": "false",
                                                  "autoload_known_extensions": "false"})
        for name in ("avro", "httpfs", "iceberg"):
            self._connection.execute(f"LOAD '{extension_file(name)}'")
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(
            f"CREATE SECRET (TYPE s3, KEY_ID '{ACCESS_KEY}', SECRET '{SECRET_KEY}', REGION '{REGION}', "
            f"ENDPOINT '{gateway.address}', URL_STYLE 'path', USE_SSL false)")

    def rows(self, metadata_location, columns):
        names = ", ".join(f'"{column}"' for column in columns)
        return self._connection.execute(f"SELECT {names} FROM iceberg_scan('{metadata_location}')").fetchall()


def extension_file(name):
    (folder,) = importlib.util.find_spec(f"duckdb_extension_{name}").submodule_search_locations
    (file,) = pathlib.Path(folder).rglob("*.duckdb_extension")
    return file
