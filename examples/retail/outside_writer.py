# SPDX-License-Identifier: Apache-2.0
"""PyIceberg writes files of its own beside PostgreSQL's, and PostgreSQL commits them: tarn.commit_table takes what PyIceberg
would send to a REST catalog.
"""

import json
import pathlib

from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import CommitTableResponse, Table


class BucketDirectories(PyArrowFileIO):
    """A bucket without an endpoint is a directory."""

    def _file(self, location):
        path = location.replace("s3://", self.properties["buckets"] + "/", 1)
        return PyArrowFile(location, path, self.fs_by_scheme("file", None))

    def new_input(self, location):
        return self._file(location)

    def new_output(self, location):
        return self._file(location)

    def delete(self, location):
        pathlib.Path(str(location).replace("s3://", self.properties["buckets"] + "/", 1)).unlink()


class PostgresCatalog(NoopCatalog):
    """Commits within the transaction of `connection`."""

    def __init__(self, connection, buckets):
        super().__init__("postgres")
        self._connection = connection
        self._io = BucketDirectories({"buckets": str(buckets)})

    def _ask(self, statement, parameters):
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchone()[0]

    def load_table(self, identifier):
        location = self._ask("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = %s "
                             "AND table_name = %s", identifier)
        metadata = FromInputFile.table_metadata(self._io.new_input(location))
        return Table(identifier, metadata, location, self._io, self)

    def commit_table(self, table, requirements, updates):
        location = self._ask(
            "SELECT tarn.commit_table(format('%%I.%%I', %s, %s)::regclass, %s, %s)",
            (*table.name(), *(json.dumps([json.loads(each.model_dump_json()) for each in part])
                              for part in (requirements, updates))))
        metadata = FromInputFile.table_metadata(self._io.new_input(location))
        return CommitTableResponse(metadata=metadata, metadata_location=location)


def append(connection, buckets, schema, table, rows):
    """Appends an Arrow table to a lake table. Takes part in the connection's transaction."""
    PostgresCatalog(connection, buckets).load_table((schema, table)).append(rows)
