"""Running a node: start in order, serve, reload, drain, stop.

Starting is recovering: whatever state the last process left, this one goes on from
what was committed. SIGTERM drains; SIGHUP reads the trust files anew. A worker that
ends unexpectedly ends the process: a node that is half alive serves nobody.
"""

import asyncio
import os
import resource
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from gateway.admin.handlers.diagnostics import DiagnosticHandlers
from gateway.admin.server import AdminServer
from gateway.admin.services import AdminLimits
from gateway.admin.site import Door
from gateway.assembly.alerts import look_by
from gateway.assembly.allocator import leave_out_what_stays
from gateway.assembly.base import tls_trust
from gateway.assembly.node import Node, join
from gateway.assembly.services import admin_services
from gateway.assembly.storage import open_blobs, open_store
from gateway.config.national import put_in_force
from gateway.config.reading import load_settings
from gateway.config.settings import ListenAddress
from gateway.console.site import ConsoleSite, SiteInfo
from gateway.core.errors import ConfigError, GatewayError
from gateway.keystore.example_keys import refuse_example_keys
from gateway.keystore.home import HomeLayout
from gateway.keystore.keyring import open_keyring
from gateway.storage.lock import hold_folder
from gateway.telemetry.logs import set_up
from gateway.telemetry.metrics import PrometheusMetrics
from gateway.telemetry.watchdog import LoopWatchdog

log = structlog.get_logger()

_DRAIN_S = 25.0
# Revocation bites within 60 seconds of a new list (specification, section 10.1).
_READ_LISTS_AGAIN_S = 50.0
# For each peer, all at once: a peer that is away delays a start by this much.
_ASK_AT_START_S = 5.0
_PRIVATE_UMASK = 0o077


async def serve(home: Path, *, ready: Callable[[], None]) -> None:
    """Run the node of a home until SIGTERM or SIGINT.

    Args:
        home: As `create_home` made it.
        ready: Called once both listeners answer.

    Raises:
        ConfigError: The configuration, the national declarations or the trust files
            have problems.
        KeystoreError: The keys can't be used, or are the published examples.
        StoreError: The database can't be used, or another node runs on it.
    """
    _protect_process()
    loaded = await asyncio.to_thread(load_settings, home, os.environ)
    settings = loaded.settings
    set_up(level=settings.telemetry.level, style=settings.telemetry.format)
    await asyncio.to_thread(put_in_force, home)
    layout = HomeLayout(await asyncio.to_thread(home.absolute))
    with hold_folder(layout.run):
        keyring = await asyncio.to_thread(open_keyring, settings, os.environ)
        refuse_example_keys(keyring, settings.authority.stage)
        metrics = PrometheusMetrics()
        async with open_store(settings, keyring, metrics) as store:
            with open_blobs(settings, keyring) as blobs:
                node = join(layout, settings, keyring, store, blobs, metrics)
                await _Process(node).run(ready)


