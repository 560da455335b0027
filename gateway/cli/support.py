"""What goes into a support bundle: how the node is, without keys, content or names.

Everything is chosen: settings with secrets masked, checks, alerts, figures, what files
there are. Messages, cases, entries of the log and keys are never read. What is left
goes through a scrubber.
"""

import hashlib
import importlib.metadata
import io
import json
import os
import platform
import stat
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from gateway import __version__
from gateway.cli.output import json_text
from gateway.cli.scrubbing import Scrubber
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import GatewayError

if TYPE_CHECKING:
    from gateway.cli.invocation import Invocation
    from gateway.client.call import Call

MANIFEST: Final = "manifest.json"

_T = TypeVar("_T")
_LIBRARIES: Final = (
    "aiohttp",
    "aiosqlite",
    "aiosmtplib",
    "cryptography",
    "jinja2",
    "msgspec",
    "pynacl",
    "sqlcipher3",
    "uvloop",
)
_HIDDEN_KEYS: Final = frozenset(
    {"desk.notify", "alerts.mail_user", "alerts.mail_from", "alerts.mail_to"}
)
_PEER_FIELDS: Final = (
    "id",
    "country",
    "stage",
    "card_number",
    "paused",
    "failures",
    "queued",
    "held",
    "last_contact_at",
    "retry_at",
    "log_standing",
)
# Of a line of the node's log only these are kept, and numbers.
_LOG_FIELDS: Final = frozenset(
    {
        *("event", "level", "timestamp", "code", "peer", "kind", "state", "status"),
        *("operation", "outcome", "worker", "channel", "name", "severity", "witness"),
    }
)
_MAX_LOG_BYTES: Final = 16 * 1024 * 1024
_MAX_LOG_LINES: Final = 20_000
_MAX_FILES: Final = 2_000
_ALERTS: Final = 500
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a bundle.

    Attributes:
        what: What it holds, for who decides whether to give it away.
    """

    name: str
    what: str
    content: bytes = field(repr=False)


def collect(invocation: "Invocation", node_log: Path | None) -> list[Piece]:
    """Return the pieces of a bundle of the home that was named.

    Args:
        invocation: Home and token.
        node_log: The node's own log, JSON lines; None to leave it out.

    Raises:
        UsageError: The node's log can't be read.
    """
    asking = _Asking(invocation)
    people = [*_names_in_files(invocation.home), *asking.people()]
    scrubber = Scrubber(people)
    pieces: dict[str, tuple[str, JsonValue]] = {
        "versions.json": ("versions of the software and the system", _versions()),
        "config.json": ("settings, secrets masked", _config(invocation.home)),
        "files.json": ("files of the home: names and sizes", _files(invocation.home)),
        **asking.answers(),
    }
    made = [
        _piece(name, what, scrubber.value(value))
        for name, (what, value) in pieces.items()
    ]
    if asking.figures:
        text = "figures, as Prometheus gets them"
        made.append(Piece("metrics.txt", text, asking.figures))
    if node_log is not None:
        made.append(_log_piece(node_log, scrubber))
    if asking.failures:
        failures = scrubber.value(dict(asking.failures))
        made.append(
            _piece("missing.json", "what could not be asked, and why", failures)
        )
    return [_manifest(made), *made]


def pack(pieces: Sequence[Piece]) -> bytes:
    """Return the bundle; the same pieces give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for piece in pieces:
            member = zipfile.ZipInfo(piece.name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            archive.writestr(member, piece.content)
    return packed.getvalue()


class _Asking:
    """Asks the node what it may tell; what it does not is noted."""

    def __init__(self, invocation: "Invocation") -> None:
        self._invocation = invocation
        self.failures: dict[str, JsonValue] = {}
        self.figures = b""

    def people(self) -> Iterator[str]:
        """Yield the names of accounts, if the caller may know them."""
        from gateway.client.calls import list_operators

        found = self._ask("accounts", list_operators())
        if found is not None:
            yield from (one.name for one in found.items)
            yield from (one.display_name for one in found.items)
            yield from (one.name for one in found.departed)

    def answers(self) -> Mapping[str, tuple[str, JsonValue]]:
        """Return pieces by name, with what each holds."""
        from gateway.admin.alert_shapes import AlertQuery
        from gateway.client import calls
        from gateway.client.alert_calls import list_alerts

        self.figures = self._ask("metrics.txt", calls.metrics()) or b""
        wanted = AlertQuery(state="all", limit=_ALERTS)
        diagnostics = self._ask("diagnostics.json", calls.diagnostics())
        alerts = self._ask("alerts.json", list_alerts(wanted))
        stats = self._ask("stats.json", calls.stats())
        found: dict[str, tuple[str, object]] = {
            "diagnostics.json": ("the checks of doctor", diagnostics),
            "alerts.json": ("alerts", alerts),
            "stats.json": ("counts", stats),
        }
        peers = self._ask("peers.json", calls.list_peers())
        if peers is not None:
            found["peers.json"] = (
                "peers and how exchange with them goes",
                [
                    {name: getattr(one, name) for name in _PEER_FIELDS}
                    for one in peers.items
                ],
            )
        return {
            name: (what, json.loads(json_text(value)))
            for name, (what, value) in found.items()
            if value is not None
        }

    def _ask(self, name: str, call: "Call[_T]") -> _T | None:
        try:
            return self._invocation.send(call)
        except GatewayError as error:
            self.failures[name] = f"{error.code}: {error}"
            return None


def _piece(name: str, what: str, value: JsonValue) -> Piece:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    return Piece(name, what, text.encode() + b"\n")


def _manifest(pieces: Sequence[Piece]) -> Piece:
    listed: list[JsonValue] = [
        {
            "name": piece.name,
            "what": piece.what,
            "bytes": len(piece.content),
            "sha256": hashlib.sha256(piece.content).hexdigest(),
        }
        for piece in pieces
    ]
    text = "what is in the bundle, with digests"
    return _piece(MANIFEST, text, {"files": listed, "gateway": __version__})


def _versions() -> JsonObject:
    libraries: JsonObject = {}
    for name in _LIBRARIES:
        try:
            libraries[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            libraries[name] = "not installed"
    return {
        "gateway": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count() or 0,
        "libraries": libraries,
    }


def _config(home: Path) -> JsonObject:
    from gateway.config.masking import MASK, masked
    from gateway.config.reading import find_problems, load_settings

    problems = find_problems(home, os.environ)
    listed: list[JsonValue] = [str(problem) for problem in problems]
    if problems:
        return {"problems": listed}
    effective: JsonObject = {
        key.path: {
            "value": MASK if key.path in _HIDDEN_KEYS else masked(key.value),
            "source": key.source,
        }
        for key in load_settings(home, os.environ).effective()
    }
    return {"problems": [], "settings": effective}


def _files(home: Path) -> list[JsonValue]:
    """Return names, sizes and modes; of evidence only how many and how much."""
    found: list[JsonValue] = []
    for path, status in _walk(home, _MAX_FILES):
        found.append(
            {
                "name": str(path.relative_to(home)),
                "bytes": status.st_size,
                "mode": stat.filemode(status.st_mode),
            }
        )
    return found


def _walk(home: Path, most: int) -> Iterator[tuple[Path, os.stat_result]]:
    left = most
    for folder, folders, files in os.walk(home):
        # Names of evidence files say nothing, and there are many.
        folders[:] = sorted(name for name in folders if name != "blobs")
        for name in sorted(files):
            if left == 0:
                return
            left -= 1
            path = Path(folder) / name
            yield path, path.lstat()


def _names_in_files(home: Path) -> Iterator[str]:
    """Yield the names of accounts and persons on call, as files tell them."""
    from gateway.config.roster import read_roster

    for path in (home / "operators").glob("*"):
        yield path.name.partition(".")[0]
    try:
        roster = read_roster(home / "roster.toml")
    except GatewayError:
        return
    for person in roster.persons:
        yield from (person.name, person.contact)


def _log_piece(path: Path, scrubber: Scrubber) -> Piece:
    """Return the end of the node's log with only what is harmless of each line."""
    from gateway.cli.files import read_end

    raw = read_end(path, max_bytes=_MAX_LOG_BYTES)
    lines = raw.decode(errors="replace").splitlines()[-_MAX_LOG_LINES:]
    kept = [line for text in lines if (line := _log_line(text, scrubber))]
    text = "the end of the node's log: events, codes and numbers"
    return Piece("node-log.jsonl", text, "".join(kept).encode())


def _log_line(text: str, scrubber: Scrubber) -> str:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(line, dict):
        return ""
    kept = {name: value for name, value in line.items() if _is_harmless(name, value)}
    return json.dumps(scrubber.value(kept), ensure_ascii=False) + "\n"


def _is_harmless(name: str, value: object) -> bool:
    if isinstance(value, str):
        return name in _LOG_FIELDS
    return isinstance(value, (bool, int, float))
