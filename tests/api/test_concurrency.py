"""Many at once: over HTTP, against one worker and against several on one database."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
import requests
from tests.api.desk import (
    BASE_PATH,
    FRONT_DESK,
    VERSIONED,
    BearerAuth,
    Client,
    Office,
    Server,
    created,
    fresh,
    fresh_address,
)

Result = TypeVar("Result")
AT_ONCE = 30


@pytest.fixture(scope="module", params=[1, 3], ids=["one-worker", "three-workers"])
def desk(
    request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with one worker, and one with several."""
    if request.param == 1:
        yield server
        return
    running = Server(log=tmp_path_factory.mktemp("workers") / "stderr.log", workers=request.param)
    yield running
    assert running.terminate() == 0


@pytest.fixture
def busy_office(desk: Server) -> Office:
    """A fresh organization."""
    return desk.office()


def _at_once(job: Callable[[int], Result], times: int = AT_ONCE) -> list[Result]:
    """Run a job in as many threads, started together."""
    barrier = Barrier(times)

    def one(number: int) -> Result:
        barrier.wait()
        return job(number)

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


def _alone(desk: Server, office: Office) -> Client:
    """Return a client with a connection of its own."""
    return Client(desk.url, office.client.session.auth)  # type: ignore[arg-type]


def _statuses(answers: list[requests.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_inv08_of_many_equal_invitations_to_an_organization_one_is_made(
    desk: Server, busy_office: Office
) -> None:
    username = fresh_address()
    body = {"username": username, "roles": ["ORG_MEMBER"]}
    answers = _at_once(lambda _: _alone(desk, busy_office).post(busy_office.invites, body))
    assert _statuses(answers) == {200: 1, 409: AT_ONCE - 1}
    assert len(busy_office.client.get(busy_office.invites).json()) == 1


def test_inv08_of_many_equal_invitations_to_a_project_one_is_made(desk: Server, busy_office: Office) -> None:
    path = f"/groups/{busy_office.project()['id']}/invites"

    def body(number: int) -> dict[str, object]:
        name = "ALIKE" if number % 2 else "alike"
        return {"username": f"{name}@guest.example", "roles": ["GROUP_OWNER"]}

    answers = _at_once(lambda number: _alone(desk, busy_office).post(path, body(number)))
    assert _statuses(answers) == {200: 1, 409: AT_ONCE - 1}
    assert len(busy_office.client.get(path).json()) == 1


def test_of_many_equal_projects_and_teams_one_is_made(desk: Server, busy_office: Office) -> None:
    project = {"name": "Same", "orgId": busy_office.id}
    answers = _at_once(lambda _: _alone(desk, busy_office).post("/groups", project))
    assert _statuses(answers) == {201: 1, 409: AT_ONCE - 1}
    team = {"name": "Same", "usernames": ["owner@front.example"]}
    answers = _at_once(lambda _: _alone(desk, busy_office).post(f"{busy_office.path}/teams", team))
    assert _statuses(answers) == {201: 1, 409: AT_ONCE - 1}


def test_inv15_of_many_cancellations_one_succeeds(desk: Server, busy_office: Office) -> None:
    path = f"{busy_office.invites}/{busy_office.invite()['id']}"
    answers = _at_once(lambda _: _alone(desk, busy_office).delete(path))
    assert _statuses(answers) == {204: 1, 404: AT_ONCE - 1}


def test_different_invitations_do_not_hinder_each_other(desk: Server, busy_office: Office) -> None:
    def invite(number: int) -> requests.Response:
        body = {"username": f"g{number}@guest.example", "roles": ["ORG_MEMBER"]}
        return _alone(desk, busy_office).post(busy_office.invites, body)

    answers = _at_once(invite)
    assert _statuses(answers) == {200: AT_ONCE}
    assert len({answer.json()["id"] for answer in answers}) == AT_ONCE
    assert len(busy_office.client.get(busy_office.invites).json()) == AT_ONCE


def test_inv27_a_digest_write_runs_once_whichever_worker_hears_it(desk: Server) -> None:
    path = f"/orgs/{FRONT_DESK}/invites"
    made = desk.digest("frontown").post(path, {"username": fresh_address(), "roles": ["ORG_MEMBER"]})
    target = f"{path}/{created(made, 200)['id']}"
    # A challenge for a deletion that is then sent many times at once.
    client = desk.digest("frontown")
    assert client.get(target).status_code == 200
    prepared = client.session.prepare_request(requests.Request("DELETE", desk.url + BASE_PATH + target))
    headers = {
        "Host": "localhost",
        "Accept": VERSIONED,
        "Authorization": str(prepared.headers["Authorization"]),
    }
    answers = _at_once(lambda _: desk.raw("DELETE", BASE_PATH + target, headers=headers))
    assert Counter(answer.status for answer in answers) == {204: 1, 401: AT_ONCE - 1}


def test_inv25_a_revoked_token_is_refused_by_every_worker(desk: Server, busy_office: Office) -> None:
    token = desk.token(busy_office.client_id, busy_office.client_secret)

    def read(_: int) -> int:
        # A connection of its own each time, so that every worker is met.
        return Client(desk.url, BearerAuth(token)).get(busy_office.path).status_code

    assert set(_at_once(read)) == {200}
    response = requests.post(
        f"{desk.url}/api/oauth/revoke",
        data={"token": token},
        auth=(busy_office.client_id, busy_office.client_secret),
        timeout=30,
    )
    assert response.status_code == 200
    assert set(_at_once(read)) == {401}


def test_inv31_what_one_worker_wrote_every_worker_reads(desk: Server, busy_office: Office) -> None:
    for _ in range(3):
        name = fresh("Office")
        assert busy_office.client.patch(busy_office.path, {"name": name}).status_code == 200
        names = _at_once(lambda _: _alone(desk, busy_office).get(busy_office.path).json()["name"])
        assert set(names) == {name}
