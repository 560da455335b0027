"""What works without a running node: settings, new homes, root keys."""

import shutil
from pathlib import Path

import pytest

from gateway.core.identity import encode_request, root_keys_of, verify_statement
from gateway.core.translog.note import parse_vkey
from tests.support.cards import CardMaker
from tests.support.command_line import run, run_at
from tests.support.homes import MOJ, copy_home
from tests.support.scripted_api import ScriptedApi


class TestConfig:
    def test_a_good_configuration_has_no_problem(self, api: ScriptedApi) -> None:
        assert run_at(api, "config", "check").exit_code == 0
        assert run_at(api, "config", "check", "--json").document() == {"problems": []}

    def test_every_problem_is_told_with_its_line(self, api: ScriptedApi) -> None:
        config = api.home / "gateway.toml"
        config.write_text(config.read_text().replace('"EE"', '"Estonia"') + "[x]\n")

        done = run_at(api, "config", "check")

        assert done.exit_code == 1
        problems = done.stdout.splitlines()
        assert len(problems) == 2
        assert all("gateway.toml:" in problem for problem in problems)

    def test_values_are_shown_with_their_sources(
        self,
        api: ScriptedApi,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("MLA_GATEWAY__LOG__ROUND_MINUTES", "30")

        plain = run_at(api, "config", "show").stdout
        sources = run_at(api, "config", "show", "--sources").stdout

        assert "log.round_minutes" in plain
        assert "environment" not in plain
        assert "environment MLA_GATEWAY__LOG__ROUND_MINUTES" in sources
        assert "gateway.toml:" in sources

    def test_json_has_key_value_and_source(self, api: ScriptedApi) -> None:
        items = run_at(api, "config", "show", "--json").document()["items"]

        assert isinstance(items, list)
        assert {"key", "value", "source"} == set(items[0])


_INIT = {
    "--authority": "moj.ee",
    "--country": "EE",
    "--name": "Ministry of Justice",
    "--url": "https://gw.moj.ee:8443",
}


def _init(home: Path, **changes: str) -> tuple[str, ...]:
    options = _INIT | {f"--{name.replace('_', '-')}": v for name, v in changes.items()}
    return ("init", str(home), *(word for pair in options.items() for word in pair))


class TestInit:
    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("authority", "Ministry"),
            ("country", "Estonia"),
            ("name", "\u202ereversed"),
            ("url", "http://gw.moj.ee"),
            ("peer_listen", "gw.moj.ee:8443"),
            ("admin_listen", "127.0.0.1"),
            ("admin_listen", "0.0.0.0:8444"),
            ("stage", "staging"),
        ],
    )
    def test_what_the_settings_would_refuse_is_refused_before_anything_is_made(
        self,
        tmp_path: Path,
        option: str,
        value: str,
    ) -> None:
        home = tmp_path / "home"

        done = run(*_init(home, **{option: value}))

        assert done.exit_code == 2
        assert f"--{option.replace('_', '-')}" in done.stderr
        assert not home.exists()


class TestRootSign:
    @pytest.mark.parametrize("is_away", [False, True], ids=["at home", "offline"])
    def test_a_request_becomes_a_proven_statement(
        self,
        tmp_path: Path,
        *,
        is_away: bool,
    ) -> None:
        layout = copy_home(tmp_path / "home")
        vkeys = layout.keys.root_vkeys.read_text().split()
        root = root_keys_of(MOJ, [parse_vkey(text) for text in vkeys])
        request = tmp_path / "request.json"
        request.write_bytes(encode_request(CardMaker().statement()))
        out = tmp_path / "statement.tlog-proof"
        words = ["root", "sign", str(request), "--out", str(out), "--json"]
        if is_away:
            medium = layout.keys.root.folder.rename(tmp_path / "medium")
            words += ["--keys", str(medium)]
            words += ["--passphrase-file", str(medium / "passphrase")]
        else:
            words += ["--home", str(layout.folder)]

        done = run(*words)

        assert done.document() == {"statement": str(out)}
        assert verify_statement(out.read_bytes(), root).statement.number == 2

    def test_what_is_no_request_leaves_no_file(self, tmp_path: Path) -> None:
        layout = copy_home(tmp_path / "home")
        request = tmp_path / "request.json"
        request.write_bytes(b"not a request")
        out = tmp_path / "statement.tlog-proof"
        words = ("root", "sign", str(request), "--out", str(out))

        done = run(*words, "--keys", str(layout.keys.root.folder))

        assert done.exit_code == 2
        assert not out.exists()

    def test_a_statement_is_never_overwritten(self, tmp_path: Path) -> None:
        layout = copy_home(tmp_path / "home")
        request = tmp_path / "request.json"
        request.write_bytes(b"{}")
        before = layout.keys.root.entries.read_bytes()
        words = ("root", "sign", str(request), "--out", str(request))

        done = run("--home", str(layout.folder), *words)

        assert done.exit_code == 5
        assert layout.keys.root.entries.read_bytes() == before

    def test_without_passphrase_and_terminal_nothing_is_signed(
        self,
        tmp_path: Path,
    ) -> None:
        layout = copy_home(tmp_path / "home")
        layout.keys.root.passphrase.unlink()
        request = tmp_path / "request.json"
        request.write_bytes(b"{}")
        words = ("root", "sign", str(request), "--out", str(tmp_path / "s"))

        done = run("--home", str(layout.folder), *words)

        assert done.exit_code == 1
        assert "--passphrase-file" in done.stderr


