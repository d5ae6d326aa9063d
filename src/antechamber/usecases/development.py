"""What tests need and nobody else may ask for: past every caller, past every mail."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from antechamber.auth import api_keys, client_credentials
from antechamber.domain.errors import InvitationNotFound
from antechamber.domain.invitations import Invitation
from antechamber.domain.roles import GROUP_OWNER, ORG_OWNER, ORG_READ_ONLY
from antechamber.domain.seeds import (
    ApiKeySeed,
    OrganizationSeed,
    ProjectRoles,
    ProjectSeed,
    Seed,
    ServiceAccountSeed,
    UserSeed,
)
from antechamber.storage import development, organizations
from antechamber.storage.database import Transaction
from antechamber.usecases import invitee, seeding
from antechamber.usecases.invitee import NewPerson


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organization of its own for one test, with all it takes to work in it."""

    organization: OrganizationSeed = field(repr=False)

    @property
    def project(self) -> ProjectSeed:
        """Its project."""
        return self.organization.projects[0]

    @property
    def owner(self) -> UserSeed:
        """The person who owns organization and project."""
        return self.organization.users[0]

    @property
    def owner_key(self) -> ApiKeySeed:
        """The API key with ORG_OWNER."""
        return self.organization.api_keys[0]

    @property
    def read_only_key(self) -> ApiKeySeed:
        """The API key with ORG_READ_ONLY."""
        return self.organization.api_keys[1]

    @property
    def service_account(self) -> ServiceAccountSeed:
        """The service account with ORG_OWNER."""
        return self.organization.service_accounts[0]


def new_password() -> str:
    """Return a password that nobody has."""
    return secrets.token_urlsafe(12)


async def create_tenant(
    tx: Transaction,
    *,
    name: str,
    project_name: str,
    username: str,
    password: str,
    password_hashes: Mapping[str, str],
) -> Tenant:
    """Make an organization with a project, an owner, two API keys and a service account.

    What is empty is made up, and unlike anybody else's. password_hashes: what `users.hash_password` made of
    the password. Raises SeedRefused for names and addresses that cannot be.
    """
    unlike = secrets.token_hex(4)
    project = ProjectSeed(project_name or f"Project {unlike}", tx.new_id())
    owner = UserSeed(
        username or f"owner-{unlike}@tenant.example",
        password=password,
        first_name="Olive",
        last_name="Owner",
        roles=(ORG_OWNER,),
        project_roles=(ProjectRoles(project.name, (GROUP_OWNER,)),),
    )

    def key(description: str, role: str) -> ApiKeySeed:
        return ApiKeySeed(
            api_keys.new_public_key(),
            api_keys.new_private_key(),
            id=tx.new_id(),
            description=description,
            roles=(role,),
        )

    tenant = Tenant(
        OrganizationSeed(
            name or f"Tenant {unlike}",
            tx.new_id(),
            projects=(project,),
            users=(owner,),
            api_keys=(key("owner", ORG_OWNER), key("read-only", ORG_READ_ONLY)),
            service_accounts=(
                ServiceAccountSeed(
                    client_credentials.new_client_id(tx.new_id()),
                    client_credentials.new_secret(),
                    roles=(ORG_OWNER,),
                ),
            ),
            origin="tenant",
        )
    )
    await seeding.plant(tx, Seed((tenant.organization,)), password_hashes)
    return tenant


async def delete_tenant(tx: Transaction, *, organization_id: str) -> None:
    """Delete an organization with its projects, and the accounts that no other one knows.

    Raises OrganizationNotFound.
    """
    await organizations.lock(tx, organization_id)
    people = await development.people_of(tx, organization_id)
    await organizations.delete(tx, organization_id)
    for user_id in people:
        await development.drop_if_nobodys(tx, user_id)


async def accept(
    tx: Transaction,
    *,
    invitation_id: str,
    address: str,
    new_person: NewPerson | None,
) -> Invitation:
    """Accept an invitation as the person whom it is for; return it as it is then.

    address: where from. new_person: for somebody without an account of their own yet; None for whoever will
    sign in by mailed links, under the name that the account has.
    Raises InvitationNotFound, and what accepting raises.
    """
    return await invitee.accept_for(
        tx,
        organization_id=await _organization_of(tx, invitation_id),
        invitation_id=invitation_id,
        address=address,
        new_person=new_person,
    )


async def decline(tx: Transaction, *, invitation_id: str, address: str, note: str) -> Invitation:
    """Decline an invitation as the person whom it is for; return it as it is then.

    Raises InvitationNotFound, and what declining raises.
    """
    return await invitee.decline_for(
        tx,
        organization_id=await _organization_of(tx, invitation_id),
        invitation_id=invitation_id,
        address=address,
        note=note,
    )


async def _organization_of(tx: Transaction, invitation_id: str) -> str:
    organization_id = await development.organization_of_invitation(tx, invitation_id)
    if organization_id is None:
        raise InvitationNotFound(invitation_id)
    return organization_id


async def forget_rates(tx: Transaction) -> None:
    """Let everybody ask as often as at first: what was counted belongs to another time."""
    await development.forget_rates(tx)


async def is_mail_in_hand(tx: Transaction) -> bool:
    """Tell whether some worker is about to send something."""
    return await development.is_mail_in_hand(tx)
