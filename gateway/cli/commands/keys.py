"""`keys list`, `rotate`, `request`, `statement`: our keys, and who vouches for them.

Local: whoever runs them can read the key store. A running node is not asked and not
disturbed; it takes a new statement at its next start.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file, read_input
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table, say
from gateway.cli.two_persons import check_two_persons, person_option

if TYPE_CHECKING:
    from gateway.core.translog.note import VerifierKey
    from gateway.core.values import UnixMs
    from gateway.keystore.keyring import Keyring
    from gateway.keystore.succession import KeyUse

_Row = tuple[str, str, str]


@command("list", example="mla-gateway --home /srv/mla keys list")
@pass_invocation
def list_all(invocation: Invocation) -> None:
    """Our keys: what each is for, its id, until when it is used.

    The secret halves are never shown.
    """
    rows = list(_rows(_keyring(invocation)))
    if invocation.as_json:
        items = [{"key": key, "id": name, "until": until} for key, name, until in rows]
        print_json({"items": items})
    else:
        print_table(("KEY", "ID", "UNTIL"), rows)


@command(
    "rotate",
    example="mla-gateway --home /srv/mla keys rotate log --out request",
)
@click.argument(
    "uses",
    nargs=-1,
    required=True,
    type=click.Choice(["log", "witness", "tls-ca"]),
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="New file for the request to the root.",
)
@click.option(
    "--finish",
    is_flag=True,
    help="End the overlap: ask the root to vouch for the new keys alone.",
)
@click.option(
    "--early",
    is_flag=True,
    help="With --finish: do not wait for the end of the overlap.",
)
@person_option
@pass_invocation
def rotate(
    invocation: Invocation,
    uses: tuple[str, ...],
    *,
    out: Path,
    finish: bool,
    early: bool,
    persons: tuple[Path, ...],
) -> None:
    """Put new log, witness or TLS-CA keys in the place of the old ones.

    Several may be named; one statement serves them all.
    Makes new keys beside those at work, which changes nothing yet, and a request that
    names both. Have it signed with `root sign`, put the answer into force with
    `keys statement`, and restart the node: for 30 days both sign. Then do the same
    with --finish; the old keys are destroyed.
    """
    from gateway.core.errors import UsageError
    from gateway.keystore.rotation import begin_rotation, check_finish
    from gateway.keystore.succession import KeyUse

    if early and not finish:
        raise UsageError("--early: only with --finish")
    check_two_persons(invocation.home, persons)
    kinds = [KeyUse(use) for use in dict.fromkeys(uses)]
    keyring = _keyring(invocation)
    if finish:
        for kind in kinds:
            check_finish(keyring, kind, _now(), is_early=early)
        asked = keyring.statement_request(alone=kinds)
    else:
        for kind in kinds:
            keyring = begin_rotation(keyring, kind, _now())
        asked = keyring.statement_request()
    _write_request(invocation, out, asked)


@command("request", example="mla-gateway --home /srv/mla keys request --out request")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="New file for the request.",
)
@pass_invocation
def request(invocation: Invocation, out: Path) -> None:
    """Ask our root keys to vouch for the keys at work and those that wait.

    The file holds public keys only. Bring it to the machine where the root keys are
    and sign it there: `mla-gateway root sign`.
    """
    _write_request(invocation, out, _keyring(invocation).statement_request())


@command(
    "statement",
    example="mla-gateway --home /srv/mla keys statement statement.tlog-proof",
)
@click.argument("statement", type=click.Path(path_type=Path))
@person_option
@pass_invocation
def statement(
    invocation: Invocation, statement: Path, persons: tuple[Path, ...]
) -> None:
    """Put a statement that the root keys signed into force.

    It has to be of our root, newer than the last, and about keys that lie here. Keys
    that it no longer names are destroyed. The node takes it at its next start, issues
    a new card, and hands it to the peers.
    """
    from gateway.core.limits import MAX_LOG_PROOF_BYTES

    check_two_persons(invocation.home, persons)
    proof = read_input(statement, max_bytes=MAX_LOG_PROOF_BYTES)
    renewed = _keyring(invocation).with_statement(proof, _now())
    number = renewed.proven_statement.statement.number
    if invocation.as_json:
        print_json({"number": number})
    else:
        say(f"statement {number} is installed; restart the node to put it on its card")


def _now() -> "UnixMs":
    """Return the time, as keys are made and statements come into force."""
    from gateway.core.values import UnixMs

    return UnixMs(int(datetime.now(UTC).timestamp() * 1000))


def _write_request(invocation: Invocation, out: Path, asked: bytes) -> None:
    with new_file(out) as file:
        file.write(asked)
    if invocation.as_json:
        print_json({"request": str(out)})
    else:
        say(
            f"{out}: sign it where the root keys are, with "
            f"`mla-gateway root sign {out} --keys FOLDER --out STATEMENT`",
        )


def _keyring(invocation: Invocation) -> "Keyring":
    """Return the unlocked keys of the home."""
    from gateway.cli.connection import check_home
    from gateway.config.reading import load_settings
    from gateway.keystore.keyring import open_keyring

    check_home(invocation.home)
    settings = load_settings(invocation.home, os.environ).settings
    return open_keyring(settings, os.environ)


def _rows(keyring: "Keyring") -> Iterator[_Row]:
    from gateway.core.values import format_time
    from gateway.keystore.rotation import overlaps
    from gateway.keystore.succession import KeyUse

    number = keyring.proven_statement.statement.number
    ends = {one.use: format_time(one.ends_at) for one in overlaps(keyring)}
    yield "root", keyring.fingerprint, f"vouches for the rest: statement {number}"
    for use in KeyUse:
        yield from _generations(keyring, use, ends.get(use, ""))
    for record in keyring.opening.records():
        yield (
            "sealing",
            record.kid,
            f"{record.send_until}, opens to {record.open_until}",
        )
    yield "TLS", keyring.tls.leaf_fingerprint, format_time(keyring.tls.not_after)


def _generations(keyring: "Keyring", use: "KeyUse", ends: str) -> Iterator[_Row]:
    succession = keyring.succession(use)
    for generation in succession.at_work:
        is_old = generation.number < succession.newest_number
        until = f"{ends}, then keys rotate {use} --finish" if is_old else ""
        yield from _public(use, generation.public, until)
    if succession.pending is not None:
        yield from _public(use, succession.pending.public, "waits for a statement")


def _public(
    use: "KeyUse",
    public: "tuple[VerifierKey | bytes, ...]",
    until: str,
) -> Iterator[_Row]:
    from gateway.core.translog.note import KeyType

    for key in public:
        if isinstance(key, bytes):
            yield "TLS CA", hashlib.sha256(key).hexdigest(), until
        else:
            is_ed25519 = key.key_type is not KeyType.ML_DSA_44
            algorithm = "Ed25519" if is_ed25519 else "ML-DSA-44"
            yield f"{use}, {algorithm}", key.key_id.hex(), until
