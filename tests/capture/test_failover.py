# SPDX-License-Identifier: Apache-2.0
"""A source that is another server from one moment to the next, or itself as it was before."""

import shutil

import pytest

from replicated import Replicated, free_port
from support.account import give_to_server
from support.server import Server
from support.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def pair(installation, plain_installation):
    made = Pair(installation, plain_installation)
    yield made
    made.replicated.fsck()
    made.replicated.remove()
    if made.standby is not None:
        made.standby.remove()


class Pair:
    """A primary and a standby, both in the data source's URL."""

    def __init__(self, installation, plain_installation):
        self.installation = plain_installation
        self.standby, self.standby_port = None, free_port()
        self.replicated = Replicated(installation, plain_installation, hot_standby_feedback="on")
        self.primary = self.replicated.source
        self.replicated.add_source("PAIR", "everything", "pair", hosts=(
            f"127.0.0.1:{self.replicated.port},127.0.0.1:{self.standby_port}", "?targetServerType=primary"))
        self.slot = "sf_db_conn_rs_kbmd_pair"
        self.replicated.run("CREATE TABLE s.t (id int PRIMARY KEY, n int)", "INSERT INTO s.t SELECT i, i FROM generate_series(1, 50) i",
                            "CREATE TABLE s.still (id int PRIMARY KEY)", "INSERT INTO s.still VALUES (1)")
        self.replicated.copied("t", "still", source="PAIR")

    def make_standby(self, synchronized):
        self.replicated.run("SELECT pg_create_physical_replication_slot('standby', true)")
        self.standby = Server(self.installation)
        shutil.rmtree(self.standby.data)
        self.primary.run_program("pg_basebackup", "-D", str(self.standby.data), "-X", "stream", "-c", "fast", "-p", str(self.replicated.port))
        self.standby.configure(
            unix_socket_directories=self.standby.socket, port=self.standby_port, primary_slot_name="standby",
            hot_standby_feedback="on", sync_replication_slots="on" if synchronized else "off",
            primary_conninfo=f"host={self.primary.socket} port={self.replicated.port} user=postgres dbname=postgres")
        (self.standby.data / "standby.signal").touch()
        give_to_server(self.standby.data / "standby.signal")
        self.standby.start(wait=False)
        wait_for(self.is_reached, "the standby does not start", 30)

    def on_standby(self, statement):
        port, self.replicated.port = self.replicated.port, self.standby_port
        try:
            return self.replicated.run(statement)
        finally:
            self.replicated.port = port

    def is_reached(self):
        try:
            return bool(self.on_standby("SELECT 1"))
        except Exception:  # noqa: BLE001, it starts
            return False

    def wait_until_synchronized(self):
        def found():
            # What was acknowledged here is known there soon.
            (here,), = self.replicated.run(f"SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '{self.slot}'")
            return self.on_standby("SELECT count(*) FROM pg_replication_slots WHERE synced AND NOT temporary "
                                   f"AND slot_name = '{self.slot}' AND confirmed_flush_lsn >= '{here}'") == [(1,)]
        wait_for(found, lambda: str(self.on_standby("SELECT * FROM pg_replication_slots")), 60)

    def promote(self):
        self.on_standby("SELECT pg_promote()")
        self.replicated.port = self.standby_port
        wait_for(lambda: self.replicated.run("SELECT pg_is_in_recovery()") == [(False,)], "it is not promoted", 30)

    def inserted_at(self, table="t"):
        return sorted(str(row) for row in self.replicated.sql(f'SELECT ID, _SNOWFLAKE_INSERTED_AT FROM pair."s"."{table}"'))


def test_trap_8_a_slot_that_came_along_goes_on(pair):
    pair.make_standby(synchronized=True)
    pair.replicated.run("INSERT INTO s.t VALUES (100, 1)", "DELETE FROM s.t WHERE id = 1")
    pair.replicated.wait_until_equal("t", database="pair")
    pair.wait_until_synchronized()
    before = pair.inserted_at()
    pair.replicated.run("INSERT INTO s.t VALUES (101, 1)")
    wait_for(lambda: pair.on_standby("SELECT count(*) FROM s.t WHERE id = 101") == [(1,)], "the standby lags", 30)
    pair.primary.kill()
    pair.promote()
    pair.replicated.run("INSERT INTO s.t VALUES (102, 1)", "UPDATE s.t SET n = 0 WHERE id = 2", "DELETE FROM s.t WHERE id = 3")
    pair.replicated.wait_until_equal("t", database="pair", seconds=90)
    assert set(before) < set(pair.inserted_at())
    pair.replicated.kill()
    pair.replicated.run("INSERT INTO s.t VALUES (103, 1)")
    pair.replicated.wait_until_equal("t", database="pair", seconds=90)
    assert set(before) < set(pair.inserted_at())


