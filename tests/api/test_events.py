"""Events over HTTP: what was done shows in the feeds of its tenant, and can be chosen from there."""

import json

import pytest
from tests.api.desk import LOBBY, NEXT_DOOR, NOBODY, Office, Server, created

from antechamber.domain import event_types


def _types(office: Office, query: str = "", path: str | None = None) -> list[str]:
    answer = created(office.client.get(f"{path or office.path}/events?{query}"), 200)
    return [one["eventTypeName"] for one in answer["results"]]


def test_an_event_looks_as_recorded(office: Office) -> None:
    invitation = office.invite()
    event = created(office.client.get(f"{office.path}/events?itemsPerPage=1"), 200)["results"][0]
    assert list(event) == sorted(event)
    assert event["eventTypeName"] == "INVITED_TO_ORG"
    assert event["targetUsername"] == invitation["username"]
    assert event["isGlobalAdmin"] is False
    assert event["orgId"] == office.id
    assert event["publicKey"] == office.client_id
    assert event["apiKeyId"] == office.client_id[-24:]
    assert event["created"] == invitation["createdAt"]
    assert event["links"] == [
        {"href": f"{office.client.url}/api/atlas/v2/groups/null/events/{event['id']}", "rel": "self"}
    ]
    assert created(office.client.get(f"{office.path}/events/{event['id']}"), 200) == event


def test_a_projects_event_shows_in_both_feeds_with_the_project_in_its_link(office: Office) -> None:
    project = office.project()
    path = f"/groups/{project['id']}"
    event = created(office.client.get(f"{path}/events?eventType=GROUP_CREATED"), 200)["results"][0]
    assert event["groupId"] == project["id"]
    assert event["links"][0]["href"].endswith(f"{path}/events/{event['id']}")
    assert created(office.client.get(f"{path}/events/{event['id']}"), 200) == event
    assert created(office.client.get(f"{office.path}/events/{event['id']}"), 200) == event
    assert "GROUP_CREATED" in _types(office)


def test_raw_events_carry_names(office: Office) -> None:
    project = office.project()
    query = "includeRaw=true&eventType=GROUP_CREATED"
    event = created(office.client.get(f"{office.path}/events?{query}"), 200)["results"][0]
    raw = event["raw"]
    assert list(raw) == sorted(raw)
    assert (raw["_t"], raw["gn"], raw["orgName"]) == ("GROUP_CREATED", project["name"], office.name)
    assert "raw" not in created(office.client.get(f"{office.path}/events/{event['id']}"), 200)


def test_events_are_chosen_by_type_and_time(office: Office) -> None:
    invitation = office.invite()
    office.project()
    assert _types(office, "eventType=INVITED_TO_ORG") == ["INVITED_TO_ORG"]
    assert set(_types(office, "eventType=INVITED_TO_ORG&eventType=GROUP_CREATED")) == {
        "INVITED_TO_ORG",
        "GROUP_CREATED",
    }
    assert "INVITED_TO_ORG" not in _types(office, "excludedEventType=INVITED_TO_ORG")
    assert _types(office, "eventType=INVITED_TO_ORG&excludedEventType=INVITED_TO_ORG") == []
    at = invitation["createdAt"]
    assert "INVITED_TO_ORG" in _types(office, f"minDate={at}&maxDate={at}")
    assert _types(office, "maxDate=2020-01-01") == []
    assert _types(office, "minDate=20990101T000000Z") == []


@pytest.mark.parametrize(
    "date",
    [
        "2020-01-01",
        "2020-01-01T00:00:00",
        "2020-01-01T00:00:00Z",
        "2020-01-01T02:00:00+02:00",
        "2020-01-01T02:00:00%2B02:00",
        "2020-01-01T00:00:00.123Z",
        "20200101T0000Z",
        "2020-W01-1",
    ],
)
def test_a_date_may_have_any_form_of_the_standard(office: Office, date: str) -> None:
    assert _types(office, f"minDate={date}") != []
    assert _types(office, f"maxDate={date}") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("eventType=NOTHING", "INVALID_ENUM_VALUE"),
        ("excludedEventType=NOTHING", "INVALID_ENUM_VALUE"),
        ("minDate=yesterday", "INVALID_DATE_FORMAT"),
        ("maxDate=2020-13-01", "INVALID_DATE_FORMAT"),
        ("minDate=0001-01-01T00:00:00%2B12:00", "INVALID_DATE_FORMAT"),
        ("minDate=2021-01-01&maxDate=2020-01-01", "INVALID_DATE_RANGE"),
        ("includeRaw=maybe", "INVALID_QUERY_PARAMETER"),
    ],
)
def test_a_wrong_filter_is_refused(office: Office, query: str, code: str) -> None:
    answer = office.client.get(f"{office.path}/events?{query}")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)


def test_pages_follow_each_other_newest_first_counted_or_not(office: Office) -> None:
    for _ in range(5):
        office.invite()
    whole = _types(office)
    pages: list[str] = []
    number = 1
    while True:
        query = f"includeCount=false&itemsPerPage=2&pageNum={number}"
        page = created(office.client.get(f"{office.path}/events?{query}"), 200)
        assert page["totalCount"] == 0
        pages += [one["eventTypeName"] for one in page["results"]]
        if not any(link["rel"] == "next" for link in page["links"]):
            break
        number += 1
    assert pages == whole
    counted = created(office.client.get(f"{office.path}/events?itemsPerPage=1"), 200)
    assert counted["totalCount"] == len(whole)


def test_inv21_nobody_sees_the_events_of_another_tenant(server: Server, office: Office) -> None:
    office.invite()
    event = created(office.client.get(f"{office.path}/events"), 200)["results"][0]
    stranger = server.office()
    assert stranger.client.get(f"{office.path}/events").status_code == 401
    own = stranger.client.get(f"{stranger.path}/events/{event['id']}")
    assert (own.status_code, own.json()["errorCode"]) == (404, "ORG_EVENT_NOT_FOUND")
    assert event["id"] not in json.dumps(created(stranger.client.get(f"{stranger.path}/events"), 200))


def test_an_event_that_is_not_there_is_told_as_such(office: Office) -> None:
    project = office.project()
    office.invite()
    event = created(office.client.get(f"{office.path}/events?eventType=INVITED_TO_ORG"), 200)["results"][0]
    for id in (NOBODY, event["id"]):
        answer = office.client.get(f"/groups/{project['id']}/events/{id}")
        assert answer.status_code == 404
        assert answer.json()["errorCode"] == "EVENT_NOT_FOUND"
        assert answer.json()["parameters"] == [id, project["id"]]
    assert office.client.get(f"/groups/{LOBBY}/events").status_code == 401
    assert office.client.get(f"/orgs/{NEXT_DOOR}/events").status_code == 401


def test_the_catalogue_lists_every_type_once_by_name(office: Office) -> None:
    answer = created(office.client.get("/eventTypes?itemsPerPage=500"), 200)
    names = [one["eventType"] for one in answer["results"]]
    assert names == sorted(event_types.CATALOGUE)
    assert answer["totalCount"] == len(names)
    assert all(one["description"].endswith(".") and not one["alertable"] for one in answer["results"])
