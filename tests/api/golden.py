"""Golden answers: what an operation said, with everything that differs from run to run masked.

Masked, and nothing else: ids of 24 hex digits (numbered by their first appearance in the exchange), times
(of two that are thirty days apart the later one says so), host and port, names that tests make unique by
a number, what is left in a bucket, lengths, dates, request ids, nonces, our own version, and the halves of
new credentials. A length is compared with the body before it is masked.

`ANTECHAMBER_TEST_GOLDEN=write pytest tests/api/test_golden.py` writes the files anew, for a person to read
before they are kept.
"""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import requests

from antechamber import __version__

FOLDER = Path(__file__).parent / "golden"

_ID = re.compile(r"(?<![0-9a-f-])[0-9a-f]{24}(?![0-9a-f])")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_MASKS = (
    (re.compile(r"https?://127\.0\.0\.1:\d+"), "http://host"),
    (re.compile(r"\b(Office|Room|Shift|Other)( |%20)\d+"), r"\1\2N"),
    (re.compile(r"(?<=guest)\d+(?=@)"), "N"),
    (re.compile(r"(?<=nonce=\")[A-Za-z0-9+/]{32}(?=\")"), "<nonce>"),
    (re.compile(r"mdb_sa_sk_[A-Za-z0-9_-]{43}"), "<secret>"),
    (re.compile(r"mdb_sa_sk_(\*+)[A-Za-z0-9_-]{4}"), r"mdb_sa_sk_\1<tail>"),
    (re.compile(r"(?<=\*{8}-\*{4}-\*{4}-)[0-9a-f]{12}"), "<tail>"),
    (re.compile(r"at_[0-9a-f]{24}_[A-Za-z0-9_-]{43}"), "<token>"),
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"(?<=\"publicKey\":\")[a-z]{8}(?=\")"), "<public key>"),
    (re.compile(r"(?<=\"publicKey\" : \")[a-z]{8}(?=\")"), "<public key>"),
    (re.compile(re.escape(__version__)), "<version>"),
    (re.compile(r"(?<=gitHash=)[0-9a-f]{40}"), "<hash>"),
)
_VARYING_HEADERS = {
    "date": re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"),
    "content-length": re.compile(r"\d+"),
    "ratelimit-remaining": re.compile(r"\d+"),
    "x-request-id": re.compile(r"[0-9a-f]{20}"),
}


def exchange(response: requests.Response) -> str:
    """Return a request and its answer as text, masked."""
    request = response.request
    body = response.content
    if "content-length" in response.headers and request.method != "HEAD":
        assert int(response.headers["content-length"]) == len(body)
    asked = [f"{request.method} {request.path_url}"]
    if request.body:
        assert isinstance(request.body, bytes)
        asked.append(request.body.decode())
    # As they came, apart from the case of names, which HTTP leaves open.
    headers = sorted((name.lower(), value) for name, value in response.headers.items())
    answered = [f"{response.status_code} {response.reason}"]
    for name, value in headers:
        form = _VARYING_HEADERS.get(name)
        if form is not None:
            assert form.fullmatch(value), f"{name}: {value}"
        answered.append(f"{name}: {'*' if form else value}")
    return _masked("\n".join([*asked, "", *answered, "", body.decode()])).rstrip("\n") + "\n"


def check(name: str, exchanges: list[str]) -> None:
    """Compare with the golden file of that name."""
    text = f"\n{'-' * 100}\n\n".join(exchanges)
    file = FOLDER / f"{name}.txt"
    if os.environ.get("ANTECHAMBER_TEST_GOLDEN") == "write":
        file.write_text(text, "utf-8")
    assert file.exists(), f"{file.name} is not there: see the top of golden.py"
    assert text == file.read_text("utf-8")


def _masked(text: str) -> str:
    # Tokens and hashes hold ids, or what looks like one: they go first.
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    ids: dict[str, str] = {}
    text = _ID.sub(lambda match: ids.setdefault(match[0], f"<id {len(ids) + 1}>"), text)
    times = {match: datetime.fromisoformat(match) for match in _TIME.findall(text)}

    def name(match: re.Match[str]) -> str:
        thirty_days_before = times[match[0]] - timedelta(days=30)
        return "<time + 30 days>" if thirty_days_before in times.values() else "<time>"

    return _TIME.sub(name, text)