class TestKeys:
    def test_each_key_is_listed_with_what_it_is_for(self, tmp_path: Path) -> None:
        layout = copy_home(tmp_path / "home")

        done = run("--home", str(layout.folder), "keys", "list", "--json")

        items = done.document()["items"]
        assert isinstance(items, list)
        assert [item["key"] for item in items] == [
            "root",
            *("log, Ed25519", "log, ML-DSA-44", "witness, Ed25519"),
            *("witness, ML-DSA-44", "TLS CA", "sealing", "TLS"),
        ]

    def test_a_statement_is_asked_for_signed_and_installed(
        self,
        tmp_path: Path,
    ) -> None:
        layout = copy_home(tmp_path / "home")
        home = ("--home", str(layout.folder))
        request, statement = str(tmp_path / "request"), str(tmp_path / "statement")

        asked = run(*home, "keys", "request", "--out", request, "--json")
        assert asked.document() == {"request": request}
        assert run(*home, "root", "sign", request, "--out", statement).exit_code == 0
        done = run(*home, "keys", "statement", statement, "--json")

        assert done.document() == {"number": 2}
        assert layout.keys.statement.read_bytes() == Path(statement).read_bytes()

    def test_keys_are_rotated_with_the_root_elsewhere(self, tmp_path: Path) -> None:
        layout = copy_home(tmp_path / "home")
        home = ("--home", str(layout.folder))
        offline = tmp_path / "offline"
        shutil.move(layout.keys.root.folder, offline)

        def stated(name: str, *words: str) -> int:
            request, statement = str(tmp_path / name), str(tmp_path / f"{name}.proof")
            asked = run(*home, "keys", "rotate", *words, "--out", request)
            assert "mla-gateway root sign" in asked.stderr
            signed = ("--keys", str(offline), "--out", statement)
            assert run("root", "sign", request, *signed).exit_code == 0
            done = run(*home, "keys", "statement", statement, "--json")
            return int(str(done.document()["number"]))

        assert stated("both", "log", "witness", "tls-ca") == 2
        listed = run(*home, "keys", "list").stdout
        assert listed.count("then keys rotate log --finish") == 2
        assert listed.count("then keys rotate witness --finish") == 2
        assert listed.count("then keys rotate tls-ca --finish") == 1
        assert stated("alone", "log", "witness", "tls-ca", "--finish", "--early") == 3
        assert "--finish" not in run(*home, "keys", "list").stdout
        assert not (layout.keys.folder / "log-ed25519.key").exists()

    def test_keys_that_wait_are_listed(self, tmp_path: Path) -> None:
        layout = copy_home(tmp_path / "home")
        home = ("--home", str(layout.folder))
        out = ("--out", str(tmp_path / "request"))

        assert run(*home, "keys", "rotate", "witness", *out).exit_code == 0

        listed = run(*home, "keys", "list").stdout
        assert listed.count("waits for a statement") == 2

    @pytest.mark.parametrize(
        ("words", "exit_code", "said"),
        [
            (("log", "--finish"), 5, "no rotation to finish"),
            (("log", "--finish", "--early"), 5, "no rotation to finish"),
            (("log", "--early"), 2, "--early"),
            (("root",), 2, "root"),
            ((), 2, "Missing argument"),
        ],
    )
    def test_what_makes_no_sense_makes_no_request(
        self,
        tmp_path: Path,
        words: tuple[str, ...],
        exit_code: int,
        said: str,
    ) -> None:
        layout = copy_home(tmp_path / "home")
        out = tmp_path / "request"
        home = ("--home", str(layout.folder))

        done = run(*home, "keys", "rotate", *words, "--out", str(out))

        assert done.exit_code == exit_code
        assert said in done.stderr
        assert not out.exists()

    def test_what_is_no_newer_statement_of_our_root_changes_nothing(
        self,
        tmp_path: Path,
    ) -> None:
        layout = copy_home(tmp_path / "home")
        before = layout.keys.statement.read_bytes()
        old = tmp_path / "old"
        old.write_bytes(before)
        no_statement = tmp_path / "none"
        no_statement.write_bytes(b"none")

        for file in (old, no_statement):
            words = ("keys", "statement", str(file))
            done = run("--home", str(layout.folder), *words)
            assert done.exit_code == 1
            assert done.stderr.startswith("Error: statement: ")
        assert layout.keys.statement.read_bytes() == before
