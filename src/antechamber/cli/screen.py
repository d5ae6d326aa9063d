"""The one screen that dev prints."""

from antechamber import __version__
from antechamber.cli.demo import Credentials
from antechamber.cli.running_info import RunningInfo

_ACCEPT = "-H 'Accept: application/vnd.atlas.2023-01-01+json'"


def screen(info: RunningInfo, credentials: Credentials, *, is_temporary: bool, has_desk: bool) -> str:
    """Return URLs, ids, credentials and lines to copy. is_temporary: all of it is gone at exit."""
    desk = f"  Mailbox, clock  {info.url}/_antechamber/mail  {info.url}/_antechamber/"
    kept = "Ctrl-C stops it and throws its data away" if is_temporary else "Ctrl-C stops it"
    return "\n".join(
        [
            f"Antechamber {__version__} answers at {info.url}  ({kept})",
            "",
            f"  API             {info.url}/api/atlas/v2",
            f"  Health, metrics {info.url}/healthz  {info.url}/metrics",
            f"  Console         {info.url}/console",
            *([desk] if has_desk else []),
            *([f"  Authority       {info.ca_file}"] if info.ca_file else []),
            "",
            *_ids(credentials),
            "",
            *_credentials(credentials),
            "",
            *(_curl_digest(info) if info.public_key else ()),
            *(_curl_bearer(info) if info.client_id else ()),
            *(_clients(info) if info.public_key else ()),
        ]
    )


def _curl_digest(info: RunningInfo) -> list[str]:
    curl = f"curl --digest -u '{info.public_key}:{info.private_key}' {_ACCEPT}"
    body = '{"username":"new@example.com","roles":["ORG_MEMBER"]}'
    return [
        "curl, API key (invites somebody, then lists who is invited)",
        f"  {curl} -H 'Content-Type: application/json' -d '{body}' '{_invitations(info)}'",
        f"  {curl} '{_invitations(info)}?pretty=true'",
    ]


def _curl_bearer(info: RunningInfo) -> list[str]:
    fetch = f"curl -s -u '{info.client_id}:{info.client_secret}' -d grant_type=client_credentials"
    pick = 'sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\''
    return [
        "curl, service account",
        f"  TOKEN=$({fetch} {info.url}/api/oauth/token | {pick})",
        f"  curl -H \"Authorization: Bearer $TOKEN\" {_ACCEPT} '{_invitations(info)}?pretty=true'",
    ]


def _invitations(info: RunningInfo) -> str:
    return f"{info.url}/api/atlas/v2/orgs/{info.org_id}/invites"


def _ids(credentials: Credentials) -> list[str]:
    named = [
        ("Organization", credentials.organization, credentials.org_id),
        ("Project", credentials.project, credentials.project_id),
        ("Team", credentials.team, credentials.team_id),
        ("Owner", credentials.owner, credentials.owner_password and f"password {credentials.owner_password}"),
    ]
    return [f"  {kind:<15} {name:<24} {id}".rstrip() for kind, name, id in named if name]


def _credentials(credentials: Credentials) -> list[str]:
    width = max((len(key.description) for key in credentials.keys), default=0)
    lines = [
        f"  API key         {key.description:<{width}}  {key.public_key}  {key.private_key}"
        for key in credentials.keys
    ]
    if credentials.client_id:
        lines.append(f"  Service account {credentials.client_id}  {credentials.client_secret}")
    return lines


def _clients(info: RunningInfo) -> list[str]:
    base, public_key, private_key = f"{info.url}/", info.public_key, info.private_key
    cli = {
        "MONGODB_ATLAS_OPS_MANAGER_URL": base,
        "MONGODB_ATLAS_ORG_ID": info.org_id,
        "MONGODB_ATLAS_PUBLIC_API_KEY": public_key,
        "MONGODB_ATLAS_PRIVATE_API_KEY": private_key,
    }
    terraform = {
        "MONGODB_ATLAS_BASE_URL": base,
        "MONGODB_ATLAS_PUBLIC_KEY": public_key,
        "MONGODB_ATLAS_PRIVATE_KEY": private_key,
    }
    go = f'admin.UseBaseURL("{info.url}"), admin.UseDigestAuth("{public_key}", "{private_key}")'
    return [
        "Atlas CLI",
        f"  {_export(cli)}",
        "  atlas organizations invitations list",
        "Terraform",
        f"  {_export(terraform)}",
        "Go SDK",
        f"  sdk, err := admin.NewClient({go})",
        f'  invitations, _, err := sdk.OrganizationsApi.ListOrgInvites(ctx, "{info.org_id}").Execute()',
        f'All of it as variables: eval "$(antechamber env --port {info.url.rpartition(":")[2]})"',
    ]


def _export(variables: dict[str, str]) -> str:
    return "export " + " ".join(f"{name}={value}" for name, value in variables.items())
