"""What a node stands on: its adapters, each built once, before any flow."""

from dataclasses import dataclass

from gateway.assembly.keys import KeyCare
from gateway.assembly.world import DiskWatch, SystemClock
from gateway.config.settings import Settings
from gateway.core.errors import ConfigError, KeystoreError
from gateway.core.limits import MIB
from gateway.flows.agreement import Agreement
from gateway.flows.checkpoints import Checkpoints
from gateway.flows.conflicts import LogConflicts
from gateway.flows.exchange import Exchange
from gateway.flows.peer_logs import OurLogSeen, PeerLogs
from gateway.flows.recovery import LogWitnessing, Recovery
from gateway.keystore.files import read_private
from gateway.keystore.home import HomeLayout
from gateway.keystore.keyring import Keyring
from gateway.storage.blobs import FolderBlobs
from gateway.storage.conflict_files import ConflictFolder
from gateway.storage.mark import FileMark, mark_path
from gateway.storage.store import TransactionalStore
from gateway.telemetry.metrics import PrometheusMetrics
from gateway.transport.limits import ClientLimits
from gateway.transport.peer_client import PeerClient
from gateway.transport.proxies import PeerProxies, parse_login
from gateway.transport.strangers import Strangers
from gateway.transport.trust import TlsPeer, TlsTrust
from gateway.trust.directory import TrustDirectory

_MAX_LOGIN_BYTES = 1_024
CONFLICTS_FOLDER = "conflicts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The adapters of a node, before any flow."""

    home: HomeLayout
    settings: Settings
    clock: SystemClock
    metrics: PrometheusMetrics
    store: TransactionalStore
    directory: TrustDirectory
    keys: KeyCare
    client: PeerClient
    strangers: Strangers
    disk: DiskWatch
    blobs: FolderBlobs


def tls_trust(directory: TrustDirectory) -> TlsTrust:
    """Return whom TLS trusts: the CAs of each peer's own statement, for that peer."""
    return TlsTrust.load(
        TlsPeer(
            authority=peer.authority,
            ca_certificates=peer.card.tls_cas,
            urls=peer.card.urls,
            crl_file=peer.policy.crl_file,
            proxy=peer.policy.proxy,
        )
        for peer in directory.peers()
    )


def join_base(
    home: HomeLayout,
    settings: Settings,
    keyring: Keyring,
    store: TransactionalStore,
    blobs: FolderBlobs,
    metrics: PrometheusMetrics,
) -> Base:
    """Return the adapters of a home whose keys are unlocked and whose store is open."""
    clock = SystemClock()
    strangers = Strangers()
    total_s = float(settings.delivery.attempt_timeout_s)
    return Base(
        home=home,
        settings=settings,
        clock=clock,
        metrics=metrics,
        store=store,
        directory=TrustDirectory(home.folder, settings.authority.stage),
        keys=KeyCare(keyring),
        client=PeerClient(
            clock,
            strangers=strangers,
            limits=ClientLimits(total_timeout_s=total_s),
            proxies=_proxies(settings),
        ),
        strangers=strangers,
        disk=DiskWatch(
            settings.storage.path.parent,
            settings.storage.reserve_mib * MIB,
            metrics,
        ),
        blobs=blobs,
    )


def _proxies(settings: Settings) -> PeerProxies:
    """Return the proxy that peers are called through.

    Raises:
        ConfigError: The file of its login can't be used.
    """
    peer = settings.peer
    if peer.proxy is None or peer.proxy_login is None:
        return PeerProxies(peer.proxy or "")
    try:
        raw = read_private(peer.proxy_login, max_bytes=_MAX_LOGIN_BYTES)
    except KeystoreError as error:
        raise ConfigError(f"peer.proxy_login: {error}") from error
    return PeerProxies(peer.proxy, parse_login(raw.decode(errors="replace")))


def join_exchange(base: Base) -> Exchange:
    """Return what every exchange of this node with a peer goes through."""
    store, clock = base.store, base.clock
    seen = OurLogSeen(store)
    conflicts = LogConflicts(
        store,
        ConflictFolder(base.settings.storage.path.parent / CONFLICTS_FOLDER),
        clock,
        base.metrics,
    )
    signing = base.keys.keyring.log
    recovery = Recovery(
        store,
        LogWitnessing(signing, FileMark(mark_path(base.settings.storage.path))),
        clock,
        base.metrics,
    )
    return Exchange(
        ourselves=base.settings.authority.id,
        store=store,
        transport=base.client,
        directory=base.directory,
        checkpoints=Checkpoints(store, signing, clock, recovery),
        peer_logs=PeerLogs(store, conflicts),
        our_log_seen=seen,
        agreement=Agreement(store, base.client, seen, clock, recovery),
        recovery=recovery,
        clock=clock,
        metrics=base.metrics,
        conflicts=conflicts,
    )
