"""Made-up requests against our own description: no failure of ours, no status that it does not tell of.

Bounded by FUZZ_SECONDS, 90 unless said otherwise. `make fuzz` runs it, `make test` does not.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import strategies
from requests.auth import AuthBase, HTTPDigestAuth
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import status_code_conformance
from tests.api.desk import NOBODY, OWNER, OWNER_ID, BearerAuth, Office, Server, created, fresh, fresh_address

from antechamber.api.atlas_v2 import routes

pytestmark = pytest.mark.fuzz

SECONDS = float(os.environ.get("FUZZ_SECONDS", "90"))
# The same requests every time, unless another seed is asked for: what fails can be had again.
SEED = int(os.environ.get("FUZZ_SEED", "1"))
CHECKS = [not_a_server_error, status_code_conformance]
NEWEST = "application/vnd.atlas.2025-03-12+json"
DATES = sorted({row.version for row in routes.OPERATIONS})
ACCEPTS = [NEWEST, *(f"application/vnd.atlas.{date}+json" for date in DATES if date), "*/*"]
# What would take away the ground that the others stand on, or the credential they ask with.
LAST = ("updateOrgSettings", "deleteGroup", "deleteOrg")

SETTINGS = hypothesis.settings(
    max_examples=6,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
    stateful_step_count=8,
)


@dataclass
class Place:
    """What is there for requests to meet, and who asks."""

    url: str
    schema: Any
    known: dict[str, str]
    auths: tuple[AuthBase, ...]


@pytest.fixture
def place(server: Server, office: Office) -> Place:
    """An organization with one thing of each kind, asked for by token and by Digest."""
    project, team = office.project(), office.team()
    body = {"desc": "fuzz", "roles": ["ORG_OWNER"]}
    key, target_key = (created(office.client.post(f"{office.path}/apiKeys", body), 200) for _ in range(2))
    invitation = office.invite()
    account = {"name": "fuzz", "description": "fuzz", "roles": ["ORG_MEMBER"], "secretExpiresAfterHours": 8}
    answer = office.client.post(f"{office.path}/serviceAccounts", account, headers={"Accept": NEWEST})
    target_account = created(answer, 201)
    document = requests.get(f"{server.url}/api/openapi.json", timeout=30).json()
    return Place(
        server.url,
        schemathesis.openapi.from_dict(document),
        {
            "orgId": office.id,
            "groupId": project["id"],
            "groupName": project["name"],
            "teamId": team["id"],
            "teamName": team["name"],
            "userId": OWNER_ID,
            "apiUserId": target_key["id"],
            "clientId": target_account["clientId"],
            "invitationId": invitation["id"],
        },
        (
            BearerAuth(server.token(office.client_id, office.client_secret)),
            HTTPDigestAuth(key["publicKey"], key["privateKey"]),
        ),
    )


def _session(auth: AuthBase | None) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.auth = auth
    return session


def _sensible(value: Any, known: dict[str, str], kind: str, name: str = "") -> Any:
    """Return a body whose names, addresses, ids and roles could be right."""
    if isinstance(value, dict):
        return {key: _sensible(item, known, kind, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_sensible(item, known, kind, name) for item in value or [""][: "oles" in name]]
    if not isinstance(value, str):
        return value
    if name in known:
        return known[name]
    words = {
        "username": fresh_address(),
        "usernames": OWNER,
        "id": known["userId"],
        "teamIds": known["teamId"],
        "orgOwnerId": OWNER_ID,
        "name": fresh("Fuzz"),
        "desc": "fuzz",
        "description": "fuzz",
        "roles": "GROUP_READ_ONLY" if kind == "GROUP" else "ORG_READ_ONLY",
        "orgRoles": "ORG_READ_ONLY",
        "orgRole": "ORG_READ_ONLY",
        "groupRoles": "GROUP_READ_ONLY",
        "groupRole": "GROUP_READ_ONLY",
        "roleNames": "GROUP_READ_ONLY",
        "ipAddress": "192.0.2.7",
        "cidrBlock": "192.0.2.0/24",
    }
    return words.get(name, value)


def _try(
    place: Place, operation: Any, sessions: list[requests.Session], mode: GenerationMode, seed: int
) -> None:
    """Send a few requests of one operation."""

    @hypothesis.seed(seed)
    @SETTINGS
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=mode),
        accept=strategies.sampled_from(ACCEPTS),
        session=strategies.sampled_from(range(len(sessions))),
        strange=strategies.none() | strategies.sampled_from(sorted(place.known)),
        sensible=strategies.booleans(),
    )
    def send(case: Any, accept: str, session: int, strange: str | None, sensible: bool) -> None:
        # Most requests are to meet something: random ids never do, nor are random words roles.
        for name in case.path_parameters:
            if name in place.known and name != strange:
                case.path_parameters[name] = place.known[name]
        if sensible:
            case.body = _sensible(
                case.body, place.known, "GROUP" if "groupId" in case.path_parameters else "ORG"
            )
        response = case.call(base_url=place.url, session=sessions[session], headers={"Accept": accept})
        case.validate_response(response, checks=CHECKS)

    send()


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_made_up_requests_are_answered_as_described(place: Place, mode: GenerationMode) -> None:
    end = time.monotonic() + SECONDS / 3
    operations = [one.ok() for one in place.schema.get_all_operations() if isinstance(one, Ok)]
    assert len(operations) == sum(len(by_verb) for by_verb in place.schema.raw_schema["paths"].values())
    sessions = [_session(auth) for auth in (*place.auths * 3, None)]
    ordinary = [one for one in operations if one.definition.raw["operationId"] not in LAST]
    last = [one for one in operations if one.definition.raw["operationId"] in LAST]
    rounds = 0
    while rounds == 0 or time.monotonic() < end:
        for operation in ordinary:
            # The first round is for every operation, however long it takes.
            if rounds == 0 or time.monotonic() < end:
                _try(place, operation, sessions, mode, SEED + rounds)
        rounds += 1
    for operation in sorted(last, key=lambda one: LAST.index(one.definition.raw["operationId"])):
        _try(place, operation, sessions, mode, SEED)


def test_made_up_stories_are_answered_as_described(place: Place) -> None:
    """What creates a thing is followed by what reads, changes and deletes it."""
    end = time.monotonic() + SECONDS / 3
    auths = iter(place.auths * 1000)

    class Stories(place.schema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.session = _session(next(auths))

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": place.url, "session": self.session, "headers": {"Accept": NEWEST}}

        def before_call(self, case: Any) -> None:
            if case.operation.definition.raw["operationId"] in LAST:
                case.path_parameters.update(dict.fromkeys(case.path_parameters, NOBODY))
            for name in ("orgId", "groupId"):
                if name in case.path_parameters and case.operation.method == "post":
                    case.path_parameters[name] = place.known[name]

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    run: Callable[..., None] = Stories.run
    examples = 10 * SEED
    while time.monotonic() < end:
        run(settings=hypothesis.settings(SETTINGS, max_examples=examples, derandomize=True))
        examples += 10