def test_trap_8_without_its_slot_tables_are_copied_again(pair):
    pair.make_standby(synchronized=False)
    pair.replicated.run("INSERT INTO s.t VALUES (100, 1)")
    pair.replicated.wait_until_equal("t", database="pair")
    before = pair.inserted_at("still")
    wait_for(lambda: pair.on_standby("SELECT count(*) FROM s.t WHERE id = 100") == [(1,)], "the standby lags", 30)
    pair.primary.kill()
    pair.promote()
    pair.replicated.run("DELETE FROM s.t WHERE id < 10", "INSERT INTO s.t VALUES (101, 1)")
    pair.replicated.wait_until_equal("t", database="pair", seconds=90)
    wait_for(lambda: pair.inserted_at("still") != before, "a table that did not change is not copied again", 30)


def test_trap_8_a_standby_that_lacks_what_is_here_already(pair):
    """Its history ended before: rows that it never had go, and others come under positions that were taken."""
    pair.make_standby(synchronized=True)
    pair.wait_until_synchronized()
    still = pair.inserted_at("still")
    pair.standby.stop()
    pair.replicated.run("INSERT INTO s.t SELECT i, 1 FROM generate_series(1000, 1100) i", "DELETE FROM s.t WHERE id <= 10")
    pair.replicated.wait_until_equal("t", database="pair")
    pair.primary.kill()
    pair.standby.start(wait=False)
    wait_for(pair.is_reached, "the standby does not start", 30)
    pair.promote()
    pair.replicated.run("INSERT INTO s.t SELECT i, 2 FROM generate_series(2000, 2200) i", "DELETE FROM s.t WHERE id = 20")
    pair.replicated.wait_until_equal("t", database="pair", seconds=90)
    assert pair.inserted_at("still") == still


def test_trap_9_a_standby_alone_is_refused_by_name(pair):
    pair.make_standby(synchronized=False)
    pair.replicated.add_source("STANDBY", "everything", "standby", hosts=(f"127.0.0.1:{pair.standby_port}", ""))
    pair.replicated.add("t", source="STANDBY")
    wait_for(lambda: "the source is a standby" in pair.replicated.product.log_tail(), "nothing is said", 30)


@pytest.mark.parametrize("to_a_point", [False, True])
def test_trap_2_a_source_as_it_was_before(installation, plain_installation, to_a_point, tmp_path):
    """Its files put back, or recovered to a point in time: what came since is taken back."""
    archive = plain_installation.new_home()
    replicated = Replicated(installation, plain_installation, archive_mode="on", archive_command=f"cp %p {archive}/%f")
    try:
        replicated.run("CREATE TABLE s.t (id int PRIMARY KEY, n int)", "INSERT INTO s.t SELECT i, i FROM generate_series(1, 50) i",
                       "CREATE TABLE s.u (id int PRIMARY KEY)")
        replicated.copied("t", "u")
        source = replicated.source
        source.stop()
        kept = source.data.with_name("kept")
        shutil.copytree(source.data, kept, symlinks=True)
        source.start(wait=False)
        wait_for(replicated.answers, "the source does not start", 30)
        replicated.run("INSERT INTO s.t VALUES (100, 1)", "INSERT INTO s.u VALUES (1)")
        target, = replicated.run("SELECT pg_current_wal_lsn()")[0]
        replicated.run("INSERT INTO s.t SELECT i, 1 FROM generate_series(200, 300) i", "DELETE FROM s.t WHERE id < 20")
        replicated.wait_until_equal("t")
        replicated.run("SELECT pg_switch_wal()")
        source.stop()
        shutil.rmtree(source.data)
        kept.rename(source.data)
        for path in [source.data, *source.data.rglob("*")]:
            give_to_server(path)
        if to_a_point:
            source.configure(restore_command=f"cp {archive}/%f %p", recovery_target_lsn=target, recovery_target_action="promote")
            (source.data / "recovery.signal").touch()
            give_to_server(source.data / "recovery.signal")
        source.start(wait=False)
        wait_for(replicated.answers, "the source does not start", 30)
        wait_for(lambda: replicated.run("SELECT pg_is_in_recovery()") == [(False,)], "it stays in recovery", 30)
        replicated.wait_until_equal("t", seconds=90)
        replicated.run("INSERT INTO s.t VALUES (101, 1)", "DELETE FROM s.t WHERE id = 50", "INSERT INTO s.u VALUES (7)")
        replicated.wait_until_equal("t", seconds=90)
        replicated.wait_until_equal("u", seconds=90)
        replicated.fsck()
    finally:
        replicated.remove()
