"""A redacted copy that provably belongs to its original, which nobody gets to see.

The copy goes out with a commitment: SHA-256 over a context, a random salt and the
digests of both files. Whoever has only the copy learns nothing of the original from it;
whoever is later given the original and the record with the salt can check that this
copy was made of it (specification, section 13.10).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import MalformedError
from gateway.mla.problems import Problem, ProblemCode, select, text_at, texts_at
from gateway.mla.spellings import HEX, MOMENT

SALT_BYTES: Final = 32
CONTEXT: Final = b"mla-gateway/redaction/1\0"
REASONS: Final = (
    "PRIVILEGE",
    "THIRD_PARTY",
    "SENSITIVE",
    "SOURCE",
    "CLASSIFIED",
    "OUT_OF_SCOPE",
)

_DIGEST_CHARS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionRecord:
    """What is kept with the original, as secret as that.

    Attributes:
        redaction_id: Its id.
        source_sha256: Digest of the original, lower-case hex.
        result_sha256: Digest of the redacted copy.
        salt: Random; whoever has it can tell of any file whether it is the original.
        reasons: Why, each one of `REASONS`.
        rule: What was left out, in words that do not say what it was.
        by: Who did it.
        at: When, RFC 3339.
    """

    redaction_id: str
    source_sha256: str
    result_sha256: str
    salt: bytes = field(repr=False)
    reasons: tuple[str, ...]
    rule: str
    by: str
    at: str

    @property
    def commitment(self) -> str:
        """What goes out with the copy, lower-case hex."""
        digests = bytes.fromhex(self.source_sha256) + bytes.fromhex(self.result_sha256)
        return hashlib.sha256(CONTEXT + self.salt + digests).hexdigest()

    def for_item(self) -> JsonObject:
        """Return the fields of the manifest item of the copy."""
        return {
            "redacted": True,
            "redaction_ref": {
                "redaction_id": self.redaction_id,
                "reasons": list(self.reasons),
                "rule": self.rule,
                "by": self.by,
                "at": self.at,
                "commitment": self.commitment,
            },
        }

    def to_json(self) -> JsonObject:
        """Return the record as its file holds it."""
        return {
            "redaction_id": self.redaction_id,
            "source_sha256": self.source_sha256,
            "result_sha256": self.result_sha256,
            "salt": self.salt.hex(),
            "reasons": list(self.reasons),
            "rule": self.rule,
            "by": self.by,
            "at": self.at,
        }

    def shows(self, item: JsonObject, *, source: str, result: str) -> list[str]:
        """Return what speaks against a copy being made of an original; nothing if none.

        Args:
            item: The manifest item that went out with the copy.
            source: SHA-256 of the file that is said to be the original.
            result: SHA-256 of the copy.
        """
        told = text_at(item, "redaction_ref/commitment") or ""
        checks = {
            "the original is another file": source == self.source_sha256,
            "the copy is another file": result == self.result_sha256,
            "the item is of another file": result in texts_at(item, "digests/*/value"),
            "the item does not commit to this record": compare_digest(
                told, self.commitment
            ),
        }
        return [fault for fault, holds in checks.items() if not holds]


def with_redactions(
    document: JsonObject, records: Sequence[RedactionRecord]
) -> tuple[JsonObject, list[Problem]]:
    """Return a form whose redacted items commit to their records, and what is wrong.

    An item that says nothing of a redaction yet gets what its record says; one that
    commits to something else is left as it is.

    Args:
        document: A form with the digests of its items; not changed.
        records: One for each redacted copy whose original is kept.
    """
    of_copy = {record.result_sha256: record for record in records}
    payload = document.get("payload")
    manifest = payload.get("manifest") if isinstance(payload, dict) else None
    if not of_copy or not isinstance(payload, dict) or not isinstance(manifest, list):
        return document, []
    items = [_with_redaction(item, of_copy) for item in manifest]
    changed = document | {"payload": payload | {"manifest": items}}
    return changed, [
        Problem(
            f"{pointer}/redaction_ref/commitment",
            ProblemCode.CHAIN,
            "commitment: expected that of the record of the original kept with it",
        )
        for pointer, item in select(changed, "/payload/manifest/*")
        for record in _records_of(item, of_copy)
        if text_at(item, "redaction_ref/commitment") != record.commitment
    ]


def _records_of(
    item: JsonValue, of_copy: Mapping[str, RedactionRecord]
) -> list[RedactionRecord]:
    digests = texts_at(item, "digests/*/value")
    return [of_copy[digest] for digest in digests if digest in of_copy]


def _with_redaction(
    item: JsonValue, of_copy: Mapping[str, RedactionRecord]
) -> JsonValue:
    records = _records_of(item, of_copy)
    if not records or not isinstance(item, dict) or "redaction_ref" in item:
        return item
    return item | records[0].for_item()


def read_record(value: JsonObject) -> RedactionRecord:
    """Return a record as its file holds it.

    Raises:
        MalformedError: It is not one.
    """
    digests = [
        text_at(value, name) or "" for name in ("source_sha256", "result_sha256")
    ]
    salt, at = text_at(value, "salt") or "", text_at(value, "at") or ""
    are_hex = all(HEX.matches(text) for text in (*digests, salt))
    lengths = {len(text) for text in (*digests, salt)}
    if not are_hex or lengths != {_DIGEST_CHARS} or not MOMENT.matches(at):
        raise MalformedError("redaction record: not one that redact has written")
    reasons = value.get("reasons")
    return RedactionRecord(
        redaction_id=text_at(value, "redaction_id") or "",
        source_sha256=digests[0],
        result_sha256=digests[1],
        salt=bytes.fromhex(salt),
        reasons=tuple(map(str, reasons if isinstance(reasons, list) else ())),
        rule=text_at(value, "rule") or "",
        by=text_at(value, "by") or "",
        at=at,
    )
