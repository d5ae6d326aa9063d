"""What describes the API itself: the OpenAPI document, and a page that shows it to people.

Neither needs credentials: they say what the server can do, and nothing of what is in it.
"""

import base64
import hashlib
from collections.abc import Callable
from html import escape
from typing import Any

from antechamber.api.wire import printing
from antechamber.api.wire.messages import Header, Request, Response

DOCUMENT_PATH = "/api/openapi.json"
PAGE_PATH = "/api/reference"
PATHS = (DOCUMENT_PATH, PAGE_PATH)

_STYLE = """
:root{color-scheme:light dark;
--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--page:#fff;--card:#f6f8fa;--mark:#0b6b4f}
@media (prefers-color-scheme:dark){
:root{--ink:#e6eaf0;--soft:#9aa5b4;--line:#323a46;--page:#14181d;--card:#1b2027;--mark:#4cc79a}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page)}
main{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 6rem}
h1{margin:0 0 .25rem;font-size:1.75rem}
h2{margin:2.5rem 0 .75rem;font-size:1.25rem}
p{margin:.35rem 0}
a{color:var(--mark)}
nav{display:flex;flex-wrap:wrap;gap:.35rem 1rem;margin:1rem 0}
details{border:1px solid var(--line);border-radius:6px;margin:.4rem 0;background:var(--card)}
summary{
display:flex;flex-wrap:wrap;gap:.25rem .75rem;padding:.55rem .8rem;cursor:pointer;align-items:baseline}
summary:focus-visible,a:focus-visible{outline:2px solid var(--mark);outline-offset:2px}
details>div{padding:.25rem .8rem .8rem;border-top:1px solid var(--line)}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
.verb{min-width:3.8rem;font-weight:700;color:var(--mark)}
.soft{color:var(--soft)}
.old{text-decoration:line-through}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft)}
"""
_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class Reference:
    """The two paths. describe: returns the OpenAPI document; asked once, at the first request."""

    def __init__(self, describe: Callable[[], dict[str, Any]], identity: tuple[Header, ...]) -> None:
        self._describe = describe
        self._identity = identity
        self._built: dict[str, Response] = {}

    async def respond(self, request: Request) -> Response:
        """Return the answer to a request for one of PATHS."""
        if request.method not in ("GET", "HEAD"):
            headers = [*self._identity, ("allow", "GET, HEAD"), ("content-type", "text/plain")]
            return Response(405, headers, b"method not allowed\n")
        if not self._built:
            document = self._describe()
            self._built = {
                DOCUMENT_PATH: self._answer("application/json", printing.compact(document)),
                PAGE_PATH: self._answer(
                    "text/html; charset=utf-8",
                    page(document).encode(),
                    ("content-security-policy", _POLICY),
                ),
            }
        answer = self._built[request.path]
        return Response(answer.status, list(answer.headers), answer.body)

    def _answer(self, content_type: str, body: bytes, *more: Header) -> Response:
        headers = [*self._identity, ("content-type", content_type), ("cache-control", "no-cache"), *more]
        return Response(200, headers, body)


def page(document: dict[str, Any]) -> str:
    """Return the reference page of an OpenAPI document: one file, no script, nothing loaded."""
    by_tag: dict[str, list[str]] = {}
    for path, by_verb in document["paths"].items():
        for verb, operation in by_verb.items():
            text = _operation(document, path, verb, operation)
            by_tag.setdefault(operation["tags"][0], []).append(text)
    tags = sorted(by_tag)
    links = "".join(f'<a href="#{_anchor(tag)}">{escape(tag)}</a>' for tag in tags)
    sections = "".join(
        f'<section><h2 id="{_anchor(tag)}">{escape(tag)}</h2>{"".join(by_tag[tag])}</section>' for tag in tags
    )
    info = document["info"]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(info['title'])}: API reference</title><style>{_STYLE}</style></head><body><main>"
        f'<h1>{escape(info["title"])}</h1><p class="soft">API reference, version {escape(info["version"])}.'
        f' For machines: <a href="{DOCUMENT_PATH}">{DOCUMENT_PATH}</a></p>'
        "<p>Name the version you want in <code>Accept</code>:"
        " <code>application/vnd.atlas.2025-03-12+json</code> gives the newest one up to that date."
        " Show an API key by HTTP Digest, or a service account's access token.</p>"
        f"<nav>{links}</nav>{sections}</main></body></html>"
    )


def _anchor(tag: str) -> str:
    return escape(tag.lower().replace(" ", "-"))


def _operation(document: dict[str, Any], path: str, verb: str, operation: dict[str, Any]) -> str:
    old = " old" if operation.get("deprecated") else ""
    versions = "".join(
        f"<tr><td>{escape(one['version'])}</td><td>{escape(one['permission'])}</td>"
        f"<td>{escape(one['evidence'])}</td><td>{escape(one.get('sunset', ''))}</td></tr>"
        for one in operation["x-versions"]
    )
    parts = [
        _table(("version", "permission", "evidence", "ends"), versions),
        _parameters(document, operation["parameters"]),
    ]
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        parts.append(f"<p>Body: {_type(schema)}</p>{_fields(document, schema)}")
    for status, answer in sorted(operation["responses"].items()):
        if status.startswith("2") and "content" in answer:
            schema = list(answer["content"].values())[-1]["schema"]
            parts.append(f"<p>{status}: {_type(schema)}</p>{_fields(document, schema)}")
        elif status.startswith("2"):
            parts.append(f"<p>{status}: no body</p>")
    refusals = ", ".join(status for status in sorted(operation["responses"]) if not status.startswith("2"))
    parts.append(f'<p class="soft">Refusals: {refusals}</p>')
    return (
        f'<details id="{escape(operation["operationId"])}"><summary><span class="verb">{verb.upper()}</span>'
        f'<code class="path{old}">{escape(path)}</code>'
        f'<span class="soft">{escape(operation["summary"])}</span></summary><div>'
        f"<p><code>{escape(operation['operationId'])}</code></p>{''.join(parts)}</div></details>"
    )


def _table(heads: tuple[str, ...], rows: str) -> str:
    cells = "".join(f"<th>{head}</th>" for head in heads)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""


def _parameters(document: dict[str, Any], parameters: list[dict[str, Any]]) -> str:
    rows = ""
    for one in parameters:
        if "$ref" in one:
            one = document["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        rows += (
            f"<tr><td><code>{escape(one['name'])}</code></td><td>{one['in']}</td>"
            f"<td>{_type(one['schema'])}</td><td>{escape(one.get('description', ''))}</td></tr>"
        )
    return _table(("parameter", "in", "type", "meaning"), rows)


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return the table of an object's fields, of an array's items if it is one, "" for anything else."""
    if schema.get("type") == "array":
        schema = schema["items"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    required = schema.get("required", ())
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{_type(kind)}</td>"
        f"<td>{'always' if name in required else 'optional'}</td></tr>"
        for name, kind in schema.get("properties", {}).items()
        if not kind.get("readOnly")
    )
    return _table(("field", "type", "there"), rows)


def _type(schema: dict[str, Any]) -> str:
    """Return a schema in a few words."""
    if "$ref" in schema:
        return f"<code>{escape(schema['$ref'].rpartition('/')[2])}</code>"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    kind = escape(str(schema.get("format") or schema.get("type") or "any"))
    return f"{kind} <code>{escape(schema['pattern'])}</code>" if "pattern" in schema else kind
