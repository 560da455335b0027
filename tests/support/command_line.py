"""Running commands in this process, and the answers of a node they are shown."""

import json
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from gateway.admin import node_shapes, shapes
from gateway.cli.main import cli
from tests.support.scripted_api import ScriptedApi

MESSAGE_ID = "019a9d3c-1f2e-7a4b-8c5d-6e7f80910203"
OTHER_ID = "019a9d3c-1f2e-7a4b-8c5d-6e7f80910204"
AT = "2026-11-21T23:05:09.123Z"

PEER = node_shapes.Peer(
    id="moj.fr",
    country="FR",
    names={"fr": "Ministère de la Justice"},
    fingerprint="ab" * 32,
    card_number=3,
    card_issued_at=AT,
    urls=("https://gw.moj.fr:8443",),
    stage="test",
    queued=2,
)


def message(state: str = "queued", message_id: str = MESSAGE_ID) -> shapes.Message:
    """Return the metadata of a message."""
    return shapes.Message(
        id=message_id,
        box="out",
        peer="moj.fr",
        state=state,
        priority="routine",
        created_at=AT,
        accepted_at=AT,
        updated_at=AT,
        index=7,
        type="MLA_REQ",
    )


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended and what it printed."""

    exit_code: int
    stdout: str
    stderr: str

    def document(self) -> dict[str, object]:
        """Return the one JSON document on stdout."""
        parsed = json.loads(self.stdout)
        assert isinstance(parsed, dict)
        return parsed


def run(
    *words: str,
    stdin: str = "",
    environment: dict[str, str | None] | None = None,
) -> Done:
    """Run a command in this process, with no variables of a node set."""
    cleared: dict[str, str | None] = {
        "MLA_GATEWAY_HOME": None,
        "MLA_GATEWAY_TOKEN_FILE": None,
        "MLA_GATEWAY_DEBUG": None,
    }
    result = CliRunner().invoke(
        cli,
        words,
        input=stdin,
        env=cleared | (environment or {}),
        prog_name="mla-gateway",
    )
    return Done(result.exit_code, result.stdout, result.stderr)


def run_at(api: ScriptedApi, *words: str, stdin: str = "") -> Done:
    """Run a command against the node of an API's home."""
    return run("--home", str(api.home), *words, stdin=stdin)


def lines(path: Path) -> list[str]:
    """Return the lines of a text file."""
    return path.read_text().splitlines()
