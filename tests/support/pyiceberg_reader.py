# SPDX-License-Identifier: Apache-2.0
"""PyIceberg as a reader of a metadata file, with no catalog."""

from pyiceberg.table import StaticTable


class PyIcebergReader:
    def __init__(self, gateway):
        self._properties = gateway.pyiceberg_properties()

    def load(self, metadata_location):
        return StaticTable.from_metadata(metadata_location, properties=self._properties)

    def rows(self, metadata_location, columns=None):
        """Rows as tuples of Python values, in the order of `columns` or of the schema."""
        scanned = self.load(metadata_location).scan(selected_fields=tuple(columns or ["*"])).to_arrow()
        names = columns or scanned.column_names
        return list(zip(*(scanned.column(name).to_pylist() for name in names))) if scanned.num_rows else []
