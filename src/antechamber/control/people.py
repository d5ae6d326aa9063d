"""What people do, done for them: the step that the API hides, and organizations of one test."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from antechamber.control import desk
from antechamber.control.desk import In, Out
from antechamber.domain.seeds import ApiKeySeed
from antechamber.usecases import development as cases
from antechamber.usecases.invitee import NewPerson
from antechamber.usecases.users import hash_password


class Acceptance(In):
    """Who accepts. Only somebody without an account yet gets name and password from here.

    With one of them given, a missing name is made up; with none, the account keeps what it is called.
    """

    first_name: str = ""
    last_name: str = ""
    password: str = ""


class Declination(In):
    """Why somebody declines."""

    note: str = ""


class Ended(Out):
    """An invitation that somebody has answered."""

    id: str
    org_id: str
    username: str
    state: str


class NewTenant(In):
    """What a tenant is to be called; what is not given is made up."""

    name: str = ""
    project_name: str = ""
    username: str = ""
    password: str = ""


class Key(Out):
    """An API key."""

    id: str
    public_key: str
    private_key: str


class ServiceAccount(Out):
    """A service account."""

    client_id: str
    client_secret: str


class Owner(Out):
    """The person who owns a tenant."""

    username: str
    password: str


class Tenant(Out):
    """An organization of one test, with all its secrets."""

    org_id: str
    org_name: str
    project_id: str
    project_name: str
    owner: Owner
    owner_key: Key
    read_only_key: Key
    service_account: ServiceAccount


async def accept(request: Request) -> Response:
    """Accept an invitation as the person whom it is for."""
    wish = await desk.body_of(request, Acceptance)
    new_person = None
    if wish.first_name or wish.last_name or wish.password:
        password_hash = await hash_password(wish.password) if wish.password else None
        new_person = NewPerson(wish.first_name or "Test", wish.last_name or "Person", password_hash)
    return await _end(request, partial(cases.accept, new_person=new_person))


async def decline(request: Request) -> Response:
    """Decline an invitation as the person whom it is for."""
    wish = await desk.body_of(request, Declination)
    return await _end(request, partial(cases.decline, note=wish.note))


async def _end(request: Request, job: Any) -> Response:
    here = desk.of(request)
    assert request.client is not None, "the transport says where requests come from"
    invitation = await here.database.write(
        partial(job, invitation_id=request.path_params["id"], address=request.client.host)
    )
    await here.catch_up()
    return desk.answer(
        Ended(
            id=invitation.id,
            org_id=invitation.organization_id,
            username=invitation.username,
            state=invitation.state.value,
        )
    )


async def create_tenant(request: Request) -> Response:
    """Make an organization with everything that a test needs, in one commit."""
    wish = await desk.body_of(request, NewTenant)
    password = wish.password or cases.new_password()
    hashes = {password: await hash_password(password)}
    tenant = await desk.of(request).database.write(
        partial(
            cases.create_tenant,
            name=wish.name,
            project_name=wish.project_name,
            username=wish.username,
            password=password,
            password_hashes=hashes,
        )
    )
    return desk.answer(_shown(tenant), 201)


async def delete_tenant(request: Request) -> Response:
    """Delete an organization with all that belongs to it."""
    job = partial(cases.delete_tenant, organization_id=request.path_params["id"])
    await desk.of(request).database.write(job)
    return desk.nothing()


def _shown(tenant: cases.Tenant) -> Tenant:
    account = tenant.service_account
    return Tenant(
        org_id=tenant.organization.id or "",
        org_name=tenant.organization.name,
        project_id=tenant.project.id or "",
        project_name=tenant.project.name,
        owner=Owner(username=tenant.owner.username, password=tenant.owner.password),
        owner_key=_key(tenant.owner_key),
        read_only_key=_key(tenant.read_only_key),
        service_account=ServiceAccount(client_id=account.client_id, client_secret=account.secret),
    )


def _key(key: ApiKeySeed) -> Key:
    return Key(id=key.id or "", public_key=key.public_key, private_key=key.private_key)
