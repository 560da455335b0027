"""Leaves as they nearly always are, recognised in one pass over their bytes.

Reading a million leaves with `parse_leaf` takes a minute. The patterns here know the
common kinds in plain spelling, and know less than `parse_leaf` does: whatever they
match, it would take. So a leaf that does not match is not wrong; it has to be read with
`parse_leaf`, and nothing is refused or let in that it would not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.core import canonical
from gateway.core.entries.kinds import FAMILIES, KINDS, fields_of
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.limits import MAX_LEAF_BYTES
from gateway.core.values import format_time

_HASH = r'"[0-9a-f]{64}"'
_NUMBER = r"(?:0|[1-9][0-9]{0,14})"  # below 2^53 by its length
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_PRINTABLE = r"[ !#-\[\]-~]+"  # no quotation mark, no backslash
_UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_ROOT = r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
_SD_DIGEST = r'"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"'
_HOUR = r"(?:[01][0-9]|2[0-3])"

# Forms of the fields (specification, section 8.1) that have one plain spelling. Kinds
# with other fields are rare, and left to `parse_leaf`.
_FORMS: Final[Mapping[str, str]] = {
    "clk": "(?P<clk>1)",
    "count": _NUMBER,
    "cp": rf'\{{"n":{_NUMBER},"o":"{_PRINTABLE}","r":"{_ROOT}"\}}',
    "dig": _HASH,
    "i": rf"(?P<i>{_NUMBER})",
    "m": f'"(?P<m>{_UUID7})"',
    "man": _HASH,
    "peer": rf'(?="[^"]{{3,64}}")"{_LABEL}(?:\.{_LABEL})+"',
    "prev": r'"(?P<prev>[0-9a-f]{64})"',
    "r": r'"[A-Za-z0-9_-]{21}[AQgw]"',
    "ref": _NUMBER,
    "res": r'"[a-z0-9][a-z0-9_.-]{0,63}"',
    "sd": rf"\[(?P<sd>{_SD_DIGEST}(?:,{_SD_DIGEST})*)\]",
    "seq": _NUMBER,
    "t": rf'"(?P<t>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_HOUR}:[0-5][0-9]:[0-5][0-9]'
    r'\.[0-9]{3})Z"',
    "v": "1",
}
_LAST = "v"  # follows all the others in canonical order
_KIND_START = b'"k":"'
_FAMILY_KIND = rf"(?:{'|'.join(FAMILIES)})\.[a-z][a-z-]*"


@dataclass(frozen=True, slots=True)
class ScannedLeaf:
    """What ties a leaf to its place.

    Attributes:
        at: Its time as it is spelled; the order of such texts is that of the times.
        message_id: The message it is about, or empty.
    """

    index: int
    prev: str
    at: str
    kind: str
    message_id: str
    is_clock_behind: bool


class LeafScanner:
    """Recognises plain leaves of one log.

    Attributes:
        log: Origin of the log.
    """

    __slots__ = ("_of_family", "_of_kind", "log")

    def __init__(self, log: str) -> None:
        self.log = log
        self._of_kind = {
            kind.encode(): _pattern(log, kind, re.escape(kind))
            for kind in KINDS
            if fields_of(kind)[0] <= _FORMS.keys() | {"k", "log"}
        }
        self._of_family = _pattern(log, f"{FAMILIES[0]}.x", _FAMILY_KIND)

    def follows(self, raw: bytes, *, index: int, prev: str) -> bool:
        """Tell whether `raw` is a plain leaf at its place.

        Args:
            raw: The bytes of an entry.
            index: The place it is found at.
            prev: Leaf hash of the entry before in hexadecimal digits.

        Returns:
            True only if `parse_leaf` takes it for this log and finds that index and
            that `prev`. False says nothing.
        """
        match = self._match(raw)
        if match is None:
            return False
        found, named = match.group("i", "prev")
        return bool(found == b"%d" % index and named == prev.encode())

    def read(self, raw: bytes) -> ScannedLeaf:
        """Return what ties a leaf to its place, after reading all of it.

        Raises:
            MalformedError: As `parse_leaf`.
            TooLargeError: As `parse_leaf`.
        """
        match = self._match(raw)
        if match is None:
            return _read_slowly(parse_leaf(raw, log=self.log))
        message_id = match["m"] if "m" in match.re.groupindex else b""
        return ScannedLeaf(
            int(match["i"]),
            match["prev"].decode(),
            match["t"].decode(),
            _kind_in(raw).decode(),
            message_id.decode(),
            match["clk"] is not None,
        )

    def _match(self, raw: bytes) -> re.Match[bytes] | None:
        """Return the parts of a plain leaf."""
        pattern = self._of_kind.get(_kind_in(raw), self._of_family)
        match = pattern.fullmatch(raw)
        if match is None or len(raw) > MAX_LEAF_BYTES:
            return None
        digests = match["sd"]
        is_leaf = (digests is None or _is_ascending(digests)) and _is_moment(match["t"])
        return match if is_leaf else None


def _kind_in(raw: bytes) -> bytes:
    start = raw.find(_KIND_START) + len(_KIND_START)
    return raw[start : raw.find(b'"', start)]


def _read_slowly(leaf: Leaf) -> ScannedLeaf:
    return ScannedLeaf(
        leaf.index,
        leaf.prev,
        format_time(leaf.at).removesuffix("Z"),
        leaf.kind,
        str(leaf.fields.get("m", "")),
        leaf.is_clock_behind,
    )


def _pattern(log: str, kind: str, kind_pattern: str) -> re.Pattern[bytes]:
    """Return what plain leaves of a kind look like: its fields in canonical order."""
    required, allowed = fields_of(kind)
    forms = {
        **_FORMS,
        "k": f'"{kind_pattern}"',
        "log": re.escape(canonical.encode(log).decode("latin-1")),
    }
    fields = []
    for name in sorted(allowed & forms.keys() - {_LAST}):
        field = f'"{name}":{forms[name]},'
        fields.append(field if name in required else f"(?:{field})?")
    pattern = rf'\{{{"".join(fields)}"{_LAST}":{forms[_LAST]}\}}'
    return re.compile(pattern.encode("latin-1"))


def _is_ascending(digests: bytes) -> bool:
    """Tell whether the quoted digests of a list ascend, so that none stands twice."""
    items = digests.split(b",")
    return all(map(bytes.__lt__, items, items[1:]))


def _is_moment(text: bytes) -> bool:
    """Tell whether a time in the right form exists."""
    try:
        datetime.fromisoformat(text.decode("ascii"))
    except ValueError:
        return False
    return True
