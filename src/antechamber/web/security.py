"""What keeps pages and forms from being used by other sites: headers, cookies, tokens of forms.

Source: SECURITY-MODEL "Web pages".
"""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

SESSION = "antechamber-session"
INVITATION = "antechamber-invitation"
# What tokens of forms hang on: one random value a browser, so that a form survives signing in elsewhere.
FORM = "antechamber-form"
NOTICE = "antechamber-notice"
LANGUAGE = "antechamber-language"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def is_secure(request: Request) -> bool:
    """Tell whether the browser reaches us by https."""
    return request.url.scheme == "https"


def headers(request: Request) -> dict[str, str]:
    """Return the headers that every page has."""
    # By http browsers tell where a form comes from by its Origin alone, which "no-referrer" blanks.
    policy = "no-referrer" if is_secure(request) else "same-origin"
    more = {"strict-transport-security": "max-age=31536000; includeSubdomains;"} if is_secure(request) else {}
    return {**_HEADERS, "referrer-policy": policy, **more}


# -- cookies ----------------------------------------------------------------------------------------


def _cookie_name(request: Request, name: str) -> str:
    return f"__Host-{name}" if is_secure(request) else name


def cookie(request: Request, name: str) -> str:
    """Return the value of one of our cookies, empty for none."""
    return request.cookies.get(_cookie_name(request, name), "")


def set_cookie(
    request: Request, response: Response, name: str, value: str, seconds: int | None = None
) -> None:
    """Give the browser a cookie. seconds: how long it lasts; None for as long as the browser runs."""
    response.set_cookie(
        _cookie_name(request, name),
        value,
        max_age=seconds,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Take a cookie from the browser."""
    set_cookie(request, response, name, "", 0)


# -- where a form comes from ------------------------------------------------------------------------


def is_own_form(request: Request) -> bool:
    """Tell whether the browser says that a request comes from one of our own pages.

    Source: W3C Fetch Metadata; RFC 6454 section 7. A browser without the first says the second.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    base = urlsplit(request.state.base_url)
    return request.headers.get("origin", "").lower() == f"{base.scheme}://{base.netloc}".lower()


def new_form_secret() -> str:
    """Return a new value of the cookie that tokens of forms hang on."""
    return secrets.token_urlsafe(32)


def form_token(key: bytes, form_secret: str) -> str:
    """Return the token that forms of this browser carry."""
    return _signature(key, f"form\0{form_secret}")


def is_form_token(key: bytes, form_secret: str, token: str) -> bool:
    """Tell whether a form's token is this browser's."""
    return bool(form_secret) and hmac.compare_digest(
        form_token(key, form_secret).encode(), token.encode("utf-8", "surrogatepass")
    )


def sign(key: bytes, form_secret: str, value: str) -> str:
    """Return a value as a cookie can carry it, of use to this browser only."""
    body = base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
    return f"{body}.{_value_signature(key, form_secret, body)}"


def signed_value(key: bytes, form_secret: str, text: str) -> str | None:
    """Return the value that was signed for this browser, None for anything else."""
    body, _, signature = text.partition(".")
    if not hmac.compare_digest(_value_signature(key, form_secret, body).encode(), signature.encode()):
        return None
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()


def _value_signature(key: bytes, form_secret: str, body: str) -> str:
    return _signature(key, f"value\0{form_secret}\0{body}")


def _signature(key: bytes, text: str) -> str:
    digest = hmac.digest(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
