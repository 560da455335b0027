"""`audit stamps` and `audit stamp`: what people see of time stamps."""

import base64
from pathlib import Path

import msgspec

from gateway.admin.stamp_shapes import LogStamp, LogStamps, StampsQuery
from tests.support.command_line import AT, run_at
from tests.support.scripted_api import Refused, ScriptedApi

STAMP = LogStamp(
    size=300,
    at=AT,
    authority="CN=TSA",
    valid_until=AT,
    index=301,
    digest="ab" * 32,
    text="moj.ee/audit/1\n300\nAAA=\n",
    response=base64.b64encode(b"answer").decode(),
)


def test_stamps_are_listed_and_failures_told(api: ScriptedApi) -> None:
    api.answers["log_stamps"] = LogStamps(
        items=(STAMP,),
        configured=True,
        failure="unreachable: gone",
    )

    done = run_at(api, "audit", "stamps", "-n", "5")

    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].split() == ["300", AT, "CN=TSA", AT, "301"]
    assert "the last attempt failed: unreachable: gone" in done.stderr
    assert api.last.query == StampsQuery(limit=5)
    document = run_at(api, "audit", "stamps", "--json").document()
    assert document["items"] == [msgspec.to_builtins(STAMP)]


def test_nobody_configured_is_said(api: ScriptedApi) -> None:
    api.answers["log_stamps"] = LogStamps(items=(), configured=False)

    done = run_at(api, "audit", "stamps")

    assert "no authority is configured: set tsa and tsa_ca" in done.stderr


def test_files_for_other_programs_are_written(api: ScriptedApi, tmp_path: Path) -> None:
    api.answers["log_stamps"] = LogStamps(items=(STAMP,), configured=True)
    out = tmp_path / "out"

    assert run_at(api, "audit", "stamps", "--out", str(out)).exit_code == 0

    assert (out / "300.tsr").read_bytes() == b"answer"
    assert (out / "300.body").read_text() == STAMP.text
    assert run_at(api, "audit", "stamps", "--out", str(out)).exit_code == 5


def test_one_is_asked_for(api: ScriptedApi) -> None:
    api.answers["stamp_log"] = STAMP

    done = run_at(api, "audit", "stamp")

    assert done.exit_code == 0
    assert "CN=TSA" in done.stdout
    assert run_at(api, "audit", "stamp", "--json").document()["size"] == 300
    api.answers["stamp_log"] = Refused("verification-failed", 502, "time stamp: no")
    assert run_at(api, "audit", "stamp").exit_code == 7
