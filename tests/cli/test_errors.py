"""Mistakes: one sentence that says what to do, the right exit code, no traceback."""

import json
import socket
from pathlib import Path

import pytest

from gateway.admin.node_shapes import OwnCard
from gateway.cli.local import reason_of
from gateway.config.settings import ListenAddress
from gateway.core.errors import ConfigError, StoreError
from tests.support.command_line import MESSAGE_ID, message, run, run_at
from tests.support.scripted_api import Refused, ScriptedApi, write_home


def test_without_a_home_folder_the_way_to_name_one_is_told() -> None:
    done = run("list")

    assert (done.exit_code, done.stdout) == (2, "")
    assert "--home DIR" in done.stderr
    assert "MLA_GATEWAY_HOME" in done.stderr


def test_a_folder_that_is_no_home_is_named_with_the_remedy(tmp_path: Path) -> None:
    done = run("--home", str(tmp_path), "stats")

    assert done.exit_code == 2
    assert "mla-gateway init" in done.stderr


@pytest.mark.parametrize("words", [("show", MESSAGE_ID), ("audit", "checkpoint")])
def test_a_node_that_does_not_run_is_said_to_be_started(
    tmp_path: Path,
    words: tuple[str, ...],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    write_home(tmp_path / "home", ListenAddress("127.0.0.1", port))

    done = run("--home", str(tmp_path / "home"), *words)

    assert done.exit_code == 6
    assert f"does not answer at http://127.0.0.1:{port}: start it with" in done.stderr
    assert "serve`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_node_on_any_free_port_is_found_by_what_it_wrote(api: ScriptedApi) -> None:
    config = api.home / "gateway.toml"
    settings = config.read_text()
    config.write_text(settings.replace(f"127.0.0.1:{api.port}", "127.0.0.1:0"))
    api.answers["show_message"] = message()

    assert run_at(api, "show", MESSAGE_ID).exit_code == 6

    (api.home / "run").mkdir()
    (api.home / "run" / "admin.addr").write_text(f"127.0.0.1:{api.port}\n")

    assert run_at(api, "show", MESSAGE_ID).exit_code == 0


def test_an_address_file_with_something_else_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_home(home, ListenAddress("127.0.0.1", 0))
    (home / "run").mkdir()
    (home / "run" / "admin.addr").write_text("gateway.example:80")

    done = run("--home", str(home), "stats")

    assert done.exit_code == 6
    assert "not the address of a node" in done.stderr


def test_a_wrong_token_is_not_allowed(api: ScriptedApi) -> None:
    token = api.home / "other.token"
    token.write_text("mlagw_of-another-node\n")
    token.chmod(0o600)

    done = run_at(api, "--token-file", str(token), "list")

    assert done.exit_code == 4
    assert "not one of this node" in done.stderr
    assert "mlagw_" not in done.stderr


def test_a_token_that_others_can_read_is_not_used(api: ScriptedApi) -> None:
    token = api.home / "operators" / "admin.token"
    token.chmod(0o640)

    done = run_at(api, "list")

    assert done.exit_code == 4
    assert "chmod go=" in done.stderr
    assert api.asked == []


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"two\nlines"])
def test_a_file_that_holds_no_token_is_refused(
    api: ScriptedApi,
    content: bytes,
) -> None:
    (api.home / "operators" / "admin.token").write_bytes(content)

    done = run_at(api, "list")

    assert done.exit_code == 4
    assert "not the text of one" in done.stderr


def test_a_missing_token_says_how_to_name_one(api: ScriptedApi) -> None:
    done = run_at(api, "--token-file", "/nowhere/anna.token", "list")

    assert done.exit_code == 4
    assert "--token-file" in done.stderr


def test_broken_settings_are_told_with_file_and_line(api: ScriptedApi) -> None:
    config = api.home / "gateway.toml"
    config.write_text(config.read_text() + "\n[nonsense]\n")

    done = run_at(api, "list")

    assert done.exit_code == 1
    assert "gateway.toml:" in done.stderr


@pytest.mark.parametrize(
    ("code", "status", "exit_code"),
    [
        ("not-found", 404, 3),
        ("not-allowed", 403, 4),
        ("conflict", 409, 5),
        ("unreachable", 502, 6),
        ("cannot-open", 422, 7),
        ("from-the-future", 500, 1),
    ],
)
def test_a_refusal_of_the_node_has_its_exit_code(
    api: ScriptedApi,
    code: str,
    status: int,
    exit_code: int,
) -> None:
    api.answers["show_message"] = Refused(code, status, "message: what the node says")

    done = run_at(api, "show", MESSAGE_ID)

    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert done.stderr == "Error: message: what the node says\n"


def test_what_time_heals_says_when_to_try_again(api: ScriptedApi) -> None:
    api.answers["stats"] = Refused("disk", 503, "disk: too full", retry_after_s=60)

    done = run_at(api, "stats")

    assert done.exit_code == 6
    assert done.stderr == "Error: disk: too full; try again in 60 s\n"


