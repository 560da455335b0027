"""`audit witnesses`, `round`, `conflicts`: who vouches for our log, and which lie."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import result_folder
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_table, say
from gateway.core.errors import UnreachableError

if TYPE_CHECKING:
    from gateway.admin.witness_shapes import Round

_LOOK_S = 0.5


@command("witnesses", example="mla-gateway audit witnesses")
@pass_invocation
def witnesses(invocation: Invocation) -> None:
    """Who cosigns our log, up to which entry, and why not further."""
    from gateway.client.calls import witnesses

    found = invocation.send(witnesses())
    if invocation.as_json:
        print_json(found)
        return
    print_table(
        ("WITNESS", "COSIGNED", "AT", "LAG", "PROBLEM"),
        [
            (one.name, one.size, one.at or "never", one.lag_entries, one.problem)
            for one in found.items
        ],
    )
    quorum = found.quorum or "none demanded"
    say(f"quorum {quorum}; {found.uncovered} of {found.size} entries not covered")


@command("round", example="mla-gateway audit round --wait 60")
@click.option(
    "--wait",
    type=click.IntRange(1, 3600),
    help="Seconds to wait until every witness has cosigned.",
)
@pass_invocation
def begin(invocation: Invocation, wait: int | None) -> None:
    """Sign a checkpoint now and ask all witnesses to cosign it.

    Without --wait they are asked in the background. With it, ends with exit code 6 if
    a witness has not cosigned in time; it will be asked again. The signed note is in
    the JSON document, and in the next export.
    """
    from gateway.client.calls import begin_round

    signed = invocation.send(begin_round())
    if wait is not None:
        signed = _wait(invocation, signed, wait)
    if invocation.as_json:
        print_json(signed)
        return
    print_fields(
        {
            "size": signed.size,
            "root": signed.root,
            "at": signed.at,
            "cosigned by": signed.cosigned_by or "nobody yet",
        },
    )


def _wait(invocation: Invocation, signed: "Round", wait_s: int) -> "Round":
    """Return the round once all witnesses have cosigned it.

    Raises:
        UnreachableError: One has not in time.
    """
    from gateway.admin.witness_shapes import RoundsQuery
    from gateway.client.calls import rounds, witnesses

    ends_at_s = time.monotonic() + wait_s
    while True:
        lagging = [
            one.name
            for one in invocation.send(witnesses()).items
            if one.size < signed.size
        ]
        if not lagging:
            query = RoundsQuery(before=signed.size + 1, limit=1)
            return invocation.send(rounds(query)).items[0]
        if time.monotonic() > ends_at_s:
            raise UnreachableError(
                f"round {signed.size}: not cosigned by {', '.join(lagging)} within "
                f"{wait_s} s; see mla-gateway audit witnesses",
            )
        time.sleep(_LOOK_S)


@command("conflicts", example="mla-gateway audit conflicts --out proof")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for one file each, with both notes.",
)
@pass_invocation
def conflicts(invocation: Invocation, out: Path | None) -> None:
    """Logs of peers that contradict themselves, and the proof.

    A split view, two roots for one size, proves by itself that its authority showed
    two histories: whoever has that authority's card can check the file.
    """
    from gateway.client.calls import conflicts

    found = invocation.send(conflicts())
    if out is not None:
        with result_folder(out) as folder:
            folder.refuse_existing(one.name for one in found.items)
            for one in found.items:
                say(str(folder.write(one.name, one.file.encode())))
    if invocation.as_json:
        print_json(found)
    elif out is None:
        print_table(
            ("LOG", "KIND", "FROM", "AT", "STATE"),
            [
                (
                    one.origin,
                    one.kind,
                    one.source,
                    one.at,
                    "settled" if one.settled else "OPEN",
                )
                for one in found.items
            ],
        )
