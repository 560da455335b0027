"""The only states that a message may be in, by the entries there are of it."""

import json

import pytest

from gateway.flows.message_check import check_counts, check_message
from gateway.ports.checking import CheckedMessage, Counts, EntryOfMessage

ID = "01900000-0000-7000-8000-000000000000"


def message(
    state: str,
    *kinds: str,
    box: str = "out",
    recovered_at: int = -1,
    log_index: int | None = None,
    opened_index: int = -1,
) -> CheckedMessage:
    """Return a message with entries of these kinds; `kind:res` has a result."""
    entries = []
    for index, kind in enumerate(kinds):
        name, _, res = kind.partition(":")
        said = {"peer": "mj.fr"} | ({"res": res} if res else {})
        data = b"" if res == "pruned" else json.dumps(said).encode()
        entries.append(EntryOfMessage(index, name, data))
    arrivals = {"msg.send", "msg.hold", "msg.receive", "msg.carry"}
    places = [one.index for one in entries if one.kind in arrivals]
    return CheckedMessage(
        number=1,
        id=ID,
        box=box,
        peer="mj.fr",
        state=state,
        digest="",
        seq=0,
        log_index=places[-1] if log_index is None else log_index,
        opened_index=opened_index,
        recovered_at=recovered_at,
        entries=tuple(entries),
        proofs=(),
    )


def codes(checked: CheckedMessage) -> list[str]:
    return [one.code.value for one in check_message(checked, with_proofs=False)]


SENT = ("msg.send", "msg.deliver")


@pytest.mark.parametrize(
    "checked",
    [
        message("queued", "msg.hold", "msg.send"),
        message("opened", *SENT, "msg.opened"),
        message("held", "msg.send", "msg.refused:key-retired"),
        message("queued", "msg.send", "msg.refused:key-retired", "msg.send"),
        message("refused", "msg.send", "msg.refused:expired"),
        message("refused", "msg.send", "msg.expire", "msg.refused:key-retired"),
        message("delivered", "msg.send", "msg.expire", "msg.deliver"),
        message("held", "msg.send", "msg.refused:pruned"),
        message("refused", "msg.send", "msg.refused:pruned"),
        message("erased", *SENT, "msg.erase"),
        message("pending", "msg.hold", "msg.expire", "msg.hold", box="in"),
        message("received", "msg.hold", "msg.receive", box="in"),
        message("opened", "msg.receive", "msg.access", box="in", opened_index=1),
        message("received", "msg.receive", "msg.access:pruned", box="in"),
        message("quarantined", "msg.receive", "msg.reject", box="in"),
        # Taken over from the log before: what it was then is not in this log.
        message("delivered", "msg.carry"),
        message("expired", "msg.carry", "msg.send"),
        message("opened", "msg.carry", box="in", opened_index=0),
        message("handed_over", "msg.carry", "msg.access", box="in", opened_index=0),
        # The row was put back from a backup to what it was before.
        message("queued", *SENT, recovered_at=9),
        message("opened", *SENT, "msg.opened", recovered_at=9),
        message(
            "held",
            *("msg.send", "msg.refused:key-retired", "msg.send"),
            recovered_at=9,
            log_index=0,
        ),
        # It was lost with a backup, and came again.
        message("received", "msg.receive", "msg.lost", "msg.receive", box="in"),
    ],
)
def test_a_message_in_a_state_of_its_entries_is_sound(checked: CheckedMessage) -> None:
    assert codes(checked) == []


@pytest.mark.parametrize(
    ("checked", "code"),
    [
        (message("delivered", "msg.send"), "message-state"),
        (message("queued", *SENT), "message-state"),
        (message("delivered", "msg.send", "msg.cancel"), "message-state"),
        (message("queued", "msg.send", "msg.opened"), "message-state"),
        (message("held", "msg.send", "msg.refused:expired"), "message-state"),
        (message("opened", "msg.receive", box="in"), "message-state"),
        (message("nonsense", "msg.send"), "message-state"),
        (message("opened", "msg.carry", "msg.cancel"), "message-state"),
        (message("opened", *SENT, recovered_at=9), "message-state"),
        (message("queued", "msg.deliver", log_index=0), "message-unlogged"),
        (message("queued", "msg.send", box="in", log_index=0), "message-unlogged"),
        (message("queued", "msg.send", box="nonsense"), "message-unlogged"),
        (message("queued", "msg.send", log_index=7), "message-changed"),
        (
            message("opened", "msg.receive", "msg.access", box="in", opened_index=0),
            "message-changed",
        ),
    ],
)
def test_a_message_in_another_state_is_named(
    checked: CheckedMessage, code: str
) -> None:
    assert codes(checked) == [code]


def test_counters_that_do_not_agree_are_named_one_by_one() -> None:
    counts = Counts(
        kept={("mj.fr", "out", "queued"): 2},
        found={("mj.fr", "out", "queued"): 1, ("mj.fr", "in", "opened"): 1},
        accepted={"mj.fr": 2, "bmj.de": 0},
        refusals=[ID],
    )
    assert [str(one) for one in check_counts(counts)] == [
        "counts-differ: mj.fr in opened: 0 counted, 1 there",
        "counts-differ: mj.fr out queued: 2 counted, 1 there",
        "counts-differ: mj.fr accepted: 2 accepted, 1 there",
        f"refusal-unlogged: message {ID}: was refused without an entry",
    ]
