"""An evidence file from one disk to the other, beside L_bulk (S5); memory (S6).

The clock of S5 runs from the moment at which the client reads the first byte of the
file until the receiver's node says that the file is verified. In between:

    sent in      the client hashes the file, then sends it to its node, which hashes it,
                 seals it, hashes the parts and flushes the ciphertext
    transferred  the message is submitted, offered and taken; the parts are sent over
                 mutual TLS 1.3, hashed, flushed and recorded; the message is offered
                 again, and the sender verifies the receipt
    verified     the receiver logs that it looks, reads the file back, opens it and
                 compares size and digest

L_bulk reads, encrypts, hashes, sends, hashes, writes and flushes once, all at the same
time. So the file crosses two disks where L_bulk knows one, and is hashed five times
where L_bulk does it twice: what the figure leaves to the gateway is to do it side by
side. Between the nodes alone is told beside it. L_bulk is measured before and after.

Memory is the most that a node held while the large file went through, less what it held
after one of 1 KiB had. Files are sparse: only ciphertext takes room, once a node.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, Setting
from benchmarks.limits.run import bulk_limit
from benchmarks.neighbours import neighbours
from benchmarks.sending_evidence import (
    Sent,
    forget_peaks,
    mib,
    peaks,
    send_evidence,
    sparse_file,
)
from gateway.core.limits import KIB, MIB
from gateway.demo.stage import Node

_MIB, _QUICK_MIB = 1_024, 128
_ROUNDS, _QUICK_ROUNDS = 3, 1
_LARGE_MIB = 10 * 1_024
# Both nodes keep a copy, and want some of the disk left.
_ROOM = 2.5


def measure(setting: Setting) -> Iterator[Figure]:
    """Measure both goals, and the yardstick beside them."""
    size_mib = _QUICK_MIB if setting.is_quick else _MIB
    limits = [_limit(setting, size_mib)]
    rounds: list[Sent] = []
    with neighbours(setting.folder) as nodes:
        send_evidence(nodes, sparse_file(setting.folder, 1 * KIB), "small")
        held = forget_peaks(nodes)
        file = sparse_file(setting.folder, size_mib * MIB)
        for number in range(_QUICK_ROUNDS if setting.is_quick else _ROUNDS):
            rounds.append(send_evidence(nodes, file, f"round-{number}"))
            limits.append(_limit(setting, size_mib))
            setting.tell(f"{size_mib} MiB in {rounds[-1].whole_s:.1f} s")
        limit = median(limits)
        yield Figure(
            scenario="L",
            name="bulk_limit",
            what="L_bulk, straight-line program",
            value=limit,
            unit="MB/s",
            context={"least": min(limits), "most": max(limits), "mib": size_mib},
        )
        yield from _speeds(rounds, limit)
        yield _growth(nodes, held, size_mib)
        if not setting.is_quick:
            yield from _large(setting, nodes, held)


def _limit(setting: Setting, size_mib: int) -> float:
    return bulk_limit(setting.folder, size_mib=size_mib).mb_per_s


def _speeds(rounds: Sequence[Sent], limit: float) -> Iterator[Figure]:
    """Give the middle of all rounds, stage by stage."""
    middle = sorted(rounds, key=lambda one: one.whole_s)[len(rounds) // 2]
    client, sender, receiver = middle.cpu_s
    stages = {
        "sent_in_mb_s": middle.mb_per_s(middle.sent_in_s),
        "transferred_mb_s": middle.mb_per_s(middle.transferred_s),
        "verified_mb_s": middle.mb_per_s(middle.checked_s),
    }
    yield Figure(
        scenario="S5",
        name="evidence_to_limit",
        what="file to the peer's disk, verified ÷ L_bulk",
        value=middle.mb_per_s(middle.whole_s) / limit,
        unit="ratio",
        goal=0.6,
        context={
            "mib": mib(middle.size),
            "whole_mb_s": middle.mb_per_s(middle.whole_s),
            **stages,
            "client_cpu_s": client,
            "sender_cpu_s": sender,
            "receiver_cpu_s": receiver,
        },
    )
    for name, what, seconds in (
        ("sent_in", "file to the sender's node", middle.sent_in_s),
        ("transferred", "sender's node to receipt", middle.transferred_s),
        ("verified", "read back and verified", middle.checked_s),
        ("between_nodes", "sender's node to verified", middle.between_nodes_s),
    ):
        yield Figure(
            scenario="S5",
            name=f"evidence_{name}_to_limit",
            what=f"{what} ÷ L_bulk",
            value=middle.mb_per_s(seconds) / limit,
            unit="ratio",
            context={"seconds": seconds},
        )


def _growth(nodes: Sequence[Node], held: Sequence[int], size_mib: int) -> Figure:
    grown = [
        mib(peak - before) for peak, before in zip(peaks(nodes), held, strict=True)
    ]
    return Figure(
        scenario="S6",
        name=f"memory_growth_{size_mib}_mib",
        what=f"memory from 1 KiB to {size_mib} MiB, the larger of the nodes",
        value=max(grown),
        unit="MiB",
        goal=64.0,
        is_at_most=True,
        context={"sender_mib": grown[0], "receiver_mib": grown[1]},
    )


def _large(
    setting: Setting,
    nodes: Sequence[Node],
    held: Sequence[int],
) -> Iterator[Figure]:
    if not _has_room(setting.folder, _LARGE_MIB):
        setting.tell(f"{_LARGE_MIB} MiB not measured: no room on the disk")
        return
    send_evidence(nodes, sparse_file(setting.folder, _LARGE_MIB * MIB), "large")
    yield _growth(nodes, held, _LARGE_MIB)


def _has_room(folder: Path, size_mib: int) -> bool:
    return mib(shutil.disk_usage(folder).free) > _ROOM * size_mib
