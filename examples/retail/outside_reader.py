# SPDX-License-Identifier: Apache-2.0
"""PyIceberg on the files of the lake. Nothing of PostgreSQL takes part.

A bucket without an endpoint is a directory, so s3:// locations are looked up there; with an S3 gateway over that directory,
PyIceberg's own S3 client would do.
"""

from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.table import StaticTable

BUCKETS_PROPERTY = "bakery.buckets"


class BucketDirectories(PyArrowFileIO):
    def new_input(self, location):
        return super().new_input(location.replace("s3://", self.properties[BUCKETS_PROPERTY] + "/", 1))


def read(metadata_location, buckets, columns):
    """An Arrow table of the current snapshot."""
    table = StaticTable.from_metadata(metadata_location, {
        "py-io-impl": f"{__name__}.{BucketDirectories.__name__}", BUCKETS_PROPERTY: str(buckets)})
    return table.scan(selected_fields=tuple(columns)).to_arrow()
