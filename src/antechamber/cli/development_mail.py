"""Whom dev may really mail: nobody, unless both a mail server and recipients are named."""

from typing import Any
from urllib.parse import unquote, urlsplit

from antechamber.cli import configured

_SENDER = "Antechamber <no-reply@antechamber.invalid>"
_PORTS = {"smtp": 587, "smtps": 465}


def settings(smtp: str | None, mail_to: tuple[str, ...], mail_from: str | None) -> dict[str, Any]:
    """Return the settings that send mail besides catching it, none where nobody asked for that.

    smtp: smtp://USER:PASSWORD@HOST:PORT speaks STARTTLS, but plain to this machine; smtps:// TLS.
    mail_to: addresses, and domains that begin with @. Raises Refused.
    """
    if smtp is None:
        if mail_to or mail_from:
            raise configured.Refused(["--mail-to, --mail-from: say with --smtp which server takes the mail"])
        return {}
    if not mail_to:
        words = (
            "--smtp: say with --mail-to who may get mail; nobody else will, so that no test mails strangers"
        )
        raise configured.Refused([words])
    wanted = configured.Refused(["--smtp: smtp://USER:PASSWORD@HOST:PORT or smtps://… is wanted"])
    try:
        parts = urlsplit(smtp)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError as error:
        raise wanted from error
    if parts.scheme not in _PORTS or not host or parts.path.strip("/") or parts.query:
        raise wanted
    plain = "none" if configured.is_loopback(host) else "starttls"
    return {
        "smtp_host": host,
        "smtp_port": port,
        "smtp_security": "tls" if parts.scheme == "smtps" else plain,
        "smtp_username": unquote(parts.username or ""),
        "smtp_password": unquote(parts.password or ""),
        "mail_recipients": list(mail_to),
        "mail_from": mail_from or _SENDER,
    }