def _protect_process() -> None:
    """Keep what the process holds out of core dumps and other people's files."""
    os.umask(_PRIVATE_UMASK)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class _Process:
    """The workers of a running node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._stop = asyncio.Event()
        self._trust_changed = asyncio.Event()
        self._hang_up = asyncio.Event()
        settings = node.base.settings
        self._services = admin_services(node)
        self._sessions = self._services.people.sessions
        self._admin = AdminServer(
            self._services,
            listen=settings.admin.listen,
            tls_certificate=settings.admin.tls_certificate,
            tls_key=settings.admin.tls_key,
            url=settings.admin.url,
            limits=AdminLimits.of_rate(settings.admin.requests_per_s),
            site=self._console,
        )

    def _console(self, door: Door) -> ConsoleSite:
        authority = self._node.base.settings.authority
        return ConsoleSite(
            door, SiteInfo(authority=authority.id, stage=authority.stage.value)
        )

    async def run(self, ready: Callable[[], None]) -> None:
        """Start, serve until told to stop, drain."""
        await self._recover()
        async with asyncio.TaskGroup() as tasks:
            workers = [
                tasks.create_task(worker, name=name)
                for name, worker in self._workers().items()
            ]
            with _signals(self._handlers()):
                await self._admin.start()
                self._write_addresses()
                log.info(
                    "node_ready",
                    authority=self._node.exchange.ourselves,
                    peer_port=self._node.peer_server.port,
                    admin_port=self._admin.port,
                )
                leave_out_what_stays()
                ready()
                await self._stop.wait()
            await self._drain()
            for worker in workers:
                worker.cancel()
        log.info("node_stopped", authority=self._node.exchange.ourselves)

    def _handlers(self) -> dict[signal.Signals, Callable[[], None]]:
        return {
            signal.SIGTERM: self._stop.set,
            signal.SIGINT: self._stop.set,
            signal.SIGHUP: self._hang_up.set,
        }

    def _workers(self) -> dict[str, Coroutine[None, None, None]]:
        node = self._node
        watchdog = LoopWatchdog(node.base.clock, node.base.metrics)
        return {
            "peer-server": node.peer_server.run(),
            "couriers": node.couriers.run(),
            "validation": node.validation.run(),
            "uploads": node.spool.run(),
            "transfers": node.transfers.run(),
            "evidence-check": node.evidence_check.run(),
            "housekeeping": node.housekeeping.run(),
            "rounds": node.witnessing.rounds.run(),
            "stamping": node.stamping.run(),
            **node.monitors.workers(),
            "desk": node.desk.desk.run(),
            "webhooks": node.webhooks.calls.run(),
            "siem": node.siem.run(),
            "jobs": node.work.jobs.run(),
            "alerts": self._services.alerts.run(
                look_by(DiagnosticHandlers(self._services).node)
            ),
            "sessions": self._sessions.run(),
            "maintenance": node.work.maintenance.run(),
            "watchdog": watchdog.run(),
            "trust": self._follow_trust(),
            "hang-up": self._follow_hang_ups(),
        }

    async def _recover(self) -> None:
        """Bring memory to what was committed, and open what others will call."""
        node = self._node
        waiting = await node.exchange.store.release_leases()
        await node.exchange.halts.load(node.exchange.store)
        recovery = node.exchange.recovery
        await recovery.load()
        await node.erasure.recover()
        await node.evidence_care.recover()
        await node.exchange.conflicts.write_files()
        await node.base.keys.settle(node.base.clock.now())
        await self._load_trust()
        await node.legal.load()
        node.base.directory.subscribe(self._trust_changed.set)
        node.base.keys.subscribe(self._trust_changed.set)
        trust = tls_trust(node.base.directory)
        identity = node.base.keys.tls_identity
        await node.base.client.open(identity, trust)
        # Before the first signature of this process: what do the others hold?
        await node.exchange.agreement.ask(
            [peer.authority for peer in node.base.directory.peers()],
            within_s=_ASK_AT_START_S,
        )
        if recovery.is_on:
            # An old database may know sessions that were ended since.
            await self._sessions.forget_all()
            await node.our_card.load_kept()
        else:
            await node.our_card.renew_if_due()
        await node.peer_server.open(identity, trust)
        log.info("node_recovered", messages_under_way=waiting)

    async def _load_trust(self) -> None:
        """Put into force what was logged last.

        Raises:
            ConfigError: The files are not as logged.
        """
        try:
            await self._node.changes.load()
        except ConfigError as error:
            reason = self._node.exchange.recovery.reason
            if not reason:
                raise
            # An old database knows an old list of the trust files.
            raise ConfigError(f"{error}; {reason}: mla-gateway recover") from error

    async def _follow_trust(self) -> None:
        """Apply changed trust and renewed certificates to connections and workers."""
        while True:
            await self._wait_for_trust()
            try:
                await self._apply_trust()
            except GatewayError as error:
                # What was in force stays so; nobody new is let in by a mistake.
                log.error("trust_not_applied", code=error.code, reason=str(error))  # noqa: TRY400 - expected, and said in full

    async def _wait_for_trust(self) -> None:
        """Wait for a change, or until revocation lists are to be read again."""
        peers = self._node.base.directory.peers()
        has_lists = any(peer.policy.crl_file for peer in peers)
        with suppress(TimeoutError):
            async with asyncio.timeout(_READ_LISTS_AGAIN_S if has_lists else None):
                await self._trust_changed.wait()
        self._trust_changed.clear()

    async def _apply_trust(self) -> None:
        node = self._node
        trust = await asyncio.to_thread(tls_trust, node.base.directory)
        identity = node.base.keys.tls_identity
        await node.base.client.reload(trust, identity)
        await node.peer_server.reload(trust, identity)
        node.couriers.reload()
        node.transfers.reload()

    async def _follow_hang_ups(self) -> None:
        """Read the files anew when told to; wrong ones change nothing."""
        while True:
            await self._hang_up.wait()
            self._hang_up.clear()
            if await self._load_again(self._node.changes.load):
                peers = self._node.base.directory.peers()
                log.info("trust_reloaded", peers=len(peers))
            await self._load_again(self._node.legal.load)

    async def _load_again(self, load: Callable[[], Awaitable[object]]) -> bool:
        """Tell whether files were right; else what was in force stays so."""
        try:
            await load()
        except GatewayError as error:
            log.warning("reload_refused", code=error.code, reason=str(error))
            return False
        return True

    async def _drain(self) -> None:
        """Finish what was begun, accept nothing new."""
        log.info("node_draining")
        node = self._node
        node.answering.stop()
        node.couriers.stop()
        node.transfers.stop()
        await self._admin.drain(_DRAIN_S / 2)
        await node.peer_server.drain(_DRAIN_S / 2)
        await node.base.client.close()

    def _write_addresses(self) -> None:
        """Tell local commands where the node listens, for ports that were 0."""
        listen = self._node.base.settings.admin.listen
        actual = ListenAddress(listen.host, self._admin.port)
        (self._node.base.home.run / "admin.addr").write_text(f"{actual}\n")


@contextmanager
def _signals(
    handlers: Mapping[signal.Signals, Callable[[], None]],
) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