def test_a_broken_form_is_told_field_by_field(api: ScriptedApi, tmp_path: Path) -> None:
    problem = {
        "pointer": "/payload/offence",
        "code": "MISSING",
        "sentence": "must be given",
        "blocking": True,
    }
    api.answers["submit"] = Refused("invalid-form", 422, "form: 1 problem", (problem,))
    form = tmp_path / "form.json"
    form.write_text("{}")

    done = run_at(api, "send", "--to", "moj.fr", "--message", str(form))

    assert (done.exit_code, done.stdout) == (2, "")
    assert "  /payload/offence: must be given [MISSING]\n" in done.stderr


def test_a_rule_that_may_be_overridden_is_told_with_its_article(
    api: ScriptedApi, tmp_path: Path
) -> None:
    problem = {
        "pointer": "/payload/facts",
        "code": "E_SCHEMA",
        "sentence": "facts: missing",
        "blocking": True,
        "article": "UNTOC 18(15)(c)",
        "overridable": True,
    }
    api.answers["submit"] = Refused("invalid-form", 422, "form: 1 problem", (problem,))
    form = tmp_path / "form.json"
    form.write_text("{}")

    done = run_at(api, "send", "--to", "moj.fr", "--message", str(form))

    told = "  /payload/facts: missing [E_SCHEMA, UNTOC 18(15)(c)] (--override REASON)\n"
    assert told in done.stderr


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_an_override_needs_a_reason(
    api: ScriptedApi, tmp_path: Path, reason: str
) -> None:
    form = tmp_path / "form.json"
    form.write_text("{}")
    words = ("send", "--to", "moj.fr", "--message", str(form), "--override", reason)

    done = run_at(api, *words)

    assert done.exit_code == 2
    assert "--override: expected 1 to 500 characters" in done.stderr


def test_text_of_others_is_inert_in_errors(api: ScriptedApi) -> None:
    api.answers["stats"] = Refused("conflict", 409, "\x1b]0;owned\x07 \u202e")

    done = run_at(api, "stats")

    assert done.stderr == "Error: \\u001b]0;owned\\u0007 \\u202e\n"


def test_an_argument_that_is_no_text_is_refused(api: ScriptedApi) -> None:
    done = run_at(api, "show", "\udcff")

    assert done.exit_code == 2
    assert "not Unicode" in done.stderr


def test_a_defect_of_ours_shows_no_traceback(api: ScriptedApi) -> None:
    broken = OwnCard(authority="moj.ee", fingerprint="ab" * 32, number=1, card="é")
    api.answers["own_card"] = broken

    done = run_at(api, "peer", "card")

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: internal: ")
    assert "MLA_GATEWAY_DEBUG=1" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_the_options_all_have_may_stand_before_or_after(
    api: ScriptedApi,
    *,
    before: bool,
) -> None:
    api.answers["show_message"] = message()
    options = ("--home", str(api.home), "--json")
    words = ("show", MESSAGE_ID)

    done = run(*options, *words) if before else run(*words, *options)

    assert done.exit_code == 0
    assert done.document()["id"] == MESSAGE_ID


def test_what_stands_after_counts_more_than_a_variable(api: ScriptedApi) -> None:
    api.answers["show_message"] = message()

    done = run(
        *("show", MESSAGE_ID, "--home", str(api.home)),
        environment={"MLA_GATEWAY_HOME": "/nowhere"},
    )

    assert done.exit_code == 0


def test_variables_name_home_and_token(api: ScriptedApi, tmp_path: Path) -> None:
    token = tmp_path / "mine.token"
    (api.home / "operators" / "admin.token").rename(token)
    api.answers["show_message"] = message()
    variables: dict[str, str | None] = {
        "MLA_GATEWAY_HOME": str(api.home),
        "MLA_GATEWAY_TOKEN_FILE": str(token),
    }

    assert run("show", MESSAGE_ID, environment=variables).exit_code == 0


def test_every_declared_field_stands_in_json_also_at_its_default(
    api: ScriptedApi,
) -> None:
    api.answers["show_message"] = message()

    done = run_at(api, "show", MESSAGE_ID, "--json")

    assert set(json.loads(done.stdout)) == set(message().__struct_fields__)


def test_an_answer_that_got_lost_can_be_asked_for_again(
    api: ScriptedApi,
    tmp_path: Path,
) -> None:
    form = tmp_path / "form.json"
    form.write_text("{}")
    api.answers["submit"] = b"not of this API"
    words = ("send", "--to", "moj.fr", "--message", str(form))

    done = run_at(api, *words)

    key = api.last.headers["idempotency-key"]
    assert done.exit_code == 6
    assert f"--idempotency-key {key}" in done.stderr


def test_of_several_errors_that_ended_a_node_the_first_is_told() -> None:
    disk = StoreError("database: gone")
    group = ExceptionGroup("", [ExceptionGroup("", [disk]), ConfigError("x")])
    defect = ExceptionGroup("", [disk, KeyError("x")])

    assert reason_of(group) is disk
    assert reason_of(defect) is defect
