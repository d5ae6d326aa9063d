"""What a seed leaves behind besides what the API shows: who is proven, who can sign in, which language."""

from functools import partial

import pytest

from antechamber.auth import passwords
from antechamber.domain.invitations import State
from antechamber.domain.seeds import InvitationSeed, OrganizationSeed, Seed, SeedRefused, UserSeed
from antechamber.domain.usernames import key_of
from antechamber.storage import organizations, users
from antechamber.storage.database import Database, Statement
from antechamber.usecases import seeding

PASSWORD = "correct horse battery staple"
_KEPT = Statement("SELECT password_hash FROM users WHERE username_key = :key")


async def _plant(database: Database, *organizations: OrganizationSeed) -> list[seeding.Planted]:
    seed = Seed(organizations)
    hashes = await seeding.hash_passwords(seed)
    return await database.write(partial(seeding.plant, seed=seed, password_hashes=hashes))


async def test_a_password_opens_the_account_and_is_kept_as_a_hash(database: Database) -> None:
    # Somebody whom another organization has invited has an account already.
    await _plant(
        database,
        OrganizationSeed("A", invitations=(InvitationSeed("ada@acme.example"),)),
        OrganizationSeed("B", users=(UserSeed("ada@acme.example", password=PASSWORD),)),
    )
    row = await database.read(lambda tx: tx.row(_KEPT, key="ada@acme.example"))
    assert row is not None
    assert PASSWORD not in row[0]
    assert passwords.verify_password(PASSWORD, row[0])
    ada = await database.read(partial(users.find_by_key, key="ada@acme.example"))
    assert ada is not None
    assert ada.is_verified


@pytest.mark.parametrize(
    ("state", "is_verified"),
    [(State.ACCEPTED, True), (State.PENDING, False), (State.EXPIRED, False), (State.REJECTED, False)],
)
async def test_inv12_only_accepting_proves_an_address(
    database: Database, state: State, is_verified: bool
) -> None:
    invitation = InvitationSeed("new@acme.example", state=state)
    await _plant(database, OrganizationSeed("A", invitations=(invitation,)))
    person = await database.read(partial(users.find_by_key, key=key_of(invitation.username)))
    assert person is not None
    assert person.is_verified is is_verified


async def test_an_organization_has_its_language(database: Database) -> None:
    planted = await _plant(database, OrganizationSeed("A", language="ja"), OrganizationSeed("B"))
    languages = [
        await database.read(partial(organizations.language, id=one.organization_id)) for one in planted
    ]
    assert languages == ["ja", ""]


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize(("password", "words"), [("short", "8 to 128"), ("password", "too common")])
async def test_a_password_that_nobody_may_have_is_refused(password: str, words: str) -> None:
    seed = Seed((OrganizationSeed("A", users=(UserSeed("a@b.example", password=password),)),))
    with pytest.raises(SeedRefused, match=words):
        await seeding.hash_passwords(seed)
