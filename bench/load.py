"""Load from a process of its own: wrk where it is installed, otherwise our own client."""

import hashlib
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench import ROOT
from bench.client import Outcome, Work

CONNECTIONS = 64
_CNONCE = "0a4f113b"
_RESULT = "RESULT "

_SCRIPT = """
wrk.method = {method}
wrk.body = {body}
for name, value in pairs({{ {headers} }}) do wrk.headers[name] = value end
local lines = {{}}
if {answers} ~= "" then
  for line in io.lines({answers}) do lines[#lines + 1] = line end
  local head, rest, at, most = {head}, "\\r\\n\\r\\n" .. (wrk.body or ""), 0, #lines
  function request()
    at = at % most + 1
    return head .. "\\r\\nAuthorization: " .. lines[at] .. rest
  end
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{result}{{"requests":%d,"seconds":%f,"failures":%d,"p50_ms":%f,"p99_ms":%f}}\\n',
    summary.requests, summary.duration / 1e6, e.status + e.connect + e.read + e.write + e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


class Ask(NamedTuple):
    """One request, to be sent over and over."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: str = ""


class Key(NamedTuple):
    """An API key: with it, a request is signed anew each time."""

    public: str
    private: str


class LoadFailed(Exception):
    """The tool did not run, or the server refused or dropped requests; then a rate means nothing."""


def tool() -> str:
    """Return the load tool's name and version."""
    if shutil.which("wrk") is None:
        return "own"
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    return " ".join((said.stdout + said.stderr).split()[:2])


def press(
    port: int,
    ask: Ask,
    seconds: int,
    answers: Sequence[str] = (),
    *,
    own: bool = False,
    connections: int = CONNECTIONS,
) -> Outcome:
    """Send the request through kept connections for some seconds.

    answers: values of Authorization, one a request, as from `signed`. own: our own client even where there
    is wrk.
    Raises LoadFailed when any request was refused.
    """
    with tempfile.TemporaryDirectory() as folder:
        run = _own if own or shutil.which("wrk") is None else _wrk
        outcome = run(port, ask, seconds, answers, Path(folder), connections)
    if outcome.failures or not outcome.requests:
        raise LoadFailed(
            f"{ask.method} {ask.target}: {outcome.failures} of {outcome.requests} requests failed"
        )
    return outcome


def signed(port: int, ask: Ask, key: Key, count: int) -> list[str]:
    """Return `count` values of Authorization for the request, at least one a connection.

    Each connection has a nonce of its own and counts it up, as a client that keeps its connection does (wrk,
    whose connections share one list, stays close enough to that). The server at the port mints the nonces.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=10)

    def challenge() -> str:
        connection.request(ask.method, ask.target, headers=dict(ask.headers))
        response = connection.getresponse()
        response.read()
        return response.getheader("www-authenticate", "")

    challenges = [challenge() for _ in range(CONNECTIONS)]
    connection.close()
    signers = [Signer(text, ask, key) for text in challenges]
    return [signers[number % CONNECTIONS]() for number in range(max(count, CONNECTIONS))]


class Signer:
    """Answers one challenge as often as it is called, counting up."""

    def __init__(self, challenge: str, ask: Ask, key: Key) -> None:
        found = re.match(r'Digest realm="([^"]+)".* nonce="([^"]+)"', challenge)
        if found is None:
            raise LoadFailed(f"this is no challenge: {challenge!r}")
        realm, nonce = found.groups()
        self._count = 0
        self._ha1 = _md5(f"{key.public}:{realm}:{key.private}")
        self._ha2 = _md5(f"{ask.method}:{ask.target}")
        self._nonce = nonce
        self._head = (
            f'Digest username="{key.public}", realm="{realm}", nonce="{nonce}", uri="{ask.target}", '
            f'algorithm=MD5, qop=auth, cnonce="{_CNONCE}"'
        )

    def __call__(self) -> str:
        """Return the next value of Authorization. Source: RFC 7616 section 3.4.1."""
        self._count += 1
        count = f"{self._count:08x}"
        response = _md5(f"{self._ha1}:{self._nonce}:{count}:{_CNONCE}:auth:{self._ha2}")
        return f'{self._head}, nc={count}, response="{response}"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _own(
    port: int, ask: Ask, seconds: int, answers: Sequence[str], folder: Path, connections: int
) -> Outcome:
    work = Work("127.0.0.1", port, connections, seconds, _head(port, ask), ask.body, list(answers))
    file = folder / "work.json"
    file.write_bytes(msgspec.json.encode(work))
    said = _output([sys.executable, "-m", "bench.client", str(file)], seconds)
    return msgspec.json.decode(said, type=Outcome)


def _head(port: int, ask: Ask) -> str:
    headers = {"Host": f"127.0.0.1:{port}", **ask.headers}
    if ask.body:
        headers["Content-Length"] = str(len(ask.body))
    return "\r\n".join(
        [f"{ask.method} {ask.target} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    )


def _wrk(
    port: int, ask: Ask, seconds: int, answers: Sequence[str], folder: Path, connections: int
) -> Outcome:
    lines, script = folder / "answers", folder / "load.lua"
    if answers:
        lines.write_text("\n".join(answers))
    # What JSON quotes, Lua reads as the same text: all of this is ASCII.
    script.write_text(
        _SCRIPT.format(
            method=json.dumps(ask.method),
            body=json.dumps(ask.body) if ask.body else "nil",
            headers=", ".join(
                f"[{json.dumps(name)}] = {json.dumps(ask.headers[name])}" for name in ask.headers
            ),
            answers=json.dumps(str(lines) if answers else ""),
            head=json.dumps(_head(port, ask)),
            result=_RESULT,
        )
    )
    # Slow is not refused: what wrk calls a timeout, it counts as an error.
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script)]
    before = _children_seconds()
    said = _output([*command, f"http://127.0.0.1:{port}{ask.target}"], seconds)
    busy = _children_seconds() - before
    line = next(iter(line for line in said.splitlines() if line.startswith(_RESULT)), None)
    if line is None:
        raise LoadFailed(f"wrk said: {said}")
    values = json.loads(line.removeprefix(_RESULT))
    return Outcome(**values, busy=busy / values["seconds"])


def _children_seconds() -> float:
    """CPU time of the processes that have ended: the load tool's, the servers are still there."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _output(command: list[str], seconds: int) -> str:
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=seconds + 30, check=False, cwd=ROOT
    )
    if ended.returncode != 0:
        raise LoadFailed(f"{command[0]} ended with {ended.returncode}: {ended.stderr[-500:]}")
    return ended.stdout
