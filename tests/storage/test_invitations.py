"""Rows of invitations."""

import asyncio
from dataclasses import dataclass

import pytest
from tests.conftest import OpenDatabase
from tests.worlds import Clock, World, gathered

from antechamber.domain.invitations import LIFETIME, Invitation, ProjectRole, State
from antechamber.storage import invitations
from antechamber.storage.database import PART, Database, Transaction


@dataclass
class Desk:
    """Keeps and finds invitations of one organization."""

    database: Database
    world: World

    async def keep(
        self, username: str = "Ann@example.com", *, project: bool = False, hidden: bool = False
    ) -> Invitation | None:
        """Keep a new pending invitation and return it, None when another is pending."""

        async def job(tx: Transaction) -> Invitation | None:
            invitation = self.new(tx, username, project=project, hidden=hidden)
            return invitation if await invitations.insert(tx, invitation) else None

        return await self.database.write(job)

    def new(
        self, tx: Transaction, username: str, *, project: bool = False, hidden: bool = False
    ) -> Invitation:
        return Invitation(
            id=tx.new_id(),
            organization_id=self.world.organization.id,
            project_id=self.world.project.id if project else None,
            from_project=hidden,
            user_id=tx.new_id(),
            username=username,
            inviter="abcdefgh",
            state=State.PENDING,
            roles=("GROUP_OWNER", "GROUP_READ_ONLY") if project else ("ORG_MEMBER",),
            team_ids=() if project else (self.world.team.id,),
            project_roles=() if project else (ProjectRole(self.world.project.id, "GROUP_OWNER"),),
            created_at=tx.now,
            expires_at=tx.now + LIFETIME,
        )

    async def find(self, id: str) -> Invitation | None:
        return await self.database.read(lambda tx: invitations.find(tx, self.world.organization.id, id))

    async def pending(self) -> list[Invitation]:
        of = self.world.organization.id
        return await self.database.read(lambda tx: gathered(invitations.list_pending(tx, of, of)))


@pytest.fixture
def desk(database: Database, world: World) -> Desk:
    return Desk(database, world)


async def kept(desk: Desk, username: str = "Ann@example.com", *, project: bool = False) -> Invitation:
    invitation = await desk.keep(username, project=project)
    assert invitation is not None
    return invitation


@pytest.mark.parametrize("project", [False, True])
@pytest.mark.parametrize("lock", [False, True])
async def test_what_was_kept_is_found(desk: Desk, project: bool, lock: bool) -> None:
    invitation = await kept(desk, project=project)
    of = desk.world.organization.id
    scope = desk.world.project.id if project else of
    found = await desk.database.write(lambda tx: invitations.find(tx, of, invitation.id, lock=lock))
    assert found == invitation
    pending = await desk.database.write(
        lambda tx: invitations.find_pending(tx, of, scope, "ann@example.com", lock=lock)
    )
    assert pending == invitation


async def test_inv08_one_pending_invitation_for_each_address_and_scope(desk: Desk) -> None:
    first = await kept(desk)
    assert await desk.keep("ANN@example.com") is None
    assert await desk.keep(project=True) is not None
    assert await desk.keep("bob@example.com") is not None
    of = desk.world.organization.id
    assert await desk.database.write(lambda tx: invitations.end(tx, first, State.REJECTED))
    assert await desk.keep() is not None
    found = await desk.database.read(lambda tx: invitations.find(tx, of, first.id))
    assert found == first._replace(state=State.REJECTED)


async def test_inv08_many_at_once_on_two_servers_keep_exactly_one(
    desk: Desk, database_url: str, open_url: OpenDatabase
) -> None:
    other = Desk(open_url(database_url), desk.world)
    answers = await asyncio.gather(*(each.keep() for _ in range(20) for each in (desk, other)))
    assert sum(answer is not None for answer in answers) == 1
    assert len(await desk.pending()) == 1


