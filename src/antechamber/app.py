"""Wires the rooms together; the only place that does."""

import asyncio
import contextlib
import itertools
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from antechamber import __version__
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
from antechamber.api.transports.origin import Origin
from antechamber.api.transports.rsgi import RsgiApplication
from antechamber.api.wire import openapi, printing
from antechamber.api.wire.errors import body_of
from antechamber.api.wire.messages import Header, Request, Response
from antechamber.api.wire.operations import Table
from antechamber.api.wire.rate_limits import Buckets
from antechamber.auth.secrets import Vault
from antechamber.domain.errors import ResourceNotFound, Unavailable
from antechamber.domain.policy import DEFAULT_LIMITS, Policy
from antechamber.domain.roles import CLOUD_MANAGER_PROJECT_ROLES
from antechamber.settings import Settings
from antechamber.storage.database import Database
from antechamber.storage.engines import dialect, open_database
from antechamber.storage.migrations import SchemaMismatch, require_current
from antechamber.usecases import rate_limits, system
from antechamber.usecases.authentication import Authenticator

SWEEP_SECONDS = 60.0
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


def database(settings: Settings, *, clock: Callable[[], float] = time.time) -> Database:
    """Return the database of the settings, not yet checked. Raises ValueError, OSError, Unavailable."""
    policy = Policy(
        hide_foreign=settings.hide_foreign,
        bypass_invitations=settings.bypass_invitations,
        limits={**DEFAULT_LIMITS, **settings.limits},
    )
    return open_database(settings.database, policy=policy, sealer=vault(settings), clock=clock)


class Application:
    """One worker: everything that answers requests, from the database up.

    ready: called once requests are answered. metrics_folder: shared by the workers of one server.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        ready: Callable[[], None] = lambda: None,
        metrics_folder: Path | None = None,
    ) -> None:
        self._settings = settings
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
        return Origin(self._settings.public_url or None, self._settings.proxies)

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the database and build what answers, in the worker's own process and loop."""
        settings = self._settings
        self._database = database(settings)
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
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._database.close()
        self._log.flush()

    def _close(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self.close())

    async def respond(self, request: Request) -> Response:
        """Return the answer to any request."""
        request.id = f"{self._id_prefix}{next(self._ids):08x}"
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
        body = body_of(ResourceNotFound(path))
        headers = [*IDENTITY, ("content-type", "application/json"), ("x-error-code", "RESOURCE_NOT_FOUND")]
        return Response(404, headers, printing.compact(body))

    def _observe(self, seen: Observation) -> None:
        self._metrics.count(seen.operation_id, seen.status, seen.seconds)
        # An error of ours is told even where requests are not.
        if self._settings.log_requests or seen.error is not None:
            self._log.write(seen)

    async def _is_ready(self) -> bool:
        try:
            await require_current(self._database, self._dialect)
        except (SchemaMismatch, Unavailable):
            return False
        return True

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._buckets.forget_full()
            with contextlib.suppress(Unavailable):
                await self._database.write(system.sweep)

    async def _stamp_uses(self) -> None:
        while True:
            await asyncio.sleep(STAMP_SECONDS)
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
