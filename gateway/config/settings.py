"""Every key of `gateway.toml`: its meaning, form, limits and default.

A key stands here only if something obeys it. No key turns off verification,
encryption, logging or flushing (specification, section 14).
"""

import ipaddress
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from gateway.config.alerts import AlertSettings
from gateway.config.desk import DeskSettings
from gateway.config.folder import FolderSettings
from gateway.config.log import LogSettings
from gateway.config.oidc import OidcSettings
from gateway.config.release import ReleaseSettings
from gateway.config.retention import RetentionSettings
from gateway.config.siem import SiemSettings
from gateway.config.webhooks import WebhookSettings
from gateway.core.addresses import parse_proxy
from gateway.core.limits import MAX_DELIVERY_ITEMS
from gateway.core.values import (
    AuthorityId,
    Country,
    DisplayName,
    Language,
    Stage,
    parse_authority_id,
    parse_node_url,
)

_MAX_PORT = 65_535
_LISTEN = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(0|[1-9][0-9]{0,4})\Z")
_CREDENTIAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}\Z")


class ListenAddress(msgspec.Struct, frozen=True):
    """Where to listen: an IP address and a port; port 0 takes any free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "ListenAddress":
        """Return the address that `text` spells, like `127.0.0.1:8443` or `[::1]:0`.

        Raises:
            ValueError: Another form. Names are not taken: what they resolve to can
                change, and with it who can reach us.
        """
        match = _LISTEN.match(text)
        if match is None or int(match[3]) > _MAX_PORT:
            raise ValueError(f"{text[:80]!r}, expected IP:PORT like 127.0.0.1:8443")
        host = match[1] or match[2]
        ipaddress.ip_address(host)
        return cls(host, int(match[3]))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return ipaddress.ip_address(self.host).is_loopback

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class UnlockMethod(StrEnum):
    """Where the passphrase of the key store comes from."""

    FILE = "file"
    CREDENTIAL = "credential"
    PROMPT = "prompt"


class Unlock(msgspec.Struct, frozen=True):
    """How the key store is unlocked.

    Attributes:
        method: Where the passphrase comes from.
        name: Path of the file or name of the credential; empty for a prompt.
    """

    method: UnlockMethod
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> "Unlock":
        """Return the way that `text` spells.

        Raises:
            ValueError: Another form.
        """
        method, _, name = text.partition(":")
        if text == UnlockMethod.PROMPT:
            return cls(UnlockMethod.PROMPT)
        if method == UnlockMethod.FILE and name and name.isprintable():
            return cls(UnlockMethod.FILE, name)
        if method == UnlockMethod.CREDENTIAL and _CREDENTIAL.match(name):
            return cls(UnlockMethod.CREDENTIAL, name)
        raise ValueError(
            f"{text[:80]!r}, expected file:PATH, credential:NAME or prompt",
        )

    def __str__(self) -> str:
        return f"{self.method}:{self.name}" if self.name else str(self.method)


def check_console_url(text: str) -> None:
    """Refuse what is not an address of a site: https, or this machine.

    Raises:
        ValueError: Another form.
    """
    if not text:
        return
    parts = urlsplit(text)
    is_local = parts.scheme == "http" and parts.hostname == "localhost"
    is_site = parts.path in {"", "/"} and not (parts.query or parts.fragment)
    is_named = bool(parts.hostname) and "@" not in parts.netloc
    if not (is_site and is_named and (is_local or parts.scheme == "https")):
        raise ValueError(f"{text[:80]!r}, expected https://host or https://host:port")


class AuthoritySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Who we are. These names go into the key card that peers hold."""

    id: Annotated[
        AuthorityId,
        Meta(
            description="Our authority id: a lower-case name under a domain the "
            "authority holds, 3 to 64 characters. Keys and logs carry it; it can't be "
            "changed later.",
            examples=["moj.ee"],
            extra={"check": parse_authority_id},
        ),
    ]
    country: Annotated[
        Country,
        Meta(description="Our state, ISO 3166-1 alpha-2.", examples=["EE"]),
    ]
    names: Annotated[
        dict[Language, DisplayName],
        Meta(
            description="What the authority is called, by language.",
            examples=[{"en": "Ministry of Justice", "et": "Justiitsministeerium"}],
            min_length=1,
            max_length=32,
        ),
    ]
    stage: Annotated[
        Stage,
        Meta(
            description='"production" or "test". The two never exchange messages.',
            examples=["test"],
        ),
    ]


class PeerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The side that other authorities' gateways reach."""

    listen: Annotated[
        ListenAddress,
        Meta(
            description="IP address and port for peers: mutual TLS 1.3 and nothing "
            "else.",
            examples=["0.0.0.0:8443"],
        ),
    ]
    url: Annotated[
        str,
        Meta(
            description="How peers reach that address from outside; goes into our "
            "card. https://host or https://host:port.",
            examples=["https://gateway.moj.ee:8443"],
            extra={"check": parse_node_url},
        ),
    ]
    proxy: Annotated[
        str | None,
        Meta(
            description="Proxy through which peers are called, by HTTP CONNECT: "
            "http://host:port. Mutual TLS goes through it from end to end. A peer may "
            "have another way: mla-gateway peer proxy.",
            examples=["http://proxy.moj.ee:3128"],
            extra={"check": parse_proxy},
        ),
    ] = None
    proxy_login: Annotated[
        Path | None,
        Meta(
            description="File with user:password for that proxy, mode 0600; relative "
            "to the home folder.",
            examples=["proxy.login"],
        ),
    ] = None


class AdminSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The side for our own people and systems: API and console."""

    listen: Annotated[
        ListenAddress,
        Meta(
            description="IP address and port of the admin API. Any address but "
            "loopback needs tls_certificate and tls_key.",
        ),
    ] = ListenAddress("127.0.0.1", 8444)
    tls_certificate: Annotated[
        Path | None,
        Meta(
            description="PEM file of the certificate chain of the admin API, from the "
            "authority's own PKI; relative to the home folder.",
            examples=["tls/admin.pem"],
        ),
    ] = None
    tls_key: Annotated[
        Path | None,
        Meta(
            description="PEM file of its private key, readable by the gateway alone.",
            examples=["tls/admin.key"],
        ),
    ] = None
    url: Annotated[
        str,
        Meta(
            description="Under which people reach the console, if not under the "
            "address of listen: https://host or https://host:port. Passkeys and the "
            "single sign-on belong to the name in it.",
            examples=["https://mla.moj.ee"],
            extra={"check": check_console_url},
        ),
    ] = ""
    session_idle_minutes: Annotated[
        int,
        Meta(
            ge=5,
            le=240,
            description="A session of the console ends when nothing was asked for so "
            "long. In minutes.",
        ),
    ] = 30
    session_hours: Annotated[
        int,
        Meta(
            ge=1,
            le=24,
            description="A session of the console ends after this time, however busy. "
            "In hours.",
        ),
    ] = 12
    requests_per_s: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Requests that one account may make a second in the long run; "
            "twice as many at once. More for a system that submits in bulk.",
        ),
    ] = 20


class StorageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages and the log are kept."""

    path: Annotated[
        Path,
        Meta(
            description="The database file, on a local disk; relative to the home "
            "folder.",
        ),
    ] = Path("data/gateway.db")
    blobs: Annotated[
        Path,
        Meta(
            description="Folder of the evidence files, sealed; on a local disk with "
            "room for them, relative to the home folder.",
        ),
    ] = Path("data/blobs")
    reserve_mib: Annotated[
        int,
        Meta(
            description="When less than this much of the disk is free, no new message "
            "is taken, so that receipts and log entries can still be written. In MiB.",
            ge=64,
            le=1_048_576,
        ),
    ] = 1024


class KeysSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The private keys."""

    path: Annotated[
        Path,
        Meta(description="Folder of the keys, mode 0700; relative to the home folder."),
    ] = Path("keys")
    unlock: Annotated[
        Unlock,
        Meta(
            description="Where the passphrase of the keys comes from: file:PATH "
            "(mode 0600, relative to the home folder; best on another disk than the "
            "keys), credential:NAME (of systemd's LoadCredential) or prompt (asks).",
            examples=["file:/run/secrets/mla-passphrase"],
        ),
    ]


class DeliverySettings(msgspec.Struct, frozen=True, kw_only=True):
    """How messages are sent."""

    batch_items: Annotated[
        int,
        Meta(
            description="Messages offered to a peer in one request, at most.",
            ge=1,
            le=MAX_DELIVERY_ITEMS,
        ),
    ] = MAX_DELIVERY_ITEMS
    first_delay_ms: Annotated[
        int,
        Meta(
            description="Wait after the first failed attempt; doubles with each "
            "further one. In milliseconds.",
            ge=100,
            le=60_000,
        ),
    ] = 1_000
    max_delay_ms: Annotated[
        int,
        Meta(
            description="Longest wait between attempts. In milliseconds.",
            ge=1_000,
            le=3_600_000,
        ),
    ] = 300_000
    attempt_timeout_s: Annotated[
        int,
        Meta(
            description="An attempt without an answer is given up after this time and "
            "made again later. In seconds.",
            ge=5,
            le=600,
        ),
    ] = 60
    lifetime_days: Annotated[
        int,
        Meta(
            description="A message that its peer did not take within this time "
            "expires and is reported. In days.",
            ge=1,
            le=90,
        ),
    ] = 30


class SignatureSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Signatures of persons on orders and forms."""

    trust: Annotated[
        Path | None,
        Meta(
            description="Folder of the certificate authorities whose signatures are "
            "believed: PEM files named by country, PT.pem or PT-2.pem; relative to "
            "the home folder. Without it signatures are checked, and nobody is "
            "trusted.",
            examples=["trust/signers"],
        ),
    ] = None


class TelemetrySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway tells its operators. The audit log is apart from this."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description='Least severe event logged: "debug" to "error".'),
    ] = "info"
    format: Annotated[
        Literal["json", "console"],
        Meta(description='"json": one object a line; "console": for people.'),
    ] = "json"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of a node, checked; paths are absolute."""

    authority: AuthoritySettings
    peer: PeerSettings
    admin: AdminSettings
    storage: StorageSettings
    keys: KeysSettings
    delivery: DeliverySettings
    log: LogSettings
    retention: RetentionSettings
    desk: DeskSettings
    alerts: AlertSettings
    signatures: SignatureSettings
    release: ReleaseSettings
    oidc: OidcSettings
    webhooks: WebhookSettings
    siem: SiemSettings
    folder: FolderSettings
    telemetry: TelemetrySettings
