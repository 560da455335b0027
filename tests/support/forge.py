"""Envelopes made by hand, right or wrong at any one point.

Written from the specification and not with the gateway's own writer, so that the two
check each other. Every step can be replaced by one that breaks a rule.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from cryptography.cobblestone import Cobblestone256Encryptor
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gateway.core.canonical import JsonObject
from gateway.core.keys import KemPrivateKey

SENDER = "moj.ee"
ADDRESSEE = "pgr.pt"
CREATED = "2026-11-21T23:05:09.123Z"
EXPIRES = "2026-12-21T23:05:09.123Z"
MESSAGE_ID = "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"
MESSAGE: JsonObject = {"msg_type": "MLA_REQ", "payload": {"facts": "Été\n100 %"}}

_HPKE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

JsonEdit: TypeAlias = Callable[[JsonObject], JsonObject]
BytesEdit: TypeAlias = Callable[[bytes], bytes]
ListEdit: TypeAlias = Callable[[list[bytes]], list[bytes]]


def seed(number: int) -> bytes:
    """Return the seed of the throw-away key `number`."""
    return hashlib.sha256(f"mla vector key {number}".encode()).digest()


PRIVATE_KEYS = tuple(KemPrivateKey.from_seed(seed(number)) for number in range(9))


def kid_of(number: int, authority: str = ADDRESSEE) -> str:
    """Return the key id of the throw-away key `number`."""
    name = authority.encode()
    public = PRIVATE_KEYS[number].public.raw
    spelled = b"mla-key/1\0\x01\x01" + bytes((len(name),)) + name + public
    return hashlib.sha256(spelled).hexdigest()


def spell(value: object) -> bytes:
    """Return canonical JSON, as the standard library writes it."""
    text = json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return text.encode()


@dataclass(frozen=True, slots=True)
class Forged:
    """A forged envelope and the content digest its sender would have logged."""

    raw: bytes
    content_digest: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to make, and the one step to get wrong.

    Attributes:
        keys: Numbers of the throw-away keys it is sealed to.
        attachments: (aid, plaintext size) of each.
        edit_*: Replaces what the step before made.
        bound_header: What the seal is bound to, if not the header that is sent.
    """

    keys: tuple[int, ...] = (0,)
    attachments: tuple[tuple[str, int], ...] = ()
    message: JsonObject = field(default_factory=lambda: MESSAGE)
    edit_header: JsonEdit = lambda header: header
    edit_header_raw: BytesEdit = lambda raw: raw
    bound_header: BytesEdit = lambda raw: raw
    edit_manifest: JsonEdit = lambda manifest: manifest
    edit_manifest_raw: BytesEdit = lambda raw: raw
    edit_attachment_keys: ListEdit = lambda keys: keys
    edit_inner: BytesEdit = lambda inner: inner
    edit_wraps: ListEdit = lambda wraps: wraps
    edit_wraps_raw: BytesEdit = lambda raw: raw
    edit_body: BytesEdit = lambda body: body
    edit_raw: BytesEdit = lambda raw: raw


def content_key(recipe: Recipe) -> bytes:
    """Return the content key that `forge` uses."""
    return hashlib.sha256(f"mla vector content key {recipe.keys}".encode()).digest()


def forge(recipe: Recipe) -> Forged:
    """Return the envelope of a recipe."""
    header_raw = recipe.edit_header_raw(spell(recipe.edit_header(_header(recipe))))
    bound = hashlib.sha256(recipe.bound_header(header_raw)).digest()
    manifest = recipe.edit_manifest(_manifest(recipe, bound))
    manifest_raw = recipe.edit_manifest_raw(spell(manifest))
    keys = [hashlib.sha256(aid.encode()).digest() for aid, _ in recipe.attachments]
    inner = b"%s\n%s\n" % (
        manifest_raw,
        spell(list(map(_b64, recipe.edit_attachment_keys(keys)))),
    )
    inner = recipe.edit_inner(inner.ljust(max(_padme(len(inner)), 4096), b"\0"))
    wraps = [wrap(number, bound, content_key(recipe)) for number in recipe.keys]
    wraps_raw = spell(list(map(_b64, recipe.edit_wraps(wraps))))
    body = recipe.edit_body(encrypt(content_key(recipe), bound, inner))
    lines = (b"mla-envelope/1", header_raw, recipe.edit_wraps_raw(wraps_raw), body)
    return Forged(
        raw=recipe.edit_raw(b"\n".join(lines)),
        content_digest=hashlib.sha256(manifest_raw).hexdigest(),
    )


def wrap(number: int, bound: bytes, key: bytes) -> bytes:
    """Return a content key wrapped to the throw-away key `number`."""
    kid = bytes.fromhex(kid_of(number))
    info = b"mla-envelope/1 wrap\0\x01" + kid + bound
    return _HPKE.encrypt(key, PRIVATE_KEYS[number].public._hpke, info)


def encrypt(key: bytes, bound: bytes, inner: bytes) -> bytes:
    """Return the body of an inner part."""
    encryptor = Cobblestone256Encryptor(key, b"mla-envelope/1 body\0" + bound)
    return encryptor.update(inner) + encryptor.finalize()


def _header(recipe: Recipe) -> JsonObject:
    return {
        "attachments": [
            {"aid": aid, "length": _sealed_length(size), "root": "1f" * 32}
            for aid, size in recipe.attachments
        ],
        "created": CREATED,
        "expires": EXPIRES,
        "from": SENDER,
        "id": MESSAGE_ID,
        "keys": [kid_of(number) for number in recipe.keys],
        "priority": "routine",
        "suite": 1,
        "to": ADDRESSEE,
    }


def _manifest(recipe: Recipe, bound: bytes) -> JsonObject:
    return {
        "attachments": [
            {
                "aid": aid,
                "custody": [{"by": "Tallinn", "code": "SEIZED"}],
                "media_type": "application/pdf",
                "name": f"{aid[:4]}.pdf",
                "sha256": "2e" * 32,
                "size": size,
            }
            for aid, size in recipe.attachments
        ],
        "created": CREATED,
        "from": SENDER,
        "header": bound.hex(),
        "id": MESSAGE_ID,
        "message": recipe.message,
        "salt": _b64(bytes(range(16))),
        "to": ADDRESSEE,
    }


def _sealed_length(size: int) -> int:
    padded = _padme(size)
    return 56 + padded + 16 * (padded // 16384 + 1)


def _padme(length: int) -> int:
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
