"""Entries as syslog messages: what stands there, and what never does."""

import json
from dataclasses import replace

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import FIRST_PREV, EntryDraft, build_leaf
from gateway.core.errors import MalformedError
from gateway.core.syslog import (
    LoggedEntry,
    SyslogFormat,
    SyslogSource,
    framed,
    severity_of,
    syslog_message,
)
from gateway.core.syslog_target import SyslogTarget, parse_syslog_target
from gateway.core.values import UnixMs

ORIGIN = "moj.ee/audit/1"
JSON = SyslogSource(host="moj.ee", version="1.2.3", form=SyslogFormat.JSON)
CEF = SyslogSource(host="moj.ee", version="1|2", form=SyslogFormat.CEF)
MESSAGE = "0192d1f0-0000-7000-8000-000000000001"


def logged(
    kind: str, fields: JsonObject, index: int = 7, *, previous_at: int = 0
) -> LoggedEntry:
    act = Act("ann-the-caseworker", "caseworker", "because of Mr X", case="c-1")
    draft = EntryDraft(kind, UnixMs(1_700_000_000_000), fields, act.disclosures())
    raw, _ = build_leaf(
        draft,
        log=ORIGIN,
        index=index,
        prev=FIRST_PREV,
        previous_at=UnixMs(previous_at),
    )
    return LoggedEntry(
        origin=ORIGIN,
        index=index,
        leaf_hash=bytes(32),
        data=raw,
        kind=kind,
        message_id=str(fields.get("m", "")),
    )


def test_an_entry_as_json() -> None:
    entry = logged("msg.reject", {"m": MESSAGE, "peer": "moj.fr", "dig": "0" * 64})
    head, _, body = syslog_message(entry, JSON).partition(b"] ")
    assert head == (
        b"<108>1 2023-11-14T22:13:20.000Z moj.ee mla-gateway - msg.reject "
        b'[meta sequenceId="8"'
    )
    assert json.loads(body) == {
        "at": "2023-11-14T22:13:20.000Z",
        "authority": "moj.ee",
        "dig": "0" * 64,
        "hash": "0" * 64,
        "index": 7,
        "kind": "msg.reject",
        "log": ORIGIN,
        "m": MESSAGE,
        "peer": "moj.fr",
    }


def test_what_is_disclosed_to_some_is_told_to_none() -> None:
    entry = logged("msg.access", {"m": MESSAGE, "ref": 3})
    for source in (JSON, CEF):
        message = syslog_message(entry, source)
        for word in (b"ann-the", b"caseworker", b"Mr X", b"c-1", b'"sd"', b'"r"'):
            assert word not in message


def test_an_entry_as_cef() -> None:
    entry = logged("admin.retry", {"count": 4, "res": "done"})
    body = syslog_message(entry, CEF).partition(b"] ")[2].decode()
    assert body == (
        "CEF:0|mla-gateway|mla-gateway|1\\|2|admin.retry|admin.retry|3|externalId=7 "
        f"deviceExternalId={ORIGIN} rt=2023-11-14T22:13:20.000Z outcome=done cnt=4 "
        f"fileHash={'0' * 64}"
    )


def test_separators_in_a_text_mean_nothing_in_cef() -> None:
    fields: JsonObject = {
        "m": MESSAGE,
        "basis": "a=b c\\d e|f \u00e9",
        "count": 1,
        "until": "x",
    }
    body = syslog_message(logged("msg.erase", fields), CEF)
    assert b"cs4=a\\=b c\\\\d e|f \\\\xe9 cs4Label=basis" in body


def test_a_clock_that_went_back_and_a_pruned_entry_are_told() -> None:
    back = logged("admin.retry", {"count": 1}, previous_at=1_800_000_000_000)
    assert b'"clock_behind":true' in syslog_message(back, JSON)
    gone = LoggedEntry(
        origin=ORIGIN, index=2**31 - 1, leaf_hash=b"", data=b"", kind="admin.retry"
    )
    message = syslog_message(gone, JSON)
    assert message.startswith(b"<109>1 - moj.ee ")
    assert b'sequenceId="1"' in message
    assert b'"pruned":true' in message
    assert b"rt=" not in syslog_message(gone, CEF)


def test_bytes_of_another_log_are_refused() -> None:
    entry = logged("admin.retry", {"count": 1})
    with pytest.raises(MalformedError):
        syslog_message(replace(entry, origin="moj.fr/audit/1"), JSON)


def test_grave_entries_stand_out() -> None:
    kinds = ("wit.conflict", "auth.fail", "config.trust", "msg.send")
    assert [severity_of(kind) for kind in kinds] == [2, 4, 5, 6]


def test_octets_are_counted() -> None:
    assert framed(b"<1>1 x") == b"6 <1>1 x"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("tls://siem.moj.ee:6514", SyslogTarget("tls", "siem.moj.ee", 6514)),
        ("tcp://[fd00::1]:601", SyslogTarget("tcp", "fd00::1", 601)),
        ("udp://127.0.0.1:514", SyslogTarget("udp", "127.0.0.1", 514)),
        ("udp://[::1]:514", SyslogTarget("udp", "::1", 514)),
    ],
)
def test_targets(text: str, target: SyslogTarget) -> None:
    assert parse_syslog_target(text) == target
    assert str(target) == text


@pytest.mark.parametrize(
    "text",
    [
        "siem.moj.ee:514",
        "tls://siem.moj.ee",
        "tls://siem.moj.ee:0",
        "tls://siem.moj.ee:65536",
        "udp://siem.moj.ee:514",
        "udp://10.0.0.1:514",
        "tls://siem.moj.ee:6514/",
    ],
)
def test_other_targets_are_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_syslog_target(text)
