"""Service accounts on the wire. Source: contract, schemas OrgServiceAccount and GroupServiceAccount."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from antechamber.api.atlas_v2.shapes.fields import Roles, Text
from antechamber.domain.service_accounts import Secret, ServiceAccount
from antechamber.usecases import service_accounts
from antechamber.usecases.service_accounts import NewSecret, NewServiceAccount


class SecretShape(Struct, rename="camel", kw_only=True):
    """A secret of a service account; in clear only where it has just been made."""

    created_at: datetime
    expires_at: datetime
    id: str
    last_used_at: datetime | UnsetType = UNSET
    masked_secret_value: str | UnsetType = UNSET
    secret: str | UnsetType = UNSET


class ServiceAccountShape(Struct, rename="camel"):
    """A service account; its roles are those on the organization or on the project asked for."""

    client_id: str
    created_at: datetime
    description: str
    name: str
    roles: Sequence[str]
    secrets: list[SecretShape]


class AssignedProjectShape(Struct, rename="camel"):
    """A project that an account is assigned to."""

    group_id: str
    roles: Sequence[str]


def service_account(account: ServiceAccount, roles: Sequence[str]) -> ServiceAccountShape:
    """Return the shape of an account with these roles, its secrets masked, 2024-08-05."""
    return _shape(account, roles, [_secret(secret) for secret in account.secrets])


def new_service_account(new: NewServiceAccount, roles: Sequence[str]) -> ServiceAccountShape:
    """Return the shape of a new account with these roles, its first secret in clear, 2024-08-05."""
    return _shape(new.account, roles, [new_secret(new.secret)])


def new_secret(new: NewSecret) -> SecretShape:
    """Return the shape of a new secret, in clear, 2024-08-05."""
    secret = new.secret
    return SecretShape(
        created_at=secret.created_at, expires_at=secret.expires_at, id=secret.id, secret=new.clear
    )


def _secret(secret: Secret) -> SecretShape:
    return SecretShape(
        created_at=secret.created_at,
        expires_at=secret.expires_at,
        id=secret.id,
        last_used_at=secret.last_used_at or UNSET,
        masked_secret_value=secret.mask,
    )


def _shape(account: ServiceAccount, roles: Sequence[str], secrets: list[SecretShape]) -> ServiceAccountShape:
    return ServiceAccountShape(
        account.client_id, account.created_at, account.description, account.name, roles, secrets
    )


class ServiceAccountRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The service account that is wanted."""

    description: Text
    name: Text
    roles: Roles
    secret_expires_after_hours: int


class ServiceAccountChange(Struct, rename="camel", forbid_unknown_fields=True):
    """The body of updateOrgServiceAccount and updateGroupServiceAccount."""

    description: Text | None = None
    name: Text | None = None
    roles: Roles | None = None


class SecretRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The body of createOrgServiceAccountSecret and createGroupServiceAccountSecret."""

    secret_expires_after_hours: int


class InvitationRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The body of inviteGroupServiceAccount."""

    roles: Roles


def service_account_request(body: ServiceAccountRequest) -> service_accounts.ServiceAccountRequest:
    """Return the account asked for."""
    return service_accounts.ServiceAccountRequest(
        body.name, body.description, body.roles, body.secret_expires_after_hours
    )


def service_account_change(body: ServiceAccountChange) -> service_accounts.ServiceAccountChange:
    """Return the change asked for."""
    return service_accounts.ServiceAccountChange(body.name, body.description, body.roles)
