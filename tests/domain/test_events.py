"""Audit events and mail as values."""

from datetime import UTC, datetime

from antechamber.domain import events
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.credentials import BearerToken, DigestAnswer, KeptApiKey, KeptSecret
from antechamber.domain.mail import Message, MessageType
from antechamber.domain.organizations import Organization

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORGANIZATION = Organization("5f0000000000000000000001", "Acme", NOW)


def test_inv21_an_event_says_who_did_what_when_and_from_where() -> None:
    caller = Caller(CallerKind.API_KEY, "5f" * 12, "abcdefgh", ORGANIZATION, frozenset(), "203.0.113.7")
    event = events.by(
        caller,
        events.INVITED_TO_ORG,
        id="6a" * 12,
        organization_id=ORGANIZATION.id,
        target_username="ann@example.com",
        now=NOW,
    )
    assert (event.actor_kind, event.actor_id, event.actor_name, event.address) == (
        CallerKind.API_KEY,
        "5f" * 12,
        "abcdefgh",
        "203.0.113.7",
    )
    assert (event.type_name, event.created_at, event.target_username) == (
        "INVITED_TO_ORG",
        NOW,
        "ann@example.com",
    )


def test_inv24_no_secret_shows_in_a_repr() -> None:
    shown = [
        Message("1", "2", MessageType.PROJECT_INVITATION, "ann@example.com", "en", "3", "SECRET", NOW),
        BearerToken("SECRET"),
        DigestAnswer("SECRET", "GET", "/", ""),
        KeptApiKey("1", "abcdefgh", "SECRET", frozenset(), ORGANIZATION, ()),
        KeptSecret("1", "2", "3", b"SECRET", NOW),
    ]
    assert all("SECRET" not in repr(value) for value in shown)
