"""Operations on accounts."""

from typing import Any

from antechamber.api.atlas_v2.shapes import users as shapes
from antechamber.api.wire.operations import Call, Reply
from antechamber.usecases import users


async def with_password_hash(body: shapes.CloudAppUserRequest) -> shapes.CloudAppUserRequest:
    """Return the body with the hash in place of the password."""
    body.password = await users.hash_password(body.password)
    return body


async def create_user(call: Call) -> Any:
    """Create an account and send the invitation for its roles."""
    body: shapes.CloudAppUserRequest = call.body
    account = await users.create(
        call.tx,
        call.caller,
        username=body.username,
        password_hash=body.password,
        first_name=body.first_name,
        last_name=body.last_name,
        country=body.country,
        mobile_number=body.mobile_number or "",
        requested_roles=[users.RoleRequest(one.org_id, one.group_id, one.role_name) for one in body.roles],
        known_roles=call.project_roles,
    )
    # Recorded with the path of the older generation; no client reads it.
    location = f"{call.base_url}/api/atlas/v1.0/users/{account.user.id}"
    return Reply(_shape(call, account), (("location", location),))


async def get_user(call: Call) -> Any:
    """Return the account of an id."""
    return _shape(call, await users.get(call.tx, call.caller, user_id=call.parameters["userId"]))


async def get_user_by_name(call: Call) -> Any:
    """Return the account of a username."""
    return _shape(call, await users.get_by_name(call.tx, call.caller, username=call.parameters["userName"]))


def _shape(call: Call, account: users.Account) -> shapes.CloudAppUser:
    return shapes.cloud_app_user(account, call.caller.organization.id, call.api_url)
