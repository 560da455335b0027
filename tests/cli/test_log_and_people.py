"""The log, the people with access, figures and health."""

import base64
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.admin import node_shapes, people_shapes, watch_shapes
from gateway.admin.shapes import CheckLevel
from gateway.admin.stamp_shapes import LogStamps
from gateway.admin.witness_shapes import (
    ConflictList,
    Round,
    RoundList,
    RoundsQuery,
    Witnesses,
)
from gateway.core.operators import Role
from gateway.core.translog.merkle import leaf_hash
from tests.support.cards import CardMaker
from tests.support.command_line import AT, run, run_at
from tests.support.scripted_api import Answer, Refused, ScriptedApi


def _entry(index: int, leaf: str = "{}") -> node_shapes.LogEntry:
    return node_shapes.LogEntry(
        index=index,
        kind="msg.access",
        leaf_hash="cd" * 32,
        at=AT,
        leaf=leaf,
        disclosed={"actor": "Anna Tamm", "purpose": "x\x1b[0m"},
    )


class TestAudit:
    def test_the_tail_shows_the_newest(self, api: ScriptedApi) -> None:
        page = node_shapes.LogEntries(items=(_entry(4), _entry(5)), next=6, size=6)
        api.answers["log_entries"] = page

        done = run_at(api, "audit", "tail", "-n", "2")

        assert [line.split()[0] for line in done.stdout.splitlines()] == ["4", "5"]
        assert "\\u001b" in done.stdout
        assert api.last.query == node_shapes.EntriesQuery(limit=2)
        assert run_at(api, "audit", "tail", "--json").document()["next"] == 6

    def test_following_goes_on_where_it_stopped(self, api: ScriptedApi) -> None:
        def answer(count: int) -> Answer:
            if count == 2:
                return Refused("maintenance", 503, "node: stopping")
            items = (_entry(count),)
            return node_shapes.LogEntries(items=items, next=count + 1, size=9)

        api.answers["log_entries"] = answer

        done = run_at(api, "audit", "tail", "-f", "--json")

        documents = [json.loads(line) for line in done.stdout.splitlines()]
        assert [document["index"] for document in documents] == [0, 1]
        assert api.last.query == node_shapes.EntriesQuery(start=2, wait=30)
        assert done.exit_code == 6

    def test_an_entry_is_shown_with_what_it_discloses(self, api: ScriptedApi) -> None:
        api.answers["log_entry"] = _entry(4)

        assert "Anna Tamm" in run_at(api, "audit", "show", "4").stdout
        assert run_at(api, "audit", "show", "4", "--json").document()["index"] == 4
        assert api.last.segments == {"index": "4"}

    @pytest.mark.parametrize(("verified", "exit_code"), [(True, 0), (False, 7)])
    def test_a_log_that_is_not_what_was_signed_fails(
        self,
        api: ScriptedApi,
        *,
        verified: bool,
        exit_code: int,
    ) -> None:
        finding = watch_shapes.LogFinding(
            code="entry-changed", place="entry 4", text="bytes"
        )
        api.answers["verify_log"] = node_shapes.LogVerification(
            verified=verified,
            origin="moj.ee/audit/2026",
            size=9,
            root="root",
            problem="" if verified else "entry-changed: entry 4: bytes",
            findings=() if verified else (finding,),
        )

        done = run_at(api, "audit", "verify")
        assert done.exit_code == exit_code
        assert ("entry-changed  entry 4  bytes" in done.stdout) is not verified
        assert run_at(api, "audit", "verify", "--json").exit_code == exit_code

    def test_a_checkpoint_is_the_note_itself(self, api: ScriptedApi) -> None:
        note = "moj.ee/audit/2026\n9\nroot=\n\n— moj.ee/audit/2026 c2ln\n"
        api.answers["log_checkpoint"] = node_shapes.LogCheckpoint(
            origin="moj.ee/audit/2026",
            size=9,
            root="root=",
            note=note,
        )

        document = run_at(api, "audit", "checkpoint", "--json").document()

        assert run_at(api, "audit", "checkpoint").stdout == note
        assert document == {
            "origin": "moj.ee/audit/2026",
            "size": 9,
            "root": "root=",
            "note": note,
            "minimum": 0,
        }


