"""A browser without scripts: one person's cookies, forms with their tokens, and what a page says."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import requests

COOKIE = "antechamber-session"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words(html: str) -> str:
    """Return what a page says, without its markup."""
    reader = _Words()
    reader.feed(html)
    return " ".join(" ".join(reader.words).split())


class Browser:
    """Visits pages below the console of one organization. cookie: of a session, empty for nobody's."""

    def __init__(self, url: str, organization_id: str, cookie: str = "") -> None:
        self.url = url
        self.root = f"{url}/console/organizations/{organization_id}"
        self.session = requests.Session()
        # Nothing of the machine's own: no proxy, no .netrc.
        self.session.trust_env = False
        self.session.headers["Accept-Language"] = "en"
        if cookie:
            self.session.cookies.set(COOKIE, cookie, domain="127.0.0.1", path="/")

    def get(self, path: str = "", **query: str) -> requests.Response:
        """Return a page; redirects are not followed."""
        return self.session.get(self._at(path), params=query, timeout=30, allow_redirects=False)

    def page(self, path: str = "", **query: str) -> str:
        """Return the HTML of a page that is there."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, (path, answer.status_code, words(answer.text))
        return answer.text

    def token(self) -> str:
        """Return the token that this browser's forms carry."""
        found = _TOKEN.search(self.session.get(f"{self.url}/console", timeout=30).text)
        assert found
        return unescape(found[1])

    def post(
        self, path: str, /, *, follow: bool = False, token: str | None = None, **fields: Any
    ) -> requests.Response:
        """Send a form. fields: lists for boxes, `file` for an upload. token: None for the right one."""
        file = fields.pop("file", None)
        return self.session.post(
            self._at(path),
            data={"csrf": self.token() if token is None else token, **fields},
            files={"file": ("people.csv", file, "text/csv")} if file is not None else None,
            headers={"Origin": self.url, "Sec-Fetch-Site": "same-origin"},
            timeout=60,
            allow_redirects=follow,
        )

    def done(self, path: str, /, **fields: Any) -> str:
        """Send a form that is taken, and return the page after it."""
        answer = self.post(path, follow=True, **fields)
        assert answer.status_code == 200, (path, answer.status_code, words(answer.text))
        return answer.text

    def _at(self, path: str) -> str:
        return f"{self.url}{path}" if path.startswith("/console") else f"{self.root}{path and '/' + path}"
