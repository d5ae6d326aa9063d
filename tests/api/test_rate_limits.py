"""Rate limits: buckets as one process counts them, as several agree upon them, and over HTTP."""

from functools import partial

import pytest
from tests.api.desk import NEXT_DOOR, Office, Server, created
from tests.worlds import Clock

from antechamber.api.wire import rate_limits
from antechamber.api.wire.errors import RateLimited, RateLimitedBucket, RateLimitedInvitations, body_of
from antechamber.api.wire.rate_limits import Buckets
from antechamber.storage.database import Database
from antechamber.usecases import rate_limits as usecase

NEWEST = {"Accept": "application/vnd.atlas.2025-03-12+json"}
SETTINGS = rate_limits.ORGANIZATION_SETTINGS
PATH = "/api/atlas/v2/orgs"


def test_a_bucket_gives_what_it_holds_then_refuses_and_fills_again(clock: Clock) -> None:
    buckets = Buckets(refuses=True, clock=clock)
    assert [buckets.take(SETTINGS, "a", PATH) for _ in range(10)] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    with pytest.raises(RateLimitedBucket) as refused:
        buckets.take(SETTINGS, "a", PATH)
    assert refused.value.facts == ("api/atlas/v2/orgs", 12, 10, 5, 60)
    assert buckets.take(SETTINGS, "b", PATH) == 9
    clock.advance(seconds=12)
    assert buckets.take(SETTINGS, "a", PATH) == 0
    clock.advance(seconds=3600)
    assert buckets.take(SETTINGS, "a", PATH) == 9


def test_the_refusal_says_what_the_service_says() -> None:
    body = body_of(RateLimitedBucket("api/atlas/v2/orgs", 55, 10, 5, 60))
    assert getattr(body, "detail") == (  # noqa: B009 - the struct's type is not told
        "Rate limit exceeded for api/atlas/v2/orgs. Please retry after 55 seconds."
        " Request capacity: 10. Refill rate: 5 per 60 seconds."
    )
    assert getattr(body, "parameters") == ["api/atlas/v2/orgs", 55, 10, 5, 60]  # noqa: B009


def test_a_server_that_does_not_refuse_shows_an_empty_bucket(clock: Clock) -> None:
    buckets = Buckets(clock=clock)
    assert [buckets.take(SETTINGS, "a", PATH) for _ in range(12)][-3:] == [0, 0, 0]


async def test_two_processes_agree_within_an_exchange(database: Database, clock: Clock) -> None:
    one, other = (Buckets(refuses=True, clock=clock) for _ in range(2))

    async def exchange(buckets: Buckets) -> None:
        taken = buckets.taken()
        buckets.agree(await database.write(partial(usecase.exchange, taken=taken)))

    for _ in range(8):
        one.take(SETTINGS, "a", PATH)
    for _ in range(7):
        other.take(SETTINGS, "a", PATH)
    await exchange(one)
    await exchange(other)
    with pytest.raises(RateLimitedBucket):
        other.take(SETTINGS, "a", PATH)
    assert one.take(SETTINGS, "a", PATH) == 1, "it has not been told yet"
    await exchange(one)
    with pytest.raises(RateLimitedBucket) as refused:
        one.take(SETTINGS, "a", PATH)
    # Fifteen and one were taken of ten: six are owed, and one is wanted, at five a minute.
    assert refused.value.wait_seconds == 84
    assert one.taken() == []
    clock.advance(seconds=84)
    assert one.take(SETTINGS, "a", PATH) == 0


def test_what_could_not_be_told_is_told_later(clock: Clock) -> None:
    buckets = Buckets(clock=clock)
    buckets.take(SETTINGS, "a", PATH)
    taken = buckets.taken()
    buckets.not_told(taken)
    assert buckets.taken() == taken


def test_wrong_credentials_are_throttled_for_address_and_key_and_for_the_address(clock: Clock) -> None:
    buckets = Buckets(refuses=True, clock=clock)
    for _ in range(20):
        buckets.wrong_credentials("192.0.2.1", "abcdefgh", PATH)
    with pytest.raises(RateLimited):
        buckets.wrong_credentials("192.0.2.1", "abcdefgh", PATH)
    buckets.wrong_credentials("192.0.2.2", "abcdefgh", PATH)
    for number in range(80):
        buckets.wrong_credentials("192.0.2.1", f"key {number}", PATH)
    with pytest.raises(RateLimited):
        buckets.wrong_credentials("192.0.2.1", "another", PATH)


