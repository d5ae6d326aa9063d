"""Invitations: issuing, expiring, changing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import UserAlreadyExists
from antechamber.domain.invitations import Invitation, ProjectRole, State, change, issue
from antechamber.domain.organizations import Organization
from antechamber.domain.roles import ORG_MEMBER, ORG_OWNER
from antechamber.domain.usernames import parse

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORGANIZATION = Organization("5f0000000000000000000001", "Acme", NOW)
INVITER = Caller(
    CallerKind.API_KEY, "5f0000000000000000000002", "abcdefgh", ORGANIZATION, frozenset({ORG_OWNER}), "::1"
)
instants = st.integers(946_684_800, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
role_tuples = st.lists(st.sampled_from([ORG_MEMBER, ORG_OWNER]), min_size=1, unique=True).map(tuple)
team_tuples = st.lists(st.sampled_from(["5f" * 12, "6a" * 12]), unique=True).map(tuple)
project_role_tuples = st.lists(
    st.builds(ProjectRole, st.just("7b" * 12), st.sampled_from(["GROUP_OWNER", "GROUP_READ_ONLY"])),
    unique=True,
).map(tuple)


def issued(
    *,
    already_sent: Invitation | None = None,
    is_member: bool = False,
    from_project: bool = False,
    now: datetime = NOW,
) -> Invitation:
    return issue(
        id="5f0000000000000000000003",
        organization_id=ORGANIZATION.id,
        from_project=from_project,
        user_id="5f0000000000000000000004",
        username=parse("Ann@Example.com"),
        inviter=INVITER,
        roles=(ORG_MEMBER,),
        already_sent=already_sent,
        is_member=is_member,
        now=now,
    )


def test_a_new_invitation_is_pending_and_names_who_invited_whom() -> None:
    invitation = issued()
    assert invitation.state is State.PENDING
    assert invitation.username == "Ann@Example.com"
    assert invitation.inviter == "abcdefgh"
    assert invitation.project_id is None


@given(instants)
def test_inv14_an_invitation_expires_thirty_days_later_to_the_second(now: datetime) -> None:
    invitation = issued(now=now)
    assert invitation.created_at == now
    assert invitation.expires_at == now + timedelta(seconds=30 * 24 * 3600)
    assert invitation.is_pending(invitation.expires_at - timedelta(seconds=1))
    assert not invitation.is_pending(invitation.expires_at)
    assert not invitation.is_pending(invitation.expires_at + timedelta(seconds=1))


@pytest.mark.parametrize("state", [state for state in State if state is not State.PENDING])
def test_inv13_a_final_state_is_never_pending(state: State) -> None:
    assert not issued()._replace(state=state).is_pending(NOW)


def test_inv08_a_second_invitation_is_refused_while_the_first_is_pending() -> None:
    first = issued()
    last_moment = first.expires_at - timedelta(seconds=1)
    for now in (NOW, last_moment):
        with pytest.raises(UserAlreadyExists) as refused:
            issued(already_sent=first, now=now)
        assert refused.value.facts == ("Ann@Example.com",)


def test_inv14_an_expired_invitation_may_be_replaced_from_the_second_it_expires() -> None:
    first = issued()
    assert issued(already_sent=first, now=first.expires_at).is_pending(first.expires_at)


@pytest.mark.parametrize("state", [State.REJECTED, State.REVOKED, State.EXPIRED, State.ACCEPTED])
def test_an_ended_invitation_may_be_replaced(state: State) -> None:
    assert issued(already_sent=issued()._replace(state=state)).state is State.PENDING


def test_a_member_is_not_invited_again() -> None:
    with pytest.raises(UserAlreadyExists):
        issued(is_member=True)


def test_the_hidden_half_of_a_project_invitation_is_replaced_by_an_open_one_and_not_by_another() -> None:
    hidden = issued(from_project=True)
    assert not issued(already_sent=hidden).from_project
    with pytest.raises(UserAlreadyExists):
        issued(already_sent=hidden, from_project=True)


@given(
    st.none() | role_tuples,
    st.none() | team_tuples,
    st.none() | project_role_tuples,
)
def test_inv06_a_change_replaces_what_is_given_and_nothing_else(
    roles: tuple[str, ...] | None,
    team_ids: tuple[str, ...] | None,
    project_roles: tuple[ProjectRole, ...] | None,
) -> None:
    before = issued()._replace(team_ids=("8c" * 12,), project_roles=(ProjectRole("9d" * 12, "GROUP_OWNER"),))
    after = change(before, roles=roles, team_ids=team_ids, project_roles=project_roles)
    given = {"roles": roles, "team_ids": team_ids, "project_roles": project_roles}
    for name in Invitation._fields:
        kept, new = getattr(before, name), given.get(name)
        assert getattr(after, name) == (kept if new is None else new)