class TestExport:
    @staticmethod
    def _answer(api: ScriptedApi, maker: CardMaker) -> None:
        card = maker.make()
        proof = maker.prove()
        note = proof.checkpoint_note.decode()
        leaves = [leaf.decode() for leaf in maker.log_entries]
        api.answers["own_card"] = node_shapes.OwnCard(
            authority="moj.ee",
            fingerprint=maker.root.fingerprint,
            number=1,
            card=base64.b64encode(card).decode(),
        )
        api.answers["rounds"] = RoundList(items=(), next=0)
        api.answers["conflicts"] = ConflictList(items=())
        api.answers["log_stamps"] = LogStamps(items=(), configured=False)
        api.answers["witnesses"] = Witnesses(
            quorum=0,
            size=0,
            covered_size=0,
            uncovered=0,
            items=(),
        )
        api.answers["log_checkpoint"] = node_shapes.LogCheckpoint(
            origin=maker.audit_signer.origin,
            size=len(leaves),
            root="",
            note=note,
        )
        api.answers["log_entries"] = lambda start: node_shapes.LogEntries(
            items=(
                node_shapes.LogEntry(
                    index=start,
                    kind="key.card",
                    leaf_hash="",
                    leaf=leaves[start],
                ),
            ),
            next=start + 1,
            size=len(leaves),
        )

    def test_an_exported_log_verifies_offline_and_a_changed_one_does_not(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        maker = CardMaker()
        maker.make()
        self._answer(api, maker)
        out, card = tmp_path / "log", tmp_path / "moj.ee.card"
        assert run_at(api, "peer", "card", "--out", str(card)).exit_code == 0

        done = run_at(api, "audit", "export", "--out", str(out), "--json")

        assert done.document()["size"] == len(maker.log_entries)
        verified = run("verify", str(out), "--keys", str(card))
        assert (verified.exit_code, "VERIFIED" in verified.stdout) == (0, True)
        checkpoint = out / "checkpoint"
        checkpoint.write_bytes(checkpoint.read_bytes().replace(b"\n2\n", b"\n3\n"))
        assert run("verify", str(out), "--keys", str(card), "--json").exit_code == 7

    def test_a_folder_with_something_in_it_is_left_alone(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        self._answer(api, CardMaker())
        (tmp_path / "mine").write_text("x")

        assert run_at(api, "audit", "export", "--out", str(tmp_path)).exit_code == 5

    def test_the_newest_round_is_exported_with_the_earlier_ones(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        maker = CardMaker()
        self._answer(api, maker)
        notes = [maker.prove().checkpoint_note.decode()]
        for _ in range(2):
            maker.log("auth.fail", {"count": 1})
            notes.append(maker.prove().checkpoint_note.decode())
        sizes = [int(note.splitlines()[1]) for note in notes]
        rounds = [
            Round(size=size, root="", at=AT, note=note, cosigned_by=())
            for size, note in zip(sizes, notes, strict=True)
        ][::-1]
        pages = [rounds[:1], rounds[1:2], rounds[2:]]
        api.answers["rounds"] = lambda count: RoundList(
            items=tuple(pages[count]),
            next=pages[count][-1].size if count < 2 else 0,
        )
        leaves = [leaf.decode() for leaf in maker.log_entries]
        api.answers["log_entries"] = lambda start: node_shapes.LogEntries(
            items=(_entry(start, leaf=leaves[start]),),
            next=start + 1,
            size=len(leaves),
        )
        out, card = tmp_path / "log.zip", tmp_path / "moj.ee.card"
        card.write_bytes(base64.b64decode(api.answers["own_card"].card))  # type: ignore[union-attr]  # set above

        done = run_at(api, "audit", "export", "--zip", "--out", str(out))

        assert f"{sizes[-1]} entries of moj.ee/audit/1" in done.stderr
        asked = [one.query for one in api.asked if one.name == "rounds"]
        assert asked == [
            RoundsQuery(limit=1),
            RoundsQuery(before=sizes[2], limit=100),
            RoundsQuery(before=sizes[1], limit=100),
        ]
        with zipfile.ZipFile(out) as packed:
            packed.extractall(tmp_path / "log")
        earlier = {path.name for path in (tmp_path / "log" / "checkpoints").iterdir()}
        assert earlier == {str(size) for size in sizes[:-1]}
        checked = run("verify", str(tmp_path / "log"), "--keys", str(card))
        assert checked.exit_code == 0, checked.stdout
        assert "proofs between checkpoints hold" in checked.stdout

    def test_of_what_was_pruned_only_hashes_are_exported(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        maker = CardMaker()
        self._answer(api, maker)
        hashes = [leaf_hash(leaf).hex() for leaf in maker.log_entries]
        api.answers["log_entries"] = lambda start: node_shapes.LogEntries(
            items=(
                node_shapes.LogEntry(
                    index=start,
                    kind="key.card",
                    leaf_hash=hashes[start],
                ),
            ),
            next=start + 1,
            size=len(hashes),
        )

        done = run_at(api, "audit", "export", "--out", str(tmp_path / "log"))

        assert f"0 of {len(hashes)} entries" in done.stderr
        assert not (tmp_path / "log" / "tile" / "entries").exists()
        assert "only the hashes are left" in (tmp_path / "log/README.txt").read_text()


class TestVerify:
    def test_verifying_needs_no_home(self, tmp_path: Path) -> None:
        maker = CardMaker()
        card = tmp_path / "moj.ee.card"
        card.write_bytes(maker.make())
        words = ("verify", str(card), "--fingerprint")

        assert run(*words, maker.root.fingerprint).exit_code == 0
        assert run(*words, "00" * 32, "--json").document()["exit_code"] == 7

    def test_what_is_not_there_is_a_mistake_of_use(self, tmp_path: Path) -> None:
        assert run("verify", str(tmp_path / "none")).exit_code == 2


OPERATOR = people_shapes.Operator(
    name="anna",
    roles=(Role.CASEWORKER,),
    tokens=(people_shapes.Token(label="laptop", created_at=AT, expires_at=AT),),
)
ISSUED = people_shapes.IssuedToken(
    operator="anna",
    label="laptop",
    token="mlagw_shown-once",  # noqa: S106 - of no node
    expires_at=AT,
)


class TestOperators:
    def test_an_account_is_added_with_its_roles(self, api: ScriptedApi) -> None:
        api.answers["add_operator"] = OPERATOR
        roles = ("--role", "caseworker", "--role", "observer")

        done = run_at(api, "operator", "add", "anna", *roles, "--json")

        assert done.document()["name"] == "anna"
        assert api.last.body == people_shapes.AddOperatorRequest(
            name="anna",
            roles=(Role.CASEWORKER, Role.OBSERVER),
        )
        assert "anna added" in run_at(api, "operator", "add", "anna", *roles).stderr

    @pytest.mark.parametrize("roles", [(), ("--role", "king")], ids=len)
    def test_an_account_needs_roles_that_exist(
        self,
        api: ScriptedApi,
        roles: tuple[str, ...],
    ) -> None:
        assert run_at(api, "operator", "add", "anna", *roles).exit_code == 2

    def test_the_roles_offered_are_those_there_are(self) -> None:
        shown = run("operator", "add", "--help").stdout

        assert all(role.value in shown for role in Role)

    def test_accounts_are_listed_without_secrets(self, api: ScriptedApi) -> None:
        api.answers["list_operators"] = people_shapes.OperatorList(items=(OPERATOR,))

        assert "laptop" in run_at(api, "operator", "list").stdout
        assert run_at(api, "operator", "list", "--json").document()["items"]

    def test_what_becomes_of_a_removed_account_is_told(self, api: ScriptedApi) -> None:
        api.answers["remove_operator"] = people_shapes.RemovedOperator(
            name="anna",
            heir="mari",
            moved=(
                people_shapes.MovedTask(what="alarm", subject="7", to="mari"),
                people_shapes.MovedTask(what="roster", subject="anna"),
            ),
            secrets=(
                people_shapes.SecretToRotate(
                    secret="token desk of app",  # noqa: S106 - its name
                    why="anna made it",
                    remedy="revoke it",
                ),
            ),
        )

        done = run_at(api, "operator", "remove", "anna", "--handover", "mari")

        assert api.last.query == people_shapes.RemoveOperatorQuery(handover="mari")
        for told in ("anna removed", "roster of people", "desk of app", "revoke it"):
            assert told in done.stderr
        assert "alarm" in done.stdout
        assert run_at(api, "operator", "remove", "anna", "--json").exit_code == 0

    def test_roles_are_given(self, api: ScriptedApi) -> None:
        api.answers["set_roles"] = OPERATOR

        assert run_at(api, "operator", "roles", "anna").exit_code == 2
        done = run_at(api, "operator", "roles", "anna", "--role", "observer")
        assert "caseworker" in done.stderr
        assert api.last.body == people_shapes.SetRolesRequest(roles=(Role.OBSERVER,))

    def test_a_token_is_printed_this_once(self, api: ScriptedApi) -> None:
        api.answers["create_token"] = ISSUED
        words = ("operator", "token", "anna", "--label", "laptop")

        done = run_at(api, *words, "--days", "30", "--role", "observer", "--system")

        assert done.stdout == "mlagw_shown-once\n"
        assert api.last.body == people_shapes.CreateTokenRequest(
            operator="anna",
            label="laptop",
            days=30,
            roles=(Role.OBSERVER,),
            system=True,
        )
        assert run_at(api, *words, "--json").document()["token"] == ISSUED.token

    def test_a_token_goes_into_a_file_that_works_as_a_token_file(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        api.answers["create_token"] = ISSUED
        out = tmp_path / "anna.token"
        words = ("operator", "token", "anna", "--label", "laptop", "--out", str(out))

        assert run_at(api, *words).stdout == ""
        assert out.read_text() == "mlagw_shown-once\n"
        assert out.stat().st_mode & 0o777 == 0o600
        assert run_at(api, *words).exit_code == 5
        assert api.names() == ["create_token"]

    def test_a_token_can_be_revoked(self, api: ScriptedApi) -> None:
        api.answers["revoke_token"] = None
        words = ("operator", "token", "anna", "--revoke", "laptop")

        assert "worth nothing" in run_at(api, *words).stderr
        assert run_at(api, *words, "--json").document()["label"] == "laptop"
        assert api.last.segments == {"operator": "anna", "label": "laptop"}

    def test_a_token_needs_a_name(self, api: ScriptedApi) -> None:
        assert run_at(api, "operator", "token", "anna").exit_code == 2


def test_figures_are_shown_with_their_balance(api: ScriptedApi) -> None:
    states = {"queued": 2, "delivered": 3}
    api.answers["stats"] = node_shapes.Stats(
        authority="moj.ee",
        log_size=9,
        accepted=5,
        states=states,
        balanced=True,
        peers=(
            node_shapes.PeerStats(
                peer="moj.fr",
                accepted=5,
                states=states,
                balanced=True,
            ),
        ),
        started_at=AT,
        version="0.1.0",
    )

    done = run_at(api, "stats")

    assert "to moj.fr      5 accepted, 2 queued, 3 delivered" in done.stdout
    assert run_at(api, "stats", "--json").document()["states"] == states


class TestDoctor:
    @pytest.mark.parametrize(
        ("level", "exit_code"),
        [("ok", 0), ("warn", 0), ("fail", 1)],
    )
    def test_only_a_failed_check_fails(
        self,
        api: ScriptedApi,
        level: CheckLevel,
        exit_code: int,
    ) -> None:
        check = node_shapes.Check(
            name="route",
            level=level,
            text="no answer \x1b[31m",
            remedy="ask them",
        )
        found = node_shapes.Diagnostics(level=level, checks=(check,))
        api.answers["diagnostics"] = found

        done = run_at(api, "doctor", "moj.fr")

        assert done.exit_code == exit_code
        assert "route: no answer \\u001b[31m" in done.stdout
        assert ("ask them" in done.stdout) is (level != "ok")
        assert api.last.query == node_shapes.DiagnosticsQuery(peer="moj.fr")

    def test_a_node_that_does_not_run_is_a_finding(self, api: ScriptedApi) -> None:
        config = api.home / "gateway.toml"
        with _free_of(config, f"127.0.0.1:{api.port}", "127.0.0.1:0"):
            done = run_at(api, "doctor")

        assert done.exit_code == 6
        assert "configuration: no problem" in done.stdout
        assert "→ start it with" in done.stdout

    def test_broken_settings_are_findings(self, api: ScriptedApi) -> None:
        config = api.home / "gateway.toml"
        config.write_text(config.read_text() + "\n[x]\n[y]\n")

        done = run_at(api, "doctor", "--json")

        assert done.exit_code == 1
        checks = done.document()["checks"]
        assert isinstance(checks, list)
        assert len(checks) == 2


@contextmanager
def _free_of(path: Path, old: str, new: str) -> Iterator[None]:
    text = path.read_text()
    path.write_text(text.replace(old, new))
    yield
    path.write_text(text)


class TestMonitors:
    @pytest.mark.parametrize(("sound", "exit_code"), [(True, 0), (False, 7)])
    def test_findings_are_shown_and_fail(
        self, api: ScriptedApi, *, sound: bool, exit_code: int
    ) -> None:
        finding = watch_shapes.LogFinding(
            code="entry-changed", place="entry 4", text="its\x1b[0m bytes"
        )
        api.answers["log_check"] = watch_shapes.LogCheckState(
            sound=sound,
            findings=() if sound else (finding,),
            size=9,
            followed=9,
        )

        done = run_at(api, "audit", "check")

        assert done.exit_code == exit_code
        assert ("entry-changed  entry 4" in done.stdout) is not sound
        assert "\x1b" not in done.stdout
        as_json = run_at(api, "audit", "check", "--json")
        assert as_json.exit_code == exit_code
        assert as_json.document()["followed"] == 9

    def test_what_is_owed_is_read_page_by_page(self, api: ScriptedApi) -> None:
        def item(message: str) -> watch_shapes.OwedItem:
            return watch_shapes.OwedItem(
                peer="pgr.pt",
                debtor="peer",
                what="receipt",
                message=message,
                since=AT,
                log_index=4,
            )

        def answer(count: int) -> Answer:
            page = watch_shapes.OwedPage(
                items=(item(str(count)),), next="receipt:1:pgr.pt"
            )
            return (
                page
                if count % 2 == 0
                else watch_shapes.OwedPage(items=(item(str(count)),))
            )

        api.answers["log_owed"] = answer

        done = run_at(api, "audit", "owed", "--peer", "pgr.pt")

        assert [line.split()[4] for line in done.stdout.splitlines()[1:]] == ["0", "1"]
        assert api.last.query == watch_shapes.OwedQuery(
            peer="pgr.pt", cursor="receipt:1:pgr.pt", limit=500
        )
        document = run_at(api, "audit", "owed", "--json").document()
        assert str(document["items"]).count("'message': '") == 2
