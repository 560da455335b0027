"""A node that can change whom it trusts: real files, real log, scripted peers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.identity import CardVersions
from gateway.core.operators import IssuedToken, Operator, Role, issue_token
from gateway.core.values import AuthorityId, HexDigest, Stage
from gateway.flows.exchange import Exchange
from gateway.flows.trust import TrustChanges, TrustNote, trust_entry
from gateway.keystore.home import HomeLayout
from gateway.keystore.keyring import Keyring, load_keyring
from gateway.keystore.own_card import CardDetails
from gateway.ports.store import Store
from gateway.ports.trust import TRUST_KIND, TrustChange
from gateway.trust.directory import TrustDirectory, create_trust
from gateway.trust.files import LISTING, digest_of
from tests.support.cards import NOW
from tests.support.homes import MOJ, copy_home, unlocked
from tests.support.stores import memory_store
from tests.support.surroundings import ManualClock, ScriptedPeers, exchange_of

ACT = Act("alice", "security", "set up")
ADMIN_TOKEN: IssuedToken = issue_token("first", now=NOW, lifetime_ms=86_400_000)
ADMIN = Operator("admin", frozenset(Role), (ADMIN_TOKEN.token,))
DETAILS = CardDetails(
    country="EE",
    names={"en": "Ministry of Justice"},
    stage=Stage.TEST,
    urls=("https://127.0.0.1:8443",),
    versions=CardVersions(code_lists="1.0", messages="1.0 1.1", protocol=[1]),
)


@dataclass
class TrustingNode:
    """What the flows of trust work on.

    Attributes:
        woken: Every peer whose worker was woken.
    """

    layout: HomeLayout
    keyring: Keyring
    store: Store
    clock: ManualClock
    peers: ScriptedPeers
    directory: TrustDirectory
    changes: TrustChanges
    exchange: Exchange
    woken: list[AuthorityId]

    async def logged(self, kind: str = TRUST_KIND) -> list[Leaf]:
        """Return all entries of a kind."""
        entries = await self.store.entries(0, 1000)
        leaves = [parse_leaf(one.data, log=self.keyring.log.origin) for one in entries]
        return [leaf for leaf in leaves if leaf.kind == kind]

    def listing_digest(self) -> HexDigest:
        """Return the digest of the list of trust files on disk."""
        return digest_of((self.layout.folder / LISTING).read_bytes())


@asynccontextmanager
async def trusting_node(folder: Path) -> AsyncIterator[TrustingNode]:
    """Give a node as `init` leaves it, with one operator and no peer."""
    layout = copy_home(folder / "home")
    keyring = load_keyring(layout.keys, MOJ, unlocked(layout))
    clock = ManualClock()
    peers = ScriptedPeers(clock)
    directory = TrustDirectory(layout.folder, Stage.TEST)
    async with memory_store(keyring.log.origin, keyring.disclosures) as store:
        digest = create_trust(layout.folder, [ADMIN])
        note = TrustNote(TrustChange.INITIAL, ACT)
        await store.append([trust_entry(digest, note, clock.now())])
        changes = TrustChanges(directory, store, clock)
        await changes.load()
        yield TrustingNode(
            layout=layout,
            keyring=keyring,
            store=store,
            clock=clock,
            peers=peers,
            directory=directory,
            changes=changes,
            exchange=exchange_of(
                store,
                peers=peers,
                directory=directory,
                signing=keyring.log,
                ourselves=MOJ,
            ),
            woken=[],
        )
