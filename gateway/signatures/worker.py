"""The process that looks at one signed file, and ends.

It reads a question and the file from stdin and writes an answer to stdout. Before it
reads a byte of the file it takes away from itself what such a file may not cost.
"""

import resource
import sys

import msgspec

from gateway.mla.findings import (
    NotChecked,
    SignatureFinding,
    SignatureKind,
    SignatureResult,
)
from gateway.signatures.wire import MAX_SIGNATURES, Answer, Found, Question

MAX_MEMORY_BYTES = 1536 * 1024 * 1024
MAX_CPU_S = 20
_MAX_OPEN_FILES = 64
_MAX_QUESTION_BYTES = 4 * 1024 * 1024


def main() -> int:
    """Answer one question."""
    limit()
    line = sys.stdin.buffer.readline(_MAX_QUESTION_BYTES)
    question = msgspec.json.decode(line, type=Question)
    data = sys.stdin.buffer.read(question.length)
    sys.stdout.buffer.write(
        msgspec.json.encode(Answer(signatures=look(question, data)))
    )
    return 0


def look(question: Question, data: bytes) -> tuple[Found, ...]:
    """Return what is known of the signatures in a file."""
    kind = SignatureKind(question.kind)
    try:
        found = _look(kind, question, data)
    except ModuleNotFoundError:
        return (_not_checked(kind, NotChecked.NO_LIBRARY),)
    except MemoryError:
        return (_not_checked(kind, NotChecked.TOO_SLOW),)
    except Exception:  # noqa: BLE001 - of what a hostile file makes a library raise
        return (
            Found(
                finding=SignatureFinding(kind=kind, result=SignatureResult.UNREADABLE),
            ),
        )
    return tuple(found[:MAX_SIGNATURES])


def _look(kind: SignatureKind, question: Question, data: bytes) -> list[Found]:
    # Each only when it is asked for: loading takes longer than looking.
    match kind:
        case SignatureKind.PADES:
            from gateway.signatures.pades import look_at_pdf  # noqa: PLC0415 - as above

            return look_at_pdf(question, data)
        case SignatureKind.CADES:
            from gateway.signatures.cades import look_at_detached  # noqa: PLC0415 - as above

            return look_at_detached(question, data)
        case SignatureKind.XADES:
            from gateway.signatures.xades import look_at_xml  # noqa: PLC0415 - as above

            return look_at_xml(question, data)


def limit() -> None:
    """Take away from this process what one file may not cost."""
    for what, most in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAX_CPU_S),
        (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


def _not_checked(kind: SignatureKind, reason: NotChecked) -> Found:
    finding = SignatureFinding(
        kind=kind, result=SignatureResult.NOT_CHECKED, reason=reason
    )
    return Found(finding=finding)


if __name__ == "__main__":
    sys.exit(main())
