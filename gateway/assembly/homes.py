"""Making a new node: keys, settings, database, its first entries and first card."""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path

from gateway.admin.front import Front
from gateway.admin.handlers.accounts import welcome_target
from gateway.assembly.node import join
from gateway.assembly.storage import open_blobs, open_store
from gateway.assembly.world import SystemClock
from gateway.config.reading import load_settings
from gateway.core.credentials import IssuedLink, issue_link
from gateway.core.entries.disclosures import Act
from gateway.core.limits import MAX_INVITATION_MS
from gateway.core.operators import Operator, Role, issue_token
from gateway.core.values import AuthorityId, HexDigest, UnixMs
from gateway.flows.trust import TrustNote, trust_entry
from gateway.keystore.create import (
    CreatedHome,
    HomeRequest,
    create_home_files,
    keep_operator_token,
)
from gateway.keystore.own_card import log_init_draft
from gateway.ports.trust import TrustChange
from gateway.telemetry.logs import set_up
from gateway.trust.directory import create_trust

InitRequest = HomeRequest

FIRST_OPERATOR = "admin"

# Time enough to set up named accounts; `operator token` makes a new one.
_FIRST_TOKEN_MS = 365 * 86_400_000
_ACT = Act("init", "node", "first entries of a new node")


@dataclass(frozen=True, slots=True)
class InitResult:
    """A node that can be started.

    Attributes:
        fingerprint: What the people of a peer compare.
        token_file: Holds the first operator's token.
        root_folder: The root keys, to be taken offline.
        welcome_url: One-time link by which the first operator sets a password, good for
            a day; empty where the port of the console is not known yet.
    """

    home: Path
    authority: AuthorityId
    fingerprint: HexDigest
    token_file: Path
    root_folder: Path
    welcome_url: str = field(default="", repr=False)


async def create_home(home: Path, request: InitRequest) -> InitResult:
    """Make a node in an empty or new folder.

    Raises:
        KeystoreError: The folder is not empty, or something can't be written.
        ConfigError: What is asked for contradicts itself.
    """
    set_up(level="warning", style="console")
    clock = SystemClock()
    created = await asyncio.to_thread(create_home_files, home, request, clock.now())
    settings = load_settings(created.layout.folder, os.environ).settings
    listen = settings.admin.listen
    link = None
    if listen.port:
        link = issue_link(now=clock.now(), lifetime_ms=MAX_INVITATION_MS)
    token_file, operator = _first_operator(created, clock.now(), link)
    trust_digest = create_trust(created.layout.folder, [operator])
    async with open_store(settings, created.keyring) as store:
        now = clock.now()
        note = TrustNote(TrustChange.INITIAL, _ACT)
        await store.append(
            [
                log_init_draft(created.keyring, now),
                trust_entry(trust_digest, note, now),
            ],
        )
        with open_blobs(settings, created.keyring) as blobs:
            node = join(created.layout, settings, created.keyring, store, blobs)
            await node.legal.load()
            await node.our_card.renew_if_due()
    return InitResult(
        home=created.layout.folder,
        authority=request.authority,
        fingerprint=created.keyring.fingerprint,
        token_file=token_file,
        root_folder=created.layout.keys.root.folder,
        welcome_url=""
        if link is None
        else Front(listen, has_tls=False).url + welcome_target(link.text),
    )


def _first_operator(
    created: CreatedHome, now: UnixMs, link: IssuedLink | None
) -> tuple[Path, Operator]:
    """Return the first account, which may do everything, and where its token lies."""
    issued = issue_token("first", now=now, lifetime_ms=_FIRST_TOKEN_MS)
    path = keep_operator_token(created.layout, FIRST_OPERATOR, issued.text)
    operator = Operator(
        FIRST_OPERATOR,
        frozenset(Role),
        (issued.token,),
        invitation=None if link is None else link.invitation,
    )
    return path, operator
