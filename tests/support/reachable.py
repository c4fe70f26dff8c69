# SPDX-License-Identifier: Apache-2.0
"""Which files a table's metadata reaches, as PyIceberg reads it, compared with the files that are there."""

import gzip
import pathlib

from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import read_manifest_list
from pyiceberg.table.metadata import TableMetadataUtil

from support.listing import files_below


class BucketFileIO(PyArrowFileIO):
    """Reads s3:// locations from the directories that stand for buckets."""

    def __init__(self, server):
        super().__init__()
        self._server = server

    def new_input(self, location):
        return super().new_input(str(self._server.local_path(location)))


class ReachableFiles:
    """Immutable files are read once: a long test asks again and again."""

    def __init__(self, server):
        self._server, self._io = server, BucketFileIO(server)
        self._manifests_of_list, self._files_of_manifest = {}, {}

    def metadata(self, location):
        data = self._server.local_path(location).read_bytes()
        return TableMetadataUtil.parse_raw(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)

    def of_table(self, metadata_location):
        """Every file that the current metadata of the table reaches, earlier metadata files included."""
        metadata = self.metadata(metadata_location)
        found = {metadata_location} | {entry.metadata_file for entry in metadata.metadata_log}
        for snapshot in metadata.snapshots:
            found.add(snapshot.manifest_list)
            for manifest in self._manifests(snapshot.manifest_list):
                found.add(manifest.manifest_path)
                found |= self._files(manifest)
        return found

    def current_manifest_list(self, metadata_location):
        return self.metadata(metadata_location).current_snapshot().manifest_list

    def current_manifests(self, metadata_location):
        manifests = self._manifests(self.current_manifest_list(metadata_location))
        return {manifest.manifest_path for manifest in manifests}

    def live_data_files(self, metadata_location):
        """The data files of the current snapshot."""
        snapshot = self.metadata(metadata_location).current_snapshot()
        manifests = self._manifests(snapshot.manifest_list) if snapshot else []
        return {entry.data_file.file_path for manifest in manifests
                for entry in manifest.fetch_manifest_entry(self._io, discard_deleted=True)}

    def _manifests(self, location):
        if location not in self._manifests_of_list:
            self._manifests_of_list[location] = list(read_manifest_list(self._io.new_input(location)))
        return self._manifests_of_list[location]

    def _files(self, manifest):
        path = manifest.manifest_path
        if path not in self._files_of_manifest:
            # A file that is only named as deleted is no snapshot's any more.
            entries = manifest.fetch_manifest_entry(self._io, discard_deleted=True)
            self._files_of_manifest[path] = {entry.data_file.file_path for entry in entries}
        return self._files_of_manifest[path]


OWNER_FILE = "tarn-owner.json"
LAKE_MARK = ".tarn-lake"


def files_in(server):
    """s3:// locations of all files below the bucket directories, but for the marks of lakes and owners."""
    return {"s3://" + str(path.relative_to(server.buckets)) for path in files_below(server.buckets)
            if path.name not in (OWNER_FILE, LAKE_MARK)}


def version_of(location):
    """The number at the start of a metadata file's name."""
    return int(pathlib.PurePosixPath(location).name.split("-")[0])


def is_metadata_file(location):
    return location.endswith(".metadata.json")
