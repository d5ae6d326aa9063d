"""JSON over HTTP with the standard library."""

import http.client
import json
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

SECONDS = 75.0


@dataclass(frozen=True)
class Answer:
    """What a server answered. body: the JSON value, or the text where it is none; None for nothing."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: Any

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300


class Connection:
    """A server's address. A connection a request: safe from any thread. ca_file: for a server with TLS."""

    def __init__(self, url: str, ca_file: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._ca_file = ca_file

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Return the answer, whatever its status. body: goes out as JSON. Raises OSError."""
        named = urlencode({name: value for name, value in (query or {}).items() if value not in ("", None)})
        content = None if body is None else json.dumps(body).encode()
        typed = {} if body is None else {"Content-Type": "application/json"}
        return self._ask(
            method,
            f"{path}?{named}" if named else path,
            content,
            {"Accept": "application/json", **typed, **(headers or {})},
        )

    def token(self, client_id: str, client_secret: str) -> str:
        """Return a new access token of a service account."""
        basic = b64encode(f"{client_id}:{client_secret}".encode()).decode()
        answer = self._ask(
            "POST",
            "/api/oauth/token",
            b"grant_type=client_credentials",
            {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
        )
        if not answer.is_success:
            raise PermissionError(f"{client_id} gets no access token: {answer.body}")
        return str(answer.body["access_token"])

    def _ask(self, method: str, target: str, content: bytes | None, headers: dict[str, str]) -> Answer:
        parts = urlsplit(self.url)
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=self._ca_file)
            connection = http.client.HTTPSConnection(
                parts.hostname or "", parts.port, timeout=SECONDS, context=context
            )
        else:
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
        try:
            connection.request(method, target, content, headers)
            response = connection.getresponse()
            return Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                _read(response.read()),
            )
        finally:
            connection.close()


def _read(content: bytes) -> Any:
    text = content.decode()
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
