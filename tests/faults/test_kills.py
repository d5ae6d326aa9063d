"""Servers and databases are killed under load: what was acknowledged is there, nothing is half there."""

import os
import resource
import signal
import time
from pathlib import Path

import pytest
from tests import postgres
from tests.api.desk import Server
from tests.cli.program import children
from tests.faults.cutting import Relay
from tests.faults.load import Load, elsewhere, offices, require_whole
from tests.faults.starting import Start

# About one is promised; a busy machine gets some more.
RECOVERY_SECONDS = 3.0


def test_inv19_what_was_acknowledged_survives_the_kill_of_a_server(start: Start) -> None:
    server = start(workers=2)
    before = offices(server)
    with Load(before, "a") as first:
        first.await_success(10)
        server.kill()
    server = start(workers=2)
    with Load([elsewhere(office, server) for office in before], "b") as second:
        second.await_success(10)
        # One worker alone: the other goes on, its port is theirs both.
        os.kill(children(server.process.pid)[0], signal.SIGKILL)
    server.kill()
    require_whole(start(), [first, second])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGQUIT, signal.SIGINT], ids=lambda how: how.name)
def test_inv19_what_was_acknowledged_survives_the_end_of_the_database(
    start_on_cluster: Start, cluster: postgres.Cluster, how: signal.Signals
) -> None:
    """Meanwhile everybody is told to try again; afterwards the server goes on by itself."""
    server = start_on_cluster(workers=2)
    with Load(offices(server)) as load:
        load.await_success(10)
        cluster.stop(how)
        for writer in load.writers:
            writer.statuses.clear()
        while not all(writer.statuses[503] for writer in load.writers):
            time.sleep(0.01)
        cluster.start()
        load.await_success(RECOVERY_SECONDS)
    assert load.statuses["cut"] == 0, "an answer is missing"
    require_whole(server, [load])


def test_inv19_what_was_acknowledged_survives_the_kill_of_a_database_process(
    start_on_cluster: Start, cluster: postgres.Cluster
) -> None:
    """PostgreSQL then ends all connections and recovers by itself."""
    server = start_on_cluster(workers=2)
    with Load(offices(server)) as load:
        load.await_success(10)
        ((backend,),) = server.rows(
            "SELECT min(pid) FROM pg_stat_activity WHERE application_name = 'antechamber'"
        )
        os.kill(backend, signal.SIGKILL)
        while not load.statuses[503]:
            time.sleep(0.01)
        load.await_success(RECOVERY_SECONDS)
    assert load.statuses["cut"] == 0, "an answer is missing"
    require_whole(server, [load])


def test_inv19_what_was_acknowledged_survives_a_cut_line_to_the_database(
    relayed_server: Server, relay: Relay
) -> None:
    with Load(offices(relayed_server)) as load:
        for _ in range(3):
            load.await_success(10)
            relay.cut()
            for writer in load.writers:
                writer.statuses.clear()
            while not all(writer.statuses[503] for writer in load.writers):
                time.sleep(0.01)
            relay.mend()
            load.await_success(RECOVERY_SECONDS)
    assert load.statuses["cut"] == 0, "an answer is missing"
    require_whole(relayed_server, [load])


def test_inv33_a_full_disk_refuses_loses_nothing_and_is_over_once_there_is_room(
    start_on_sqlite: Start, tmp_path: Path
) -> None:
    server = start_on_sqlite()
    (worker,) = children(server.process.pid)
    (office, *_), before = offices(server, 1), resource.prlimit(worker, resource.RLIMIT_FSIZE)
    with Load([office]) as load:
        load.await_success(10)
        # No file of the worker grows beyond this, as on a full disk; its log is smaller.
        full = (tmp_path / "data" / "antechamber.db-wal").stat().st_size
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (full, before[1]))
        (writer,) = load.writers
        while not writer.statuses[503]:
            time.sleep(0.01)
        assert office.client.get(office.path).status_code == 200, "reading goes on"
        resource.prlimit(worker, resource.RLIMIT_FSIZE, before)
        load.await_success(RECOVERY_SECONDS)
    require_whole(server, [load])
