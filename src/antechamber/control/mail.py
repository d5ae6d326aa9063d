"""The mailbox: what was caught, as JSON and as pages."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from antechamber.control import BASE_PATH, desk, pages
from antechamber.control.desk import Out, Refused
from antechamber.control.mailbox import LONGEST_WAIT_SECONDS, Caught

# In a frame without script, form or network of its own; its links open elsewhere. Own styles are what mail is
# made of, so the page's policy, which forbids them, must not be the frame's: hence no srcdoc.
_FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_OPEN_ELSEWHERE = '<base target="_blank">'


class Header(Out):
    """One header field."""

    name: str
    value: str


class Message(Out):
    """A caught message. link: where it is accepted or signed in, empty for none. cursor: for `since`."""

    id: str
    cursor: str
    to: str
    sender: str
    subject: str
    date: str
    link: str
    text: str
    html: str
    headers: list[Header]


class Messages(Out):
    """Messages, oldest first. cursor: of the last one, or as it was asked for."""

    messages: list[Message]
    cursor: str


class Cleared(Out):
    """How many messages were thrown away."""

    count: int


async def messages(request: Request) -> Response:
    """List what was caught: for scripts, or for people."""
    here = desk.of(request)
    # What is queued already shall not be missing.
    await here.catch_up()
    since = request.query_params.get("since", "")
    found = here.mailbox.messages(to=request.query_params.get("to", ""), since=since)
    if desk.is_read_by_a_person(request):
        return pages.render(request, "mail.html", messages=found[::-1])
    cursor = found[-1].cursor if found else since
    return desk.answer(Messages(messages=[_shown(caught) for caught in found], cursor=cursor))


async def next_message(request: Request) -> Response:
    """Wait for the next message, to an address or to anybody."""
    here = desk.of(request)
    timeout_seconds = desk.number(request, "timeoutSeconds", 10.0, LONGEST_WAIT_SECONDS)
    to = request.query_params.get("to", "")
    await here.catch_up()
    found = await here.mailbox.wait(
        to=to,
        since=request.query_params.get("since", ""),
        timeout_seconds=timeout_seconds,
        is_over=here.development.is_stopping,
    )
    if found is None:
        whom = f" to {to}" if to else ""
        raise Refused(404, "RESOURCE_NOT_FOUND", f"No mail{whom} came within {timeout_seconds:g} seconds.")
    return desk.answer(_shown(found))


async def message(request: Request) -> Response:
    """Show one message: to scripts, or to people."""
    caught = _found(request)
    if desk.is_read_by_a_person(request):
        frame = f"{BASE_PATH}/mail/{quote(caught.id)}/html"
        return pages.render(request, "message.html", message=caught, frame=frame)
    return desk.answer(_shown(caught))


async def html(request: Request) -> Response:
    """Show the HTML part alone, for a frame."""
    content = _OPEN_ELSEWHERE + _found(request).html
    headers = {"content-security-policy": _FRAME_POLICY, "x-frame-options": "SAMEORIGIN"}
    return Response(content, headers=headers, media_type="text/html")


async def raw(request: Request) -> Response:
    """Give a message as it would have gone over the wire."""
    content = desk.of(request).mailbox.raw(request.path_params["id"])
    if content is None:
        raise _unknown(request)
    # Plain text: a browser shall show it, and make nothing of it.
    return Response(content, media_type="text/plain; charset=utf-8")


async def clear(request: Request) -> Response:
    """Throw away all messages, or those to an address."""
    count = desk.of(request).mailbox.clear(to=request.query_params.get("to", ""))
    return desk.answer(Cleared(count=count))


def _found(request: Request) -> Caught:
    found = desk.of(request).mailbox.find(request.path_params["id"])
    if found is None:
        raise _unknown(request)
    return found


def _unknown(request: Request) -> Refused:
    return Refused(404, "RESOURCE_NOT_FOUND", f"There is no message {request.path_params['id']}.")


def _shown(caught: Caught) -> Message:
    return Message(
        id=caught.id,
        cursor=caught.cursor,
        to=caught.to,
        sender=caught.sender,
        subject=caught.subject,
        date=caught.date,
        link=caught.link,
        text=caught.text,
        html=caught.html,
        headers=[Header(name=name, value=value) for name, value in caught.headers],
    )
