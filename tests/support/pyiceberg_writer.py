# SPDX-License-Identifier: Apache-2.0
"""PyIceberg as another writer of PostgreSQL's tables: its own requirements and updates, committed by tarn.commit_table."""

import json
import pathlib

import psycopg2
from pyiceberg.catalog import MetastoreCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import CommitTableResponse, Table
from pyiceberg.typedef import Record

from support.account import make_server_directory


class BucketFileIO(PyArrowFileIO):
    """s3:// locations are files below the servers' bucket directory."""

    def _path(self, location):
        return pathlib.Path(self.properties["buckets"]) / location.removeprefix("s3://")

    def _file(self, location):
        file = super().new_input(str(self._path(location)))
        file._location = location  # what manifests shall say
        return file

    def new_input(self, location):
        return self._file(location)

    def new_output(self, location):
        directory = self._path(location).parent
        if not directory.exists():
            make_server_directory(directory)
        return self._file(location)

    def delete(self, location):
        self._path(getattr(location, "location", location)).unlink()


class PostgresCatalog(MetastoreCatalog):
    """Tables of one database, by one connection: its transactions are the caller's."""

    def __init__(self, connection, buckets):
        super().__init__("postgres")
        self.connection = connection
        self.io = BucketFileIO({"buckets": str(buckets)})
        self.commits = []  # (table, (requirements, updates)) as they were sent

    def _query(self, statement, parameters):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchone()

    def load_table(self, identifier):
        namespace, name = ("public", identifier) if isinstance(identifier, str) else identifier[-2:]
        (location,) = self._query("SELECT metadata_location FROM iceberg_tables "
                                  "WHERE table_namespace = %s AND table_name = %s", (namespace, name))
        metadata = FromInputFile.table_metadata(self.io.new_input(location))
        return Table(identifier=(namespace, name), metadata=metadata, metadata_location=location,
                     io=self.io, catalog=self)

    def commit_table(self, table, requirements, updates):
        sent = (json.dumps([json.loads(each.model_dump_json()) for each in requirements]),
                json.dumps([json.loads(each.model_dump_json()) for each in updates]))
        self.commits.append((table.name(), sent))
        location = self.commit_again(-1)
        metadata = FromInputFile.table_metadata(self.io.new_input(location))
        return CommitTableResponse(metadata=metadata, metadata_location=location)

    def commit_again(self, number):
        """What was sent before."""
        (namespace, name), sent = self.commits[number]
        try:
            (location,) = self._query("SELECT tarn.commit_table(format('%%I.%%I', %s, %s)::regclass, %s, %s)",
                                      (namespace, name, *sent))
        except psycopg2.errors.SerializationFailure as error:
            if not self.connection.autocommit:
                raise  # the whole transaction is to be tried again
            raise CommitFailedException(error.diag.message_primary) from error
        return location


def _unused(*_arguments, **_options):
    raise NotImplementedError


for _name in PostgresCatalog.__abstractmethods__:
    setattr(PostgresCatalog, _name, _unused)
PostgresCatalog.__abstractmethods__ = frozenset()


def append_file(catalog, table, path, size):
    """Commits a data file of one row that PyIceberg has not written."""
    with catalog.load_table(table).transaction() as transaction:
        with transaction.update_snapshot().fast_append() as append:
            append.append_data_file(DataFile.from_args(
                content=DataFileContent.DATA, file_path=path, file_format=FileFormat.PARQUET, partition=Record(),
                record_count=1, file_size_in_bytes=size))
