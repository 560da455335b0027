"""What the core says to every published vector of logs; runs wherever it does."""

import base64
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gateway.core.errors import GatewayError
from gateway.core.translog.merkle import verify_consistency, verify_inclusion
from gateway.core.translog.note import parse_note, parse_vkey, verify_note

FOLDER = Path(__file__).parents[1] / "vectors" / "translog"


def verdicts(folder: Path) -> dict[str, str]:
    """Return `good` or the code of the refusal for each vector, and each spoiled."""
    found = {}
    cases = json.loads((folder / "merkle.json").read_text())
    for number, case in enumerate(cases["inclusion"]):
        found[f"inclusion {number}"] = _verdict(
            partial(
                verify_inclusion,
                index=case["leafIdx"],
                size=case["treeSize"],
                leaf=_bytes(case["leafHash"]),
                path=list(map(_bytes, case["proof"] or [])),
                root=_bytes(case["root"]),
            ),
        )
    for number, case in enumerate(cases["consistency"]):
        found[f"consistency {number}"] = _verdict(
            partial(
                verify_consistency,
                old_size=case["size1"],
                new_size=case["size2"],
                old_root=_bytes(case["root1"]),
                new_root=_bytes(case["root2"]),
                proof=list(map(_bytes, case["proof"] or [])),
            ),
        )
    log = json.loads((folder / "tessera-log.json").read_text())
    notes = {name: (log["vkey"], note) for name, note in log["checkpoints"].items()}
    vector = json.loads((folder / "checkpoint-mldsa44.json").read_text())
    notes["ML-DSA-44"] = (vector["vkey"], vector["note"])
    for name, (vkey, note) in notes.items():
        for what, text in (("", note), (" spoiled", note.replace("\n1", "\n2", 1))):
            found[name + what] = _verdict(
                partial(_check_note, vkey, text),
            )
    return found


def _check_note(vkey: str, text: str) -> None:
    verify_note(parse_note(text.encode()), [parse_vkey(vkey)])


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _verdict(check: Callable[[], object]) -> str:
    try:
        check()
    except GatewayError as error:
        return error.code
    return "good"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(verdicts(FOLDER)))
