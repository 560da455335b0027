"""`config check` also looks at the files that settings name, and those beside them."""

from pathlib import Path

import pytest

from gateway.cli.exits import ExitCode
from tests.support.command_line import run_at
from tests.support.scripted_api import ScriptedApi, scripted_api


@pytest.fixture
def api(tmp_path: Path) -> ScriptedApi:
    with scripted_api(tmp_path / "home") as running:
        return running


def set_in(api: ScriptedApi, section: str, line: str) -> None:
    config = api.home / "gateway.toml"
    config.write_text(
        config.read_text().replace(f"[{section}]\n", f"[{section}]\n{line}\n")
    )


def problems_of(api: ScriptedApi) -> list[str]:
    done = run_at(api, "config", "check")
    told = done.stdout.splitlines()
    assert done.exit_code == (ExitCode.FAILED if told else ExitCode.DONE)
    return [line.removeprefix(f"{api.home}/") for line in told]


def test_files_beside_the_settings_are_checked_with_their_lines(
    api: ScriptedApi,
) -> None:
    assert problems_of(api) == []
    (api.home / "treaties.toml").write_text("\n[XX]\nnothing = 1\n")
    (api.home / "profile.toml").write_text("nothing = 1\n")
    (api.home / "roster.toml").write_text("[[person]]\nnam = 1\n")

    found = problems_of(api)
    assert any(line.startswith("treaties.toml:") for line in found), found
    assert any(line.startswith("profile.toml") for line in found), found
    assert any("desk.roster: " in line for line in found), found


def test_files_that_settings_name_have_to_be_there_and_private(
    api: ScriptedApi,
) -> None:
    set_in(
        api,
        "alerts",
        'mail_server = "mail.example.org:587"\nmail_from = "a@example.org"\n'
        'mail_to = ["b@example.org"]\nmail_user = "mla"\n'
        'mail_password_file = "mail.password"\nmail_ca = "none.pem"',
    )
    password = api.home / "mail.password"
    password.write_text("x")
    password.chmod(0o640)

    ca, secret = problems_of(api)
    assert ca.startswith("gateway.toml:")
    assert "alerts.mail_ca: " in ca
    assert "No such file" in ca
    assert "alerts.mail_password_file: " in secret
    assert "chmod go=" in secret
    password.chmod(0o600)
    assert len(problems_of(api)) == 1


def test_settings_that_contradict_themselves_are_told_first(api: ScriptedApi) -> None:
    set_in(api, "alerts", 'mail_server = "mail.example.org:587"')
    (told,) = problems_of(api)
    assert "mail_server needs mail_from and mail_to" in told
