"""The support bundle: what is planted in a home does not come out in it."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from gateway.admin import node_shapes, people_shapes
from gateway.admin.alert_shapes import Alert, AlertPage
from gateway.cli.exits import ExitCode
from gateway.cli.scrubbing import Scrubber
from gateway.config.masking import masked
from gateway.core.canonical import JsonValue
from gateway.core.operators import Role
from tests.support.command_line import AT, PEER, run_at
from tests.support.scripted_api import TOKEN, Refused, ScriptedApi

MESSAGE = "019a9d3c-1f2e-7a4b-8c5d-6e7f80910203"
SECRETS = [
    "anna-tamm",
    "Anna Tamm",
    "+372 5551234",
    "duty@moj.ee",
    "hunter2",
    MESSAGE,
    TOKEN,
    "PRIVATE KEY",
    "Kuritegu",  # from a case
    "mail-login",
]


@pytest.fixture
def planted(api: ScriptedApi) -> ScriptedApi:
    """Give a home full of what nobody else may read, and a node that babbles."""
    config = api.home / "gateway.toml"
    config.write_text(
        config.read_text()
        .replace("# notify = ", 'notify = ["/bin/page", "--token", "hunter2"] #')
        .replace("[alerts]", '[alerts]\nmail_user = "mail-login"\n')
        .replace("# mail_password_file", "mail_password_file")
        .replace("# mail_to", "mail_to")
        .replace('"mla-duty@moj.ee"', '"duty@moj.ee"')
    )
    (api.home / "roster.toml").write_text(
        '[[person]]\nname = "anna-tamm"\ncontact = "+372 5551234"\n'
    )
    (api.home / "keys").mkdir()
    (api.home / "keys/log.key").write_text("-----BEGIN PRIVATE KEY-----\nKuritegu\n")
    (api.home / "operators/anna-tamm.toml").write_text("hunter2")
    api.answers["list_operators"] = people_shapes.OperatorList(
        items=(
            people_shapes.Operator(
                name="anna-tamm", roles=(Role.SECURITY,), display_name="Anna Tamm"
            ),
        )
    )
    api.answers["metrics"] = b"mla_log_size 17.0\n"
    api.answers["diagnostics"] = node_shapes.Diagnostics(
        level="warn",
        checks=(
            node_shapes.Check(
                name="token",
                level="warn",
                text=f"the last token of anna-tamm ends; {MESSAGE}: {TOKEN}",
                remedy="mla-gateway operator token anna-tamm",
            ),
        ),
    )
    api.answers["list_alerts"] = AlertPage(
        items=(
            Alert(
                alert=1,
                name="token-ending",
                title="The last token of an account ends soon",
                severity="warning",
                text="Anna Tamm <duty@moj.ee>",
                remedy="-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----",
                raised_at=AT,
                seen_at=AT,
                subject="anna-tamm",
            ),
        )
    )
    api.answers["stats"] = node_shapes.Stats(
        authority="moj.ee",
        log_size=17,
        accepted=0,
        states={},
        balanced=True,
        peers=(),
        started_at=AT,
        version="1",
    )
    api.answers["list_peers"] = node_shapes.PeerList(items=(PEER,))
    return api


def test_nothing_that_was_planted_comes_out(planted: ScriptedApi) -> None:
    log = planted.home / "node.log"
    log.write_text(
        json.dumps({"event": "x", "code": "y", "duration_ms": 3, "case": "Kuritegu"})
        + f'\nKuritegu {MESSAGE}\n{{"event": "{MESSAGE}", "level": "info"}}\n[1]\n'
    )
    out = planted.home / "bundle.zip"
    done = run_at(
        planted, "support", "bundle", "--out", str(out), "--log", str(log), "--yes"
    )
    assert done.exit_code == 0, done.stderr

    with zipfile.ZipFile(out) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    everything = b"\n".join([*files.values(), *(name.encode() for name in files)])
    for secret in SECRETS:
        assert secret.lower().encode() not in everything.lower(), secret
    # What helps is there.
    assert b"mla_log_size 17.0" in files["metrics.txt"]
    assert b"moj.fr" in files["peers.json"]
    assert b"the last token of person-" in files["diagnostics.json"]
    assert json.loads(files["node-log.jsonl"].splitlines()[0]) == {
        "event": "x",
        "code": "y",
        "duration_ms": 3,
    }
    settings = json.loads(files["config.json"])["settings"]
    assert settings["alerts.mail_user"]["value"] == "***"
    assert settings["delivery.batch_items"]["source"] == "default"
    names = {one["name"] for one in json.loads(files["files.json"])}
    assert "keys/log.key" in names
    assert any(name.startswith("operators/person-") for name in names)

    listed = json.loads(files["manifest.json"])["files"]
    assert {one["name"] for one in listed} == files.keys() - {"manifest.json"}
    for one in listed:
        assert one["sha256"] == hashlib.sha256(files[one["name"]]).hexdigest()
        assert one["name"] in done.stderr
        assert one["what"] in done.stderr
    assert out.stat().st_mode & 0o777 == 0o600


def test_without_a_node_the_rest_is_written_and_said_to_be_missing(
    api: ScriptedApi, tmp_path: Path
) -> None:
    for name in ("list_operators", "metrics", "diagnostics", "list_alerts"):
        api.answers[name] = Refused("not-allowed", 403, "not you")
    for name in ("stats", "list_peers"):
        api.answers[name] = Refused("maintenance", 503, "later")
    out = tmp_path / "bundle.zip"
    done = run_at(api, "support", "bundle", "--out", str(out), "--json")
    assert done.exit_code == ExitCode.IN_PART
    assert done.document()["whole"] is False
    with zipfile.ZipFile(out) as archive:
        missing = json.loads(archive.read("missing.json"))
        assert "config.json" in archive.namelist()
    assert set(missing) == {
        *("accounts", "metrics.txt", "diagnostics.json", "alerts.json"),
        *("stats.json", "peers.json"),
    }
    again = run_at(api, "support", "bundle", "--out", str(out))
    assert again.exit_code == ExitCode.CONFLICT


def test_a_configuration_with_problems_is_told_as_it_is(
    api: ScriptedApi, tmp_path: Path
) -> None:
    config = api.home / "gateway.toml"
    config.write_text(config.read_text() + "[x]\n")
    out = tmp_path / "bundle.zip"
    run_at(api, "support", "bundle", "--out", str(out))
    with zipfile.ZipFile(out) as archive:
        told = json.loads(archive.read("config.json"))
    assert "no such section" in told["problems"][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann asked annika", "person-1 asked annika"),
        ("ANN.toml", "person-1.toml"),
        ("mail a.b@c.example", "mail <mail>"),
        ("whsec_abcdefghijkl", "<token>"),
        ("root " + "A" * 43 + "=", "root <long>"),
        ("/srv/mla-gateway/home/data/gateway.db:1", None),
    ],
)
def test_what_the_scrubber_takes_out(text: str, expected: str | None) -> None:
    assert Scrubber(["ann", ""]).text(text) == (expected or text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("http://user:pw@proxy:3128", "http://***@proxy:3128"),
        ("https://host/path", "https://host/path"),
        (["page", "--token", "x", "y"], ["page", "--token", "***", "y"]),
        (["page", "--api-key=x", "a=b"], ["page", "--api-key=***", "a=b"]),
        ({"a": ["http://u@h"], "b": 1}, {"a": ["http://***@h"], "b": 1}),
        ([1, True], [1, True]),
    ],
)
def test_what_is_masked_of_settings(value: JsonValue, expected: JsonValue) -> None:
    assert masked(value) == expected
