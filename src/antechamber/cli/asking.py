"""Asking a running server how it is."""

import http.client
import ssl
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 3.0


def status_of(url: str, path: str) -> int | None:
    """Return the status of a GET, None when nobody answers. url: scheme, host and port.

    The certificate is not checked: the answer is a status, and the question is no secret.
    """
    parts = urlsplit(url)
    try:
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            connection = http.client.HTTPSConnection(
                parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return None