def test_an_ipv6_network_counts_as_one_address() -> None:
    assert rate_limits.network_of("2001:db8::1") == rate_limits.network_of("2001:db8::ffff")
    assert rate_limits.network_of("::ffff:192.0.2.1") == "192.0.2.1"


def test_the_odd_limits_hold_with_quirks_only(clock: Clock) -> None:
    plain, odd = Buckets(refuses=True, clock=clock), Buckets(quirks=True, clock=clock)
    for _ in range(10):
        odd.invitation("192.0.2.1")
        odd.token("mdb_sa_id_x", "/api/oauth/token")
    with pytest.raises(RateLimitedInvitations):
        odd.invitation("192.0.2.1")
    with pytest.raises(RateLimited):
        odd.token("mdb_sa_id_x", "/api/oauth/token")
    for _ in range(11):
        plain.invitation("192.0.2.1")
        plain.token("mdb_sa_id_x", "/api/oauth/token")


def test_a_stranger_does_not_empty_the_bucket_of_whom_it_asks_for(server: Server, office: Office) -> None:
    before = int(office.client.get(office.path).headers["RateLimit-Remaining"])
    for _ in range(20):
        answer = server.digest("nextdoor").get(office.path)
        assert answer.status_code == 401
        assert "RateLimit-Remaining" not in answer.headers
    assert int(office.client.get(office.path).headers["RateLimit-Remaining"]) > before - 10


def test_the_rate_limits_can_be_listed_and_read(office: Office) -> None:
    listed = created(office.client.get("/rateLimits", headers=NEWEST), 200)
    one = next(one for one in listed["results"] if one["endpointSetId"] == "organization-settings")
    assert one == {
        "capacity": {"value": 10},
        "endpointSetId": "organization-settings",
        "endpointSetName": "Organization Settings",
        "endpoints": [
            {"method": "GET", "path": "/api/atlas/v2/orgs/{orgId}/settings"},
            {"method": "PATCH", "path": "/api/atlas/v2/orgs/{orgId}/settings"},
        ],
        "refillDurationSeconds": {"value": 60},
        "refillRate": {"value": 5},
        "scope": "ORGANIZATION",
    }
    preview = {"Accept": "application/vnd.atlas.preview+json"}
    answer = office.client.get("/rateLimits/organization-settings", headers=preview)
    assert answer.json() == one
    assert "preview" in answer.headers["Content-Type"]


def test_the_rate_limits_are_chosen_by_scope_name_and_path(office: Office) -> None:
    def listed(query: str) -> list[dict[str, str]]:
        results: list[dict[str, str]] = office.client.get(f"/rateLimits?{query}", headers=NEWEST).json()[
            "results"
        ]
        return results

    assert {one["scope"] for one in listed(f"orgId={office.id}")} == {"ORGANIZATION"}
    assert {one["scope"] for one in listed(f"userId={office.client_id}")} == {"USER"}
    assert listed(f"userId={office.client_id}&orgId={office.id}") == []
    assert len(listed("name=Teams&name=Root")) == 3
    assert [one["endpointSetId"] for one in listed("endpointPath=%2Fapi%2Fatlas%2Fv2%2FeventTypes")] == [
        "event-types"
    ]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/rateLimits?orgId={NEXT_DOOR}", 401, "USER_CANNOT_ACCESS_ORG"),
        ("/rateLimits?orgId=x", 400, "INVALID_QUERY_PARAMETER"),
        ("/rateLimits?userId=somebody", 401, "USER_UNAUTHORIZED"),
        ("/rateLimits?ipAddress=192.0.2.1", 401, "USER_UNAUTHORIZED"),
        ("/rateLimits?ipAddress=x", 400, "INVALID_QUERY_PARAMETER"),
        ("/rateLimits/nothing", 404, "RESOURCE_NOT_FOUND"),
    ],
)
def test_a_question_about_rate_limits_is_refused(office: Office, path: str, status: int, code: str) -> None:
    answer = office.client.get(path, headers=NEWEST)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
