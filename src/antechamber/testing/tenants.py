"""An organization of its own, and the API as seen from it."""

from dataclasses import dataclass, field
from typing import Any

from antechamber.testing.asking import Answer, Connection
from antechamber.testing.desk import Desk

VERSION = "2025-03-12"


@dataclass(frozen=True)
class ApiKey:
    """An API key, for HTTP Digest."""

    id: str
    public_key: str
    private_key: str = field(repr=False)


@dataclass(frozen=True)
class ServiceAccount:
    """A service account, for OAuth 2.0."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Owner:
    """The person who owns a tenant, and can sign in at the console."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Tenant:
    """An organization with a project, an owner, two API keys and a service account.

    owner_key: with ORG_OWNER. read_only_key: with ORG_READ_ONLY. service_account: with ORG_OWNER.
    """

    url: str
    org_id: str
    org_name: str
    project_id: str
    project_name: str
    owner: Owner
    owner_key: ApiKey
    read_only_key: ApiKey
    service_account: ServiceAccount
    desk: Desk = field(repr=False, compare=False)

    def token(self) -> str:
        """Return a new access token of the service account: `Authorization: Bearer …`."""
        return self._connection.token(self.service_account.client_id, self.service_account.client_secret)

    def api(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        version: str = VERSION,
        query: dict[str, object] | None = None,
    ) -> Answer:
        """Ask the API as the service account, and return its answer.

        path: below /api/atlas/v2, `{org}` and `{project}` stand for the ids. version: a media-type date.
        """
        named = path.replace("{org}", self.org_id).replace("{project}", self.project_id)
        headers = {
            "Accept": f"application/vnd.atlas.{version}+json",
            "Authorization": f"Bearer {self.token()}",
        }
        return self._connection.ask(method, f"/api/atlas/v2{named}", body, query=query, headers=headers)

    def invite(self, username: str, *roles: str, **more: object) -> dict[str, Any]:
        """Invite somebody to the organization, as ORG_MEMBER by default; return the invitation.

        more: further attributes of the request's body, such as teamIds. Raises AssertionError.
        """
        body = {"username": username, "roles": list(roles) or ["ORG_MEMBER"], **more}
        # The one date that this operation has.
        answer = self.api("POST", "/orgs/{org}/invites", body, version="2023-01-01")
        assert answer.is_success, answer.body
        made: dict[str, Any] = answer.body
        return made

    def variables(self) -> dict[str, str]:
        """Return the environment variables with which the official clients work in this tenant."""
        base = f"{self.url}/"
        return {
            "MONGODB_ATLAS_BASE_URL": base,
            "MONGODB_ATLAS_OPS_MANAGER_URL": base,
            "MONGODB_ATLAS_PUBLIC_KEY": self.owner_key.public_key,
            "MONGODB_ATLAS_PRIVATE_KEY": self.owner_key.private_key,
            "MONGODB_ATLAS_PUBLIC_API_KEY": self.owner_key.public_key,
            "MONGODB_ATLAS_PRIVATE_API_KEY": self.owner_key.private_key,
            "MONGODB_ATLAS_ORG_ID": self.org_id,
            "MONGODB_ATLAS_PROJECT_ID": self.project_id,
        }

    def delete(self) -> None:
        """Delete it with all that belongs to it."""
        self.desk.ask("DELETE", f"/tenants/{self.org_id}")

    @property
    def _connection(self) -> Connection:
        return self.desk.connection


def create_tenant(desk: Desk, wish: dict[str, str]) -> Tenant:
    """Make a tenant; what the wish leaves out is made up."""
    made = desk.ask("POST", "/tenants", {name: value for name, value in wish.items() if value})
    return Tenant(
        url=desk.connection.url,
        org_id=made["orgId"],
        org_name=made["orgName"],
        project_id=made["projectId"],
        project_name=made["projectName"],
        owner=Owner(**made["owner"]),
        owner_key=_key(made["ownerKey"]),
        read_only_key=_key(made["readOnlyKey"]),
        service_account=ServiceAccount(
            made["serviceAccount"]["clientId"], made["serviceAccount"]["clientSecret"]
        ),
        desk=desk,
    )


def _key(made: dict[str, str]) -> ApiKey:
    return ApiKey(made["id"], made["publicKey"], made["privateKey"])
