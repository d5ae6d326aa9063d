"""Somebody with a browser: cookies, forms as pages have them, and the mail of an address."""

import html
import re
from collections.abc import Mapping
from typing import Any

import requests

_FORM = re.compile(r'<form[^>]*action="(?P<action>[^"]*)"[^>]*>(?P<body>.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(?P<name>[^"]*)" value="(?P<value>[^"]*)">')


class Visitor:
    """A browser: it keeps cookies, says where its forms come from, and follows redirects."""

    def __init__(self, url: str, *, verify: str | bool = True, language: str = "en") -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = verify
        self.session.headers["Accept-Language"] = language

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> requests.Response:
        """Return a page."""
        return self.session.get(self.url + path, headers=headers, timeout=30, **more)

    def post(
        self,
        path: str,
        fields: Mapping[str, str],
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> requests.Response:
        """Return the answer to a form. headers: in place of the Origin of our own pages."""
        sent = {"Origin": self.url} if headers is None else dict(headers)
        return self.session.post(self.url + path, data=fields, headers=sent, timeout=30, **more)

    def submit(
        self, page: requests.Response, action: str, fields: Mapping[str, str] | None = None, **more: Any
    ) -> requests.Response:
        """Fill in the form of a page and send it."""
        return self.post(action, {**hidden(page, action), **(fields or {})}, **more)

    def open(self, link: str) -> requests.Response:
        """Follow an invitation's link and click; return the page of the invitation."""
        page = self.get("/invite")
        return self.submit(page, "/invite", {"link": link})

    def accept(self, page: requests.Response, **fields: str) -> requests.Response:
        """Accept the invitation that a page shows, as somebody new."""
        named = {"first_name": "Ann", "last_name": "Lee", **fields}
        return self.submit(page, "/invitation/accept", named)

    def sign_in(self, username: str, password: str, **more: str) -> requests.Response:
        """Sign in by password."""
        page = self.get("/sign-in")
        return self.submit(page, "/sign-in", {"username": username, "password": password, **more})

    def cookie(self, name: str) -> str | None:
        """Return the value of a cookie."""
        return self.session.cookies.get(name)


def hidden(page: requests.Response, action: str) -> dict[str, str]:
    """Return the hidden fields of the last form with this action; the first may be the page head's."""
    for form in reversed(list(_FORM.finditer(page.text))):
        if html.unescape(form["action"]) == action:
            return {field["name"]: html.unescape(field["value"]) for field in _HIDDEN.finditer(form["body"])}
    raise AssertionError(f"no form to {action} on this page: {page.status_code} {title(page)}")


def title(page: requests.Response) -> str:
    """Return the first heading of a page."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert found is not None, page.text
    return html.unescape(found[1]).strip()


def link_of(url: str, address: str, *, verify: str | bool = True) -> str:
    """Return the link of the last mail to an address."""
    found = requests.get(f"{url}/_antechamber/mail", params={"to": address}, timeout=30, verify=verify)
    messages = found.json()["messages"]
    assert messages, f"no mail to {address}"
    link = messages[-1]["link"]
    assert isinstance(link, str)
    return link
