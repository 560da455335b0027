"""Where everything lies in a gateway's home folder (specification, section 15)."""

from dataclasses import dataclass
from pathlib import Path

LOG_ED25519 = "log-ed25519.key"
LOG_ML_DSA = "log-mldsa44.key"
WITNESS_ED25519 = "witness-ed25519.key"
WITNESS_ML_DSA = "witness-mldsa44.key"
ROOT_ED25519 = "root-ed25519.key"
ROOT_ML_DSA = "root-mldsa44.key"
ARCHIVE_KEY = "archive.key"
DISCLOSURE_KEY = "disclosure.key"
DATABASE_KEY = "database.key"
SUBJECT_KEY = "subject.key"
WEBHOOK_KEY = "webhook.key"
TLS_CA_KEY = "tls/ca.key"
TLS_CA_CERTIFICATE = "tls/ca.pem"


@dataclass(frozen=True, slots=True)
class RootLayout:
    """The root keys and their log; a folder meant to be kept offline.

    It needs nothing outside itself.
    """

    folder: Path

    @property
    def passphrase(self) -> Path:
        """Its own passphrase, where `init` made one; a node's does not open it."""
        return self.folder / "passphrase"

    @property
    def entries(self) -> Path:
        """All entries of the root log, one canonical line each."""
        return self.folder / "log.jsonl"


@dataclass(frozen=True, slots=True)
class KeysLayout:
    """The folder of the private keys."""

    folder: Path

    @property
    def passphrase(self) -> Path:
        """The passphrase, where `init` made one; better kept elsewhere."""
        return self.folder / "passphrase"

    @property
    def root(self) -> RootLayout:
        """The root keys, until they are taken away."""
        return RootLayout(self.folder / "root")

    @property
    def kem(self) -> Path:
        """Keys that messages are sealed to; one file each."""
        return self.folder / "kem"

    @property
    def rings(self) -> Path:
        """Keys of the disclosure rings, and what was erased; made at first use."""
        return self.folder / "disclosure.rings"

    @property
    def tls(self) -> Path:
        """CA and leaf of the peer side's TLS."""
        return self.folder / "tls"

    @property
    def root_vkeys(self) -> Path:
        """The public root keys, one a line."""
        return self.folder / "root.vkeys"

    @property
    def statement(self) -> Path:
        """The root's proof of the statement in force."""
        return self.folder / "statement.tlog-proof"

    @property
    def history(self) -> Path:
        """Every statement that was ever in force."""
        return self.folder / "history"

    @property
    def log_policy(self) -> Path:
        """The policy of our log, as its first entry commits to it."""
        return self.folder / "log.policy"

    @property
    def card(self) -> Path:
        """Our current card."""
        return self.folder / "own.card"


@dataclass(frozen=True, slots=True)
class HomeLayout:
    """A home folder as `init` lays it out."""

    folder: Path

    @property
    def config(self) -> Path:
        """The settings."""
        return self.folder / "gateway.toml"

    @property
    def treaties(self) -> Path:
        """What is in force with whom, as the authority's lawyers know it."""
        return self.folder / "treaties.toml"

    @property
    def profile(self) -> Path:
        """What the authority says of its own service."""
        return self.folder / "profile.toml"

    @property
    def keys(self) -> KeysLayout:
        """The private keys, where the settings do not name another folder."""
        return KeysLayout(self.folder / "keys")

    @property
    def operators(self) -> Path:
        """One file of roles for each operator; tokens lie beside them."""
        return self.folder / "operators"

    @property
    def peers(self) -> Path:
        """One card and one policy for each peer."""
        return self.folder / "peers"

    @property
    def database(self) -> Path:
        """The database, where the settings do not name another file."""
        return self.folder / "data" / "gateway.db"

    @property
    def blobs(self) -> Path:
        """Ciphertext of evidence files."""
        return self.folder / "data" / "blobs"

    @property
    def run(self) -> Path:
        """What lives as long as a process: lock file, sockets."""
        return self.folder / "run"

    def operator_token(self, name: str) -> Path:
        """Return where an operator's token lies unless they moved it."""
        return self.operators / f"{name}.token"

    def folders(self) -> tuple[Path, ...]:
        """Return every folder, outer ones first."""
        keys = self.keys
        return (
            self.folder,
            keys.folder,
            keys.root.folder,
            keys.kem,
            keys.tls,
            self.operators,
            self.peers,
            self.database.parent,
            self.blobs,
            self.run,
        )
