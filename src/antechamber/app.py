"""Wires the rooms together; the only place that does."""

import asyncio
import contextlib
import itertools
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from antechamber import __version__, web
from antechamber.api import private
from antechamber.api.atlas_v1 import routes as atlas_v1
from antechamber.api.atlas_v2 import routes
from antechamber.api.oauth import REVOKE_PATH, TOKEN_PATH, OAuth
from antechamber.api.observing import Metrics, RequestLog
from antechamber.api.operating import PATHS as OPERATING_PATHS
from antechamber.api.operating import Operating
from antechamber.api.public_v1 import routes as public_v1
from antechamber.api.reference import PATHS as REFERENCE_PATHS
from antechamber.api.reference import Reference
from antechamber.api.request_cycle import Observation, RequestCycle
from antechamber.api.transports.asgi import AsgiApplication
from antechamber.api.transports.mounted import Mounted
from antechamber.api.transports.origin import Origin
from antechamber.api.transports.rsgi import RsgiApplication
from antechamber.api.wire import openapi, printing
from antechamber.api.wire.errors import answer_of, body_of
from antechamber.api.wire.messages import Header, Request, Response
from antechamber.api.wire.operations import Table
from antechamber.api.wire.rate_limits import Buckets
from antechamber.auth.secrets import Vault
from antechamber.control import BASE_PATH as CONTROL_PATH
from antechamber.control.application import application as control_application
from antechamber.control.development import Development
from antechamber.control.requests import Recorder
from antechamber.domain.errors import Refusal, ResourceNotFound, Unavailable
from antechamber.domain.policy import DEFAULT_LIMITS, Policy
from antechamber.domain.roles import CLOUD_MANAGER_PROJECT_ROLES
from antechamber.mail import messages
from antechamber.mail.delivery import AlsoTo, Delivery, OnlyTo, Recipients
from antechamber.mail.folder import FolderDelivery
from antechamber.mail.messages import Stationery
from antechamber.mail.smtp import SmtpDelivery
from antechamber.mail.templates import Templates
from antechamber.settings import Settings
from antechamber.storage.database import Database
from antechamber.storage.engines import dialect, open_database
from antechamber.storage.migrations import SchemaMismatch, require_current
from antechamber.usecases import development, lifecycle, mail_delivery, rate_limits, system
from antechamber.usecases.authentication import Authenticator
from antechamber.usecases.mail_delivery import Post, Previews
from antechamber.web.application import application as web_application

