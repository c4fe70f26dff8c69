# SPDX-License-Identifier: Apache-2.0
"""Files of dropped tables: PyIceberg asks for their end, the server dies meanwhile, and only those of living tables stay."""

import pathlib
import random
import time

import pyarrow
import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField

from support.rest_server import PASSWORD, USER
from support.waiting import wait_for

pytestmark = [pytest.mark.slow]

KILLS = 5
SCHEMA = Schema(NestedField(1, "n", LongType()))


def catalog_of(rest):
    return RestCatalog("tarn", uri=rest.uri, warehouse="LAKE", credential=f"{USER}:{PASSWORD}",
                       **{"oauth2-server-uri": f"{rest.uri}/v1/oauth/tokens"})


def make(catalog, name, rows):
    table = catalog.create_table(("s", name), SCHEMA)
    for number in range(rows):
        table.append(pyarrow.table({"n": pyarrow.array([number], pyarrow.int64())}))
    return table


def files_of(location):
    return sorted(path for path in pathlib.Path(location.removeprefix("file://")).rglob("*") if path.is_file())


def test_purge_takes_the_files_and_a_drop_alone_does_not(rest):
    catalog = catalog_of(rest)
    catalog.create_namespace("s")
    gone, kept = make(catalog, "gone", 3), make(catalog, "kept", 2)
    living = make(catalog, "living", 2)
    before = files_of(kept.location())
    assert len(files_of(gone.location())) == 3 * 3 + 4
    catalog.purge_table(("s", "gone"))
    catalog.drop_table(("s", "kept"))
    wait_for(lambda: files_of(gone.location()) == [], "the files are still there", 20)
    assert files_of(kept.location()) == before
    with pytest.raises(NoSuchTableError):
        catalog.load_table(("s", "gone"))
    assert sorted(catalog.load_table(("s", "living")).scan().to_arrow()["n"].to_pylist()) == [0, 1]
    # The name is free, and so is a dropped table's metadata for whoever registers it again.
    make(catalog, "gone", 1)
    again = catalog.register_table(("s", "again"), kept.metadata_location)
    assert sorted(again.scan().to_arrow()["n"].to_pylist()) == [0, 1]
    for table in (living, again):
        rest.fsck(catalog.load_table(table.name()[-2:]).metadata_location)


def test_a_killed_server_leaves_neither_half_a_table_nor_files_of_none(rest, request):
    chance = random.Random(request.config.getoption("--seed"))
    catalog_of(rest).create_namespace("s")
    living = make(catalog_of(rest), "living", 2)
    locations = {}
    for kill in range(KILLS):
        catalog = catalog_of(rest)
        for number in range(4):
            name = f"t{kill}_{number}"
            locations[name] = make(catalog, name, 2).location()
        names = [name for name in locations if catalog.table_exists(("s", name))]
        for name in names:
            rest.call("DELETE", f"/LAKE/namespaces/s/tables/{name}?purgeRequested=true")
        time.sleep(chance.uniform(0, 0.05))
        rest.kill()
        rest.start(rest.port)
    left = [name for name in locations if catalog_of(rest).table_exists(("s", name))]
    assert left == []
    wait_for(lambda: all(files_of(location) == [] for location in locations.values()), "files are left of dropped tables", 90)
    table = catalog_of(rest).load_table(("s", "living"))
    assert sorted(table.scan().to_arrow()["n"].to_pylist()) == [0, 1]
    rest.fsck(table.metadata_location)
    assert living.location() == table.location()
