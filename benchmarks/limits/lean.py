"""The gateway's formats, spelled and read with the fewest steps.

What is written here is byte for byte what the gateway would write, and what is read is
read strictly: declared fields only, each of its form, and written again to compare. But
each format has one shape that is known beforehand, where the gateway's own functions
have tables of kinds, values to check that came from people, and reasons to give.
"""

import hashlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import msgspec
import nacl.utils
from cryptography.cobblestone import Cobblestone256Encryptor

from gateway.core.canonical import JsonObject, Wire
from gateway.core.envelope.layout import body_context, join_envelope, wrap_info
from gateway.core.envelope.manifest import SALT_BYTES, join_inner
from gateway.core.errors import LogProofError, MalformedError
from gateway.core.keys import ContentKey, RecipientKey
from gateway.core.protocol import hashes_from_text
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.merkle import leaf_hash, verify_inclusion

_HEX = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_ID = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f-]{36}\Z")]
_MOMENT = Annotated[str, msgspec.Meta(pattern=r"^[0-9T:.-]{23}Z\Z")]
_RANDOM = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{22}\Z")]
_NATURAL = Annotated[int, msgspec.Meta(ge=0)]
_RANDOM_BYTES = 16

_T = TypeVar("_T")

encode = msgspec.json.Encoder(order="sorted").encode


class SendLeaf(Wire, frozen=True, kw_only=True):
    """An entry `msg.send`."""

    dig: _HEX
    i: _NATURAL
    k: Literal["msg.send"] = "msg.send"
    log: str
    m: _ID
    man: _HEX
    peer: str
    prev: _HEX
    r: _RANDOM
    seq: _NATURAL
    t: _MOMENT
    v: Literal[1] = 1


class ReceiveLeaf(Wire, frozen=True, kw_only=True):
    """An entry `msg.receive`."""

    dig: _HEX
    i: _NATURAL
    k: Literal["msg.receive"] = "msg.receive"
    log: str
    m: _ID
    peer: str
    prev: _HEX
    r: _RANDOM
    t: _MOMENT
    v: Literal[1] = 1


def random_text() -> str:
    """Return what keeps a leaf from being guessed: the field `r`."""
    raw = nacl.utils.random(_RANDOM_BYTES)
    return urlsafe_b64encode(raw).decode().rstrip("=")


class Reader:
    """Reads one shape strictly."""

    def __init__(self, shape: type[_T]) -> None:
        self._decode = msgspec.json.Decoder(shape).decode

    def read(self, raw: bytes) -> object:
        """Return the value whose one spelling is `raw`.

        Raises:
            MalformedError: Another shape, or another spelling of it.
        """
        try:
            value = self._decode(raw)
        except msgspec.DecodeError as error:
            raise MalformedError(f"JSON: {error}") from error
        if encode(value) != raw:
            raise MalformedError("JSON: not in canonical form")
        return value


def check_leaf(
    leaf: SendLeaf | ReceiveLeaf,
    raw: bytes,
    path: Sequence[str],
    checkpoint: Checkpoint,
    expected: tuple[int, str, str, str],
) -> tuple[bytes, ...]:
    """Check that a leaf says what it should and lies in a tree; return its path.

    Raises:
        LogProofError: It does not.
    """
    if (leaf.i, leaf.peer, leaf.m, leaf.dig) != expected or (
        leaf.log != checkpoint.origin
    ):
        raise LogProofError("leaf: says something else")
    hashes = hashes_from_text(path)
    verify_inclusion(
        index=leaf.i,
        size=checkpoint.size,
        leaf=leaf_hash(raw),
        path=hashes,
        root=checkpoint.root,
    )
    return hashes


class HeaderFields(Wire, frozen=True, kw_only=True):
    """The header of an envelope without attachments."""

    attachments: tuple[()] = ()
    created: _MOMENT
    expires: _MOMENT
    sender: str = msgspec.field(name="from")
    id: _ID
    keys: list[_HEX]
    priority: Literal["routine"] = "routine"
    suite: Literal[1] = 1
    addressee: str = msgspec.field(name="to")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed message, and what its sender keeps of it."""

    id: str
    raw: bytes
    digest: str
    content_digest: str
    content_key: ContentKey


def seal(header: HeaderFields, message: JsonObject, key: RecipientKey) -> Sealed:
    """Return a message sealed to one key of its addressee."""
    header_raw = encode(header)
    header_digest = hashlib.sha256(header_raw).digest()
    manifest = encode(
        {
            "attachments": (),
            "created": header.created,
            "from": header.sender,
            "header": header_digest.hex(),
            "id": header.id,
            "message": message,
            "salt": b64encode(nacl.utils.random(SALT_BYTES)).decode(),
            "to": header.addressee,
        },
    )
    content_key = ContentKey.new()
    info = wrap_info(key.kid, header_digest)
    wrap = key.public.seal(content_key.raw, info=info)
    encryptor = Cobblestone256Encryptor(content_key.raw, body_context(header_digest))
    body = encryptor.update(join_inner(manifest, [])) + encryptor.finalize()
    raw = join_envelope(header_raw, [wrap], body)
    return Sealed(
        id=header.id,
        raw=raw,
        digest=hashlib.sha256(raw).hexdigest(),
        content_digest=hashlib.sha256(manifest).hexdigest(),
        content_key=content_key,
    )
