"""What a running dev server tells of itself: to scripts, to shells, and to `antechamber env`."""

import contextlib
import os
import shlex
import tempfile
from pathlib import Path
from typing import Literal

import msgspec

API_KEY = "api-key"
SERVICE_ACCOUNT = "service-account"
Notation = Literal["shell", "dotenv", "json"]


class RunningInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Where the server is and with what one gets in. url: without a trailing slash; the rest may be empty.

    owner_username, owner_password: of a person who can sign in at the console. ca_file: the authority that
    vouches for the server, where it speaks HTTPS.
    """

    url: str
    org_id: str = ""
    project_id: str = ""
    public_key: str = ""
    private_key: str = ""
    client_id: str = ""
    client_secret: str = ""
    owner_username: str = ""
    owner_password: str = ""
    ca_file: str | msgspec.UnsetType = msgspec.UNSET


def variables(info: RunningInfo, auth: str = "") -> dict[str, str]:
    """Return the environment variables that the official clients read.

    auth: "api-key" or "service-account" for only what that way of signing in needs, empty for the file of
    `--env-file`: the key under every name, and the account under names that no client prefers to it.
    Source: contract, CLIENTS.md sections 2 and 3.
    """
    base = f"{info.url}/"
    found = {
        "ANTECHAMBER_URL": info.url,
        "MONGODB_ATLAS_BASE_URL": base,
        "MONGODB_ATLAS_OPS_MANAGER_URL": base,
    }
    if auth != SERVICE_ACCOUNT:
        found |= {
            "MONGODB_ATLAS_PUBLIC_KEY": info.public_key,
            "MONGODB_ATLAS_PRIVATE_KEY": info.private_key,
            "MONGODB_ATLAS_PUBLIC_API_KEY": info.public_key,
            "MONGODB_ATLAS_PRIVATE_API_KEY": info.private_key,
        }
    found |= {"MONGODB_ATLAS_ORG_ID": info.org_id, "MONGODB_ATLAS_PROJECT_ID": info.project_id}
    if auth == SERVICE_ACCOUNT:
        found |= {
            "MONGODB_ATLAS_CLIENT_ID": info.client_id,
            "MONGODB_ATLAS_CLIENT_SECRET": info.client_secret,
        }
    if auth != API_KEY:
        found |= {
            "ANTECHAMBER_CLIENT_ID": info.client_id,
            "ANTECHAMBER_CLIENT_SECRET": info.client_secret,
        }
    if not auth:
        found |= {
            "ANTECHAMBER_OWNER_USERNAME": info.owner_username,
            "ANTECHAMBER_OWNER_PASSWORD": info.owner_password,
        }
    if info.ca_file:
        # Node adds this authority to those it knows; for other clients see docs/clients.md.
        found |= {"ANTECHAMBER_CA_FILE": info.ca_file, "NODE_EXTRA_CA_CERTS": info.ca_file}
    return found


def formatted(values: dict[str, str], notation: Notation) -> str:
    """Return the variables as text that ends with a newline."""
    if notation == "json":
        return msgspec.json.format(msgspec.json.encode(values), indent=2).decode() + "\n"
    export = "export " if notation == "shell" else ""
    return "".join(f"{export}{name}={shlex.quote(value)}\n" for name, value in values.items())


def info_files(port: int, data: Path | None) -> list[Path]:
    """Return the files in which `antechamber env` looks for the server of that port or that data folder."""
    files = [runtime_folder() / f"dev-{port}.json"]
    if data is not None:
        files.append(data / "dev.json")
    return files


def runtime_folder() -> Path:
    """Return the folder, this user's alone, that holds the files of running servers."""
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(runtime) / "antechamber"
    return Path(tempfile.gettempdir()) / f"antechamber-{os.getuid()}"


def write_private(file: Path, text: str) -> None:
    """Put text into a file that only its owner can read, whole or not at all. Raises OSError."""
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
        Path(unfinished).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(unfinished).unlink()
        raise


def make_private_folder(folder: Path) -> None:
    """Make a folder for its owner alone, if it is not there. Raises OSError, also for somebody else's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
