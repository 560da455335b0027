"""Runs the process that looks at a signed file (port `SignatureCheck`)."""

import asyncio
import base64
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec
import structlog

from gateway.mla.findings import (
    NotChecked,
    SignatureFinding,
    SignatureKind,
    SignatureResult,
)
from gateway.mla.inspecting import MAX_HELD_BYTES
from gateway.ports.signatures import CheckedSignature, SignedFile
from gateway.signatures.trust import Roots
from gateway.signatures.wire import MAX_ANSWER_BYTES, Answer, Question

log = structlog.get_logger()

TIMEOUT_S = 40.0
# By the names that signatures use.
_ALGORITHMS: Mapping[str, str] = {
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
    "SHA3-256": "sha3_256",
    "SHA3-512": "sha3_512",
}


class SignatureProcess:
    """Looks at one file at a time, each in a process of its own."""

    def __init__(self, roots: Roots, *, timeout_s: float = TIMEOUT_S) -> None:
        self._roots = roots
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()

    async def check(self, file: SignedFile) -> Sequence[CheckedSignature]:
        """Return every signature that is found; none if it holds none."""
        if file.data is None or len(file.data) > MAX_HELD_BYTES:
            return [not_checked(file.kind, NotChecked.TOO_LARGE)]
        async with self._turn:
            try:
                raw = await self._answer(self._question(file, file.data))
            except OSError as error:
                log.warning("signature_not_checked", kind=file.kind, reason=str(error))
                return [not_checked(file.kind, NotChecked.NO_PROCESS)]
        try:
            answer = msgspec.json.decode(raw or b"", type=Answer)
        except msgspec.DecodeError:
            # It was ended: over its time or memory, or by what the file did to it.
            log.warning("signature_not_checked", kind=file.kind)
            return [not_checked(file.kind, NotChecked.TOO_SLOW)]
        return [CheckedSignature(one.finding, one.signer) for one in answer.signatures]

    async def _answer(self, question: bytes) -> bytes | None:
        """Return what the process says; None if it did not in time."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "gateway.signatures.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            limit=MAX_ANSWER_BYTES,
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                stdout, _ = await process.communicate(question)
        except TimeoutError:
            return None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return stdout[:MAX_ANSWER_BYTES] if process.returncode == 0 else None

    def _question(self, file: SignedFile, data: bytes) -> bytes:
        roots = self._roots.get(file.country, ())
        question = Question(
            kind=file.kind,
            length=len(data),
            now=file.now // 1000,
            roots=tuple(base64.b64encode(root).decode() for root in roots),
            digests={
                _ALGORITHMS[name]: value
                for name, value in file.content_digests.items()
                if name in _ALGORITHMS
            },
        )
        return msgspec.json.encode(question) + b"\n" + data


class NoSignatureLibrary:
    """Stands where the extra `signatures` is not installed: nothing is checked."""

    async def check(self, file: SignedFile) -> Sequence[CheckedSignature]:
        """Return that it was not checked."""
        return [not_checked(file.kind, NotChecked.NO_LIBRARY)]


def not_checked(kind: SignatureKind, reason: NotChecked) -> CheckedSignature:
    """Return that a file was not looked at, and why."""
    result = SignatureResult.NOT_CHECKED
    return CheckedSignature(SignatureFinding(kind=kind, result=result, reason=reason))