async def test_inv02_another_organization_finds_nothing(desk: Desk, stranger: World) -> None:
    invitation = await kept(desk)
    of = stranger.organization.id
    assert await desk.database.read(lambda tx: invitations.find(tx, of, invitation.id)) is None
    assert (
        await desk.database.read(lambda tx: invitations.find_pending(tx, of, of, "ann@example.com")) is None
    )
    assert await desk.database.read(lambda tx: gathered(invitations.list_pending(tx, of, of))) == []


async def test_a_list_is_sorted_by_key_and_has_neither_expired_nor_hidden_nor_ended_ones(
    desk: Desk, clock: Clock
) -> None:
    await kept(desk, "old@example.com")
    clock.advance(days=1)
    for name in ("b", "A", "c"):
        await kept(desk, f"{name}@example.com")
    await desk.keep("hidden@example.com", hidden=True)
    ended = await kept(desk, "ended@example.com")
    assert await desk.database.write(lambda tx: invitations.end(tx, ended, State.REVOKED))
    clock.advance(days=29)
    assert [one.username[0] for one in await desk.pending()] == ["A", "b", "c"]


async def test_counting_stops_where_it_is_told_to(desk: Desk, clock: Clock) -> None:
    for number in range(3):
        await kept(desk, f"p{number}@example.com")
    await desk.keep("hidden@example.com", hidden=True)
    of = desk.world.organization.id
    for most, counted in ((10, 4), (2, 2), (0, 0)):
        assert (
            await desk.database.read(lambda tx, m=most: invitations.count_pending(tx, of, of, m))  # type: ignore[misc]
            == counted
        )
    clock.advance(days=30)
    assert await desk.database.read(lambda tx: invitations.count_pending(tx, of, of, 10)) == 0


async def test_inv06_an_update_keeps_what_is_carried_and_nothing_else(desk: Desk) -> None:
    before = await kept(desk)
    wanted = before._replace(
        roles=("ORG_OWNER",),
        team_ids=(),
        project_roles=(),
        username="mallory@example.com",
        inviter="mallory",
        expires_at=before.expires_at + LIFETIME,
    )
    assert await desk.database.write(lambda tx: invitations.update(tx, wanted))
    assert await desk.find(before.id) == before._replace(roles=("ORG_OWNER",), team_ids=(), project_roles=())


async def test_inv13_inv15_an_invitation_ends_once_and_changes_no_more(desk: Desk) -> None:
    invitation = await kept(desk)
    ends = await asyncio.gather(
        *(
            desk.database.write(lambda tx, s=state: invitations.end(tx, invitation, s))  # type: ignore[misc]
            for state in (State.ACCEPTED, State.REJECTED, State.REVOKED) * 3
        )
    )
    assert sum(ends) == 1
    assert not await desk.database.write(lambda tx: invitations.update(tx, invitation._replace(roles=())))
    ended = await desk.find(invitation.id)
    assert ended is not None
    assert ended.roles == invitation.roles
    assert ended.state is not State.PENDING


async def test_inv16_a_dropped_project_goes_out_of_what_is_carried(desk: Desk) -> None:
    invitation = await kept(desk)
    of, project = desk.world.organization.id, desk.world.project.id
    other = ProjectRole("5f" * 12, "GROUP_OWNER")
    both = invitation._replace(project_roles=(*invitation.project_roles, other))
    await desk.database.write(lambda tx: invitations.update(tx, both))
    await desk.database.write(lambda tx: invitations.drop_project(tx, of, project))
    assert await desk.find(invitation.id) == invitation._replace(project_roles=(other,))


async def test_a_long_list_is_read_in_parts_and_whole(desk: Desk) -> None:
    usernames = [f"guest-{number:04}@example.com" for number in range(2 * PART + 3)]

    async def keep_all(tx: Transaction) -> None:
        for username in reversed(usernames):
            assert await invitations.insert(tx, desk.new(tx, username))

    await desk.database.write(keep_all)
    assert [one.username for one in await desk.pending()] == usernames