SWEEP_SECONDS = 60.0
# How long queued mail waits for somebody to look; files cost nothing, and who tests is waiting for them.
MAIL_SECONDS, FOLDER_SECONDS = 1.0, 0.2
# How long a stopping worker waits for mail that is on its way to a mail server.
MAIL_CLOSE_SECONDS = 10.0
CATCH_UP_LOOKS, CATCH_UP_PAUSE_SECONDS = 50, 0.01
LOG_DELAY_SECONDS = 0.05
PUBLISH_SECONDS = 1.0
AGREE_SECONDS = 1.0
STAMP_SECONDS = 2.0
# Named after us, not after the service (contract, DECISIONS.md 19); the rest is WIRE.md section 3.
IDENTITY: tuple[Header, ...] = (
    ("server", f"antechamber/{__version__}"),
    ("x-mongodb-service-version", f"gitHash={'0' * 40}; versionString=antechamber-{__version__}"),
    ("strict-transport-security", "max-age=31536000; includeSubdomains;"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("x-permitted-cross-domain-policies", "none"),
)
# Cloud Manager's own (contract, OPERATIONS.md section 3).
PUBLIC_IDENTITY: tuple[Header, ...] = (
    *IDENTITY[:2],
    ("strict-transport-security", "max-age=300"),
    *IDENTITY[3:],
    ("vary", "Accept-Encoding"),
)


def master_key(settings: Settings) -> str:
    """Return the master key, from the settings or from the file they name. Raises OSError."""
    if settings.master_key_file:
        return Path(settings.master_key_file).read_text("ascii").strip()
    return settings.master_key


def vault(settings: Settings) -> Vault:
    """Return what seals secrets at rest. Raises ValueError for a bad key, OSError for no file."""
    return Vault.from_master_keys(master_key(settings), *settings.old_master_keys)


def smtp_delivery(settings: Settings) -> SmtpDelivery | None:
    """Return the mail server of the settings, None where there is none. Raises OSError."""
    if not settings.smtp_host:
        return None
    password = settings.smtp_password
    if settings.smtp_password_file:
        password = Path(settings.smtp_password_file).read_text("utf-8").strip()
    return SmtpDelivery(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        host_name=messages.host_of(settings.public_url),
        username=settings.smtp_username,
        password=password,
    )


def mail_templates(settings: Settings) -> Templates:
    """Return the templates of mails, the operator's own in front."""
    return Templates(Path(settings.mail_templates) if settings.mail_templates else None)


def post(settings: Settings) -> Post | None:
    """Return what sends mail, None where nothing is configured to. Raises OSError, ValueError.

    With a folder nothing leaves this machine; but what goes to listed recipients goes out besides where a
    mail server is named too.
    """
    delivery: Delivery
    smtp = smtp_delivery(settings)
    recipients = Recipients(settings.mail_recipients)
    if settings.mail_folder:
        delivery = FolderDelivery(Path(settings.mail_folder))
        if smtp is not None and settings.mail_recipients:
            delivery = AlsoTo(delivery, recipients, smtp)
    elif smtp is not None:
        delivery = OnlyTo(recipients, smtp) if settings.mail_recipients else smtp
    else:
        return None
    sender = messages.sender_address(settings.mail_from or "Antechamber <no-reply@antechamber.invalid>")
    return Post(delivery, Stationery(mail_templates(settings), sender, settings.public_url))


def database(
    settings: Settings,
    *,
    clock: Callable[[], float] = time.time,
    remembers: Callable[[], bool] = lambda: True,
) -> Database:
    """Return the database of the settings, not yet checked. Raises ValueError, OSError, Unavailable.

    clock, remembers: see `open_database`.
    """
    policy = Policy(
        hide_foreign=settings.hide_foreign,
        bypass_invitations=settings.bypass_invitations,
        limits={**DEFAULT_LIMITS, **settings.limits},
        language=settings.language,
        mail_on_change=settings.mail_on_change,
        reminder_days=settings.remind_days_before_expiry,
        renew_on_resend=settings.renew_on_resend,
        refuse_lost_inviters=settings.inviter_check == "refuse",
        session_idle_minutes=settings.session_idle_minutes,
        session_hours=settings.session_hours,
    )
    return open_database(
        settings.database,
        policy=policy,
        sealer=vault(settings),
        clock=clock,
        remembers=remembers,
        most_connections=settings.database_connections,
    )


class Application:
    """One worker: everything that answers requests, from the database up.

    ready: called once requests are answered. metrics_folder: shared by the workers of one server.
    development: what `antechamber dev` hands in, and nobody else: it opens `/_antechamber/`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        ready: Callable[[], None] = lambda: None,
        metrics_folder: Path | None = None,
        development: Development | None = None,
    ) -> None:
        self._settings = settings
        self._development = development
        self._control: Mounted | None = None
        self._recorder: Recorder | None = None
        self._metrics_folder = metrics_folder
        self._ready = ready
        self._tasks: list[asyncio.Task[None]] = []
        self._ids = itertools.count()
        self._id_prefix = os.urandom(6).hex()

    def rsgi(self) -> RsgiApplication:
        """Return the application as Granian wants it."""
        return RsgiApplication(self.respond, self._origin(), opened=self.open, closed=self._close)

    def asgi(self) -> AsgiApplication:
        """Return the application as other servers want it."""
        return AsgiApplication(self.respond, self._origin(), opened=self.open, closed=self.close)

    def _origin(self) -> Origin:
        # In dev links of the API lead to wherever the request was addressed to, as by container names.
        public_url = "" if self._development else self._settings.public_url
        return Origin(public_url or None, self._settings.proxies)

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the database and build what answers, in the worker's own process and loop."""
        settings = self._settings
        desk = self._development
        if desk is None:
            self._database = database(settings)
        else:
            changed = desk.is_history_changed
            self._database = database(settings, clock=desk.clock, remembers=lambda: not changed())
        self._dialect = dialect(settings.database)
        self._metrics = Metrics(self._metrics_folder)
        self._log = RequestLog(lambda flush: loop.call_later(LOG_DELAY_SECONDS, flush))
        self._buckets = Buckets(refuses=settings.rate_limits, quirks=settings.quirks)
        self._authenticator = Authenticator(vault(settings).derive("digest-nonces"))
        self._generations = [
            (f"{table.base_path}/", self._cycle(table, identity))
            for table, identity in (
                (Table(routes.BASE_PATH, routes.OPERATIONS), IDENTITY),
                (Table(atlas_v1.BASE_PATH, atlas_v1.OPERATIONS), IDENTITY),
                (
                    Table(
                        public_v1.BASE_PATH,
                        public_v1.OPERATIONS,
                        project_roles=CLOUD_MANAGER_PROJECT_ROLES,
                    ),
                    PUBLIC_IDENTITY,
                ),
                (Table(private.BASE_PATH, private.OPERATIONS), IDENTITY),
            )
        ]
        self._oauth = OAuth(self._database, self._buckets, IDENTITY, self._observe)
        self._reference = Reference(
            partial(openapi.describe, [(routes.BASE_PATH, routes.OPERATIONS)], version=__version__), IDENTITY
        )
        self._operating = Operating(is_ready=self._is_ready, metrics=self._metrics, identity=IDENTITY)
        if desk is not None:
            self._recorder = Recorder(desk.requests)
            control = control_application(desk, self._database, catch_up=self._catch_up, describe=_described)
            self._control = Mounted(control, "control", self._observe)
        self._pages = Mounted(
            web_application(
                self._database,
                csrf_key=vault(settings).derive("web-forms"),
                development=development is not None,
                language=settings.language,
                previews=Previews(mail_templates(settings), settings.public_url),
            ),
            "web",
            self._observe,
        )
        self._closing = asyncio.Event()
        self._mailing: asyncio.Task[None] | None = None
        self._delivering = asyncio.Lock()
        self._sending = post(settings) if settings.mail_worker else None
        if self._sending is not None:
            self._mailing = loop.create_task(self._deliver_mail(self._sending))
        self._tasks.append(loop.create_task(self._sweep()))
        self._tasks.append(loop.create_task(self._agree_on_rates()))
        self._tasks.append(loop.create_task(self._stamp_uses()))
        if self._metrics_folder is not None:
            self._tasks.append(loop.create_task(self._publish_metrics()))
        loop.call_soon(self._ready)

    def _cycle(self, table: Table, identity: tuple[Header, ...]) -> RequestCycle:
        return RequestCycle(
            table,
            database=self._database,
            authenticator=self._authenticator,
            buckets=self._buckets,
            identity=identity,
            observe=self._observe,
        )

    async def close(self) -> None:
        """Finish what runs and let go of the database."""
        self._closing.set()
        if self._mailing is not None:
            await asyncio.wait({self._mailing}, timeout=MAIL_CLOSE_SECONDS)
            self._tasks.append(self._mailing)
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._keep_uses()
        await self._database.close()
        self._log.flush()

    def _close(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self.close())

    async def respond(self, request: Request) -> Response:
        """Return the answer to any request."""
        request.id = f"{self._id_prefix}{next(self._ids):08x}"
        if self._recorder is not None:
            began = time.perf_counter()
            response = await self._answer(request)
            self._recorder.answered(
                request.id, request.method, request.path, response.status, request.address, began
            )
        else:
            response = await self._answer(request)
        response.headers.append(("x-request-id", request.id))
        return response

    async def _answer(self, request: Request) -> Response:
        path = request.path
        if path.startswith(private.BASE_PATH):
            answer = await private.respond_to_anybody(request, IDENTITY)
            if answer is not None:
                return answer
        for below, cycle in self._generations:
            if path.startswith(below) or path == below[:-1]:
                return await cycle.respond(request)
        if path in (TOKEN_PATH, REVOKE_PATH):
            return await self._oauth.respond(request)
        if path in REFERENCE_PATHS:
            return await self._reference.respond(request)
        if path in OPERATING_PATHS:
            return await self._operating.respond(request)
        if self._control is not None and path.startswith(CONTROL_PATH):
            return await self._control.respond(request)
        if web.serves(path):
            return await self._pages.respond(request)
        body = body_of(ResourceNotFound(path))
        headers = [*IDENTITY, ("content-type", "application/json"), ("x-error-code", "RESOURCE_NOT_FOUND")]
        return Response(404, headers, printing.compact(body))

    def _observe(self, seen: Observation) -> None:
        self._metrics.count(seen.operation_id, seen.status, seen.seconds)
        if self._recorder is not None:
            caller = seen.caller.name if seen.caller is not None else ""
            self._recorder.observed(seen.request_id, seen.operation_id, caller)
        # An error of ours is told even where requests are not.
        if self._settings.log_requests or seen.error is not None:
            self._log.write(seen)

    async def _is_ready(self) -> bool:
        try:
            await require_current(self._database, self._dialect)
        except (SchemaMismatch, Unavailable):
            return False
        return True

    async def _catch_up(self) -> None:
        """Do at once what the background tasks do in a while; development asks for it."""
        await self._database.write(system.sweep)
        await lifecycle.run(self._database)
        if self._sending is None:
            return
        while await self._deliver_due(self._sending):
            pass
        # Another worker may have some in hand; where a mail server is slow, nobody waits for that.
        for _ in range(CATCH_UP_LOOKS):
            if not await self._database.read(development.is_mail_in_hand):
                return
            await asyncio.sleep(CATCH_UP_PAUSE_SECONDS)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._buckets.forget_full()
            with contextlib.suppress(Unavailable):
                await self._database.write(system.sweep)
                await lifecycle.run(self._database)
                self._metrics.set_queued_mail(await self._database.read(system.count_queued_mail))

    async def _deliver_mail(self, sending: Post) -> None:
        """Send mail until the worker stops; whoever leases a message first sends it."""
        pause = FOLDER_SECONDS if self._settings.mail_folder else MAIL_SECONDS
        while not self._closing.is_set():
            if not await self._deliver_due(sending):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), pause)

    async def _deliver_due(self, sending: Post) -> bool:
        """Send what is due; tell whether there was anything."""
        async with self._delivering:
            try:
                outcomes = await mail_delivery.deliver_due(self._database, sending)
            except Unavailable:
                outcomes = []
        for outcome in outcomes:
            self._metrics.count_mail(outcome.fate.value)
            if outcome.is_trouble:
                self._log.tell("mail not sent", outcome.facts())
        return bool(outcomes)

    async def _stamp_uses(self) -> None:
        while True:
            await asyncio.sleep(STAMP_SECONDS)
            await self._keep_uses()

    async def _keep_uses(self) -> None:
        uses = self._authenticator.take_uses()
        if uses:
            # What is lost with the database away is a count, and no more (INV-23).
            with contextlib.suppress(Unavailable):
                await self._database.write(partial(system.stamp_uses, uses=uses))

    async def _agree_on_rates(self) -> None:
        while True:
            await asyncio.sleep(AGREE_SECONDS)
            taken = self._buckets.taken()
            if not taken:
                continue
            try:
                agreed = await self._database.write(partial(rate_limits.exchange, taken=taken))
            except Unavailable:
                self._buckets.not_told(taken)
            else:
                self._buckets.agree(agreed)

    async def _publish_metrics(self) -> None:
        while True:
            self._metrics.publish()
            await asyncio.sleep(PUBLISH_SECONDS)


def _described(refusal: Refusal) -> tuple[int, msgspec.Struct]:
    return answer_of(refusal).status, body_of(refusal)
