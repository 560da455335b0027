"""The watched folder on a served API: nothing lost, nothing twice, no link followed."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest
import pytest_asyncio

from gateway.admin.opening_shapes import OnBehalfOf
from gateway.client import calls
from gateway.client.answers import Endpoint
from gateway.client.blocking import BlockingClient
from gateway.config.folder import FolderSettings
from gateway.core.errors import (
    ConfigError,
    MaintenanceError,
    NotAllowedError,
    UnreachableError,
    UsageError,
)
from gateway.folder import outgoing as outgoing_module
from gateway.folder.layout import FolderLayout, move, read_file
from gateway.folder.outgoing import Outgoing
from gateway.folder.results import Reading, Results
from gateway.folder.service import WatchedFolder, reading_of
from tests.support.admin_api import PT, AdminNode, admin_node, request_form
from tests.support.evidence import request_with

pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSON = OnBehalfOf(id="r-1", name="Mari Maasikas", role="registrar")
READING = Reading(PERSON, "registering")
NAMED = FolderSettings(
    person_id="r-1", person_name="Mari", person_role="registrar", purpose="registering"
)


@dataclass
class Desk:
    """A folder with its node; time is a number."""

    node: AdminNode
    layout: FolderLayout
    client: BlockingClient
    before: int
    now_s: float = 0.0
    results: Results = field(init=False)
    outgoing: Outgoing = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start anew, as after a death."""
        self.results = Results(self.layout, self.client, READING)
        self.results.load()
        self.outgoing = Outgoing(
            self.layout, self.client, 10.0, self.results.note, lambda: self.now_s
        )

    async def turn(self) -> int:
        return await asyncio.to_thread(self.outgoing.turn)

    async def follow(self) -> int:
        return await asyncio.to_thread(self.results.turn)

    async def messages(self) -> int:
        newest = await self.node.services.exchange.store.newest_change()
        return newest - self.before

    def drop(self, name: str, *, ready: bool = True, **changed: object) -> Path:
        folder = self.layout.out / name
        folder.mkdir()
        # No two tests send the same: it would be one message.
        message = request_form() | {"sender_ref": f"ref-{self.before}"}
        told = {"to": PT, "message": message} | changed
        (folder / "message.json").write_text(json.dumps(told))
        if ready:
            (folder / ".ready").touch()
        return folder

    def problem(self, name: str) -> dict[str, object]:
        raw = (self.layout.refused / name / "problem.json").read_text()
        return dict(json.loads(raw))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AdminNode]:
    async with admin_node(tmp_path_factory.mktemp("node")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def desk(node: AdminNode, tmp_path: Path) -> Desk:
    layout = FolderLayout(tmp_path / "folder")
    layout.root.mkdir()
    layout.prepare()
    newest = await node.services.exchange.store.newest_change()
    layout.place.write_text(f"{newest}\n")
    return Desk(node, layout, _client(node, "system"), newest)


def _client(node: AdminNode, who: str) -> BlockingClient:
    return BlockingClient(
        Endpoint(f"http://127.0.0.1:{node.server.port}", token=node.tokens[who])
    )


async def test_what_is_dropped_is_sent_and_its_receipt_comes_back(desk: Desk) -> None:
    desk.drop("req-1")
    assert await desk.turn() == 1
    assert list(desk.layout.out.iterdir()) == []
    receipt = json.loads((desk.layout.sent / "req-1/receipt.json").read_text())
    assert receipt["state"] == "queued"
    assert not (desk.layout.sent / "req-1/.ready").exists()
    await desk.node.deliver(receipt["id"])
    assert await desk.follow() == 2
    state = json.loads((desk.layout.sent / "req-1/state.json").read_text())
    assert (state["state"], state["id"]) == ("delivered", receipt["id"])
    proofs = {one.name for one in (desk.layout.sent / "req-1/proofs").iterdir()}
    assert any("receipt" in name for name in proofs)
    assert await desk.follow() == 0


async def test_evidence_files_go_with_it(desk: Desk) -> None:
    folder = desk.drop("req-1", ready=False, message=request_with("records.csv"))
    (folder / "records.csv").write_bytes(b"a,b\n1,2\n")
    (folder / ".ready").touch()
    await desk.turn()
    receipt = json.loads((desk.layout.sent / "req-1/receipt.json").read_text())
    async with desk.node.client("caseworker") as client:
        shown = await client.send(calls.show_message(receipt["id"]))
    assert shown.attachments == 1


@pytest.mark.parametrize("dies_after", ["submit", "receipt"])
async def test_a_death_at_any_step_sends_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, dies_after: str
) -> None:
    desk.drop("req-1")

    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    name = "write_file" if dies_after == "submit" else "move"
    real_move = move
    calls_made = []

    def die_later(folder: Path, target: Path) -> Path:
        calls_made.append(target)
        if target == desk.layout.sent:
            raise KeyboardInterrupt
        return real_move(folder, target)

    monkeypatch.setattr(
        outgoing_module, name, die if name == "write_file" else die_later
    )
    with pytest.raises(KeyboardInterrupt):
        await _in_thread(desk)
    monkeypatch.undo()
    assert (desk.layout.work / "req-1").is_dir()
    desk.begin()
    await desk.turn()
    receipt = json.loads((desk.layout.sent / "req-1/receipt.json").read_text())
    assert receipt["repeated"] is True
    assert await desk.messages() == 1


async def _in_thread(desk: Desk) -> None:
    """Take a turn whose end of the process reaches us."""

    def turn() -> BaseException | None:
        try:
            desk.outgoing.turn()
        except KeyboardInterrupt as error:
            return error
        return None

    error = await asyncio.to_thread(turn)
    if error is not None:
        raise error


async def test_what_still_changes_is_left_alone(desk: Desk) -> None:
    folder = desk.drop("req-1", ready=False)
    assert await desk.turn() == 0
    desk.now_s = 9.0
    (folder / "more.txt").write_text("still writing")
    assert await desk.turn() == 0
    desk.now_s = 18.0
    assert await desk.turn() == 0
    desk.now_s = 19.5
    assert await desk.turn() == 1


async def test_a_name_with_a_point_and_a_folder_without_message_wait(
    desk: Desk,
) -> None:
    desk.drop(".req-1")
    (desk.layout.out / "req-2").mkdir()
    await desk.turn()
    desk.now_s = 1000.0
    assert await desk.turn() == 0


async def test_a_form_that_is_wrong_comes_back_with_every_problem(desk: Desk) -> None:
    form = request_form()
    form.pop("purpose")
    desk.drop("bad", message=form)
    desk.drop("good")
    assert await desk.turn() == 2
    problem = desk.problem("bad")
    assert problem["code"] == "invalid-form"
    assert problem["problems"]
    assert (desk.layout.sent / "good").is_dir()
    shutil.rmtree(desk.layout.refused / "bad")
    desk.drop("bad")  # corrected, under the same name
    await desk.turn()
    assert (desk.layout.sent / "bad").is_dir()


async def test_links_pipes_folders_and_odd_names_are_refused(
    desk: Desk, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for peers")
    spoilings: list[Callable[[Path], object]] = [
        lambda folder: (folder / "x.txt").symlink_to(secret),
        lambda folder: os.link(secret, folder / "x.txt"),
        lambda folder: os.mkfifo(folder / "x.txt"),
        lambda folder: (folder / "x").mkdir(),
        lambda folder: (folder / ".hidden").touch(),
        lambda folder: (folder / "receipt.json").touch(),
        lambda folder: (folder / "message.json").unlink(),
        lambda folder: (folder / "message.json").write_text("{"),
        lambda folder: (folder / "message.json").write_text('{"to": "x"}'),
    ]
    for number, spoil in enumerate(spoilings):
        name = f"odd-{number}"
        spoil(desk.drop(name))
        assert await desk.turn() == 1
        assert desk.problem(name)["code"] in {"usage", "malformed"}, name
    (desk.layout.out / "link").symlink_to(tmp_path)
    assert await desk.turn() == 1
    assert (desk.layout.refused / "link.problem.json").exists()
    assert await desk.messages() == 0
    assert secret.read_text() == "not for peers"


async def test_while_the_node_is_away_what_was_taken_waits(
    desk: Desk, unused_tcp_port: int
) -> None:
    desk.drop("req-1")
    nobody = Endpoint(f"http://127.0.0.1:{unused_tcp_port}", token=str(desk.now_s))
    desk.outgoing.client = BlockingClient(nobody)
    with pytest.raises(UnreachableError):
        await desk.turn()
    assert (desk.layout.work / "req-1").is_dir()
    desk.outgoing.client = desk.client
    await desk.turn()
    assert (desk.layout.sent / "req-1").is_dir()


async def test_an_account_that_may_not_send_refuses_no_message(desk: Desk) -> None:
    desk.drop("req-1")
    desk.outgoing.client = _client(desk.node, "observer")
    with pytest.raises(NotAllowedError):
        await desk.turn()
    assert (desk.layout.work / "req-1").is_dir()


async def test_the_same_name_twice_is_kept_apart(desk: Desk) -> None:
    desk.drop("req-1")
    await desk.turn()
    desk.drop("req-1", message=request_form() | {"sender_ref": "other"})
    await desk.turn()
    assert (desk.layout.sent / "req-1~2/receipt.json").exists()
    assert await desk.messages() == 2
    desk.drop("req-1")  # the very first again: the same message
    await desk.turn()
    assert await desk.messages() == 2


async def test_what_was_received_is_opened_for_the_person_and_confirmed(
    desk: Desk,
) -> None:
    message_id = await desk.node.receive()
    await desk.follow()
    folder = desk.layout.inbound / message_id
    assert json.loads((folder / "message.json").read_text())["msg_type"] == "MLA_REQ"
    assert (folder / "manifest.json").exists()
    assert json.loads((folder / "opened.json").read_text())["peer"] == PT
    assert [one.name for one in desk.layout.work.iterdir()] == [".cursor"]
    store = desk.node.services.exchange.store
    assert (await store.message(message_id)).state == "handed_over"
    entries = await store.entries(0, 1000)
    accesses = [one for one in entries if one.kind == "msg.access"]
    assert [one.message_id for one in accesses].count(message_id) == 1
    # From the beginning once more: nothing is opened a second time.
    desk.layout.place.unlink()
    desk.begin()
    await desk.follow()
    shutil.rmtree(folder)
    desk.layout.place.unlink()
    await desk.follow()
    assert not folder.exists()


async def test_without_a_person_nothing_is_opened(desk: Desk) -> None:
    message_id = await desk.node.receive()
    desk.results.reading = None
    await desk.follow()
    assert list(desk.layout.inbound.iterdir()) == []
    store = desk.node.services.exchange.store
    assert (await store.message(message_id)).state == "received"


async def test_results_that_the_system_took_away_are_left_out(desk: Desk) -> None:
    desk.drop("req-1")
    await desk.turn()
    receipt = json.loads((desk.layout.sent / "req-1/receipt.json").read_text())
    shutil.rmtree(desk.layout.sent / "req-1")
    await desk.node.deliver(receipt["id"])
    assert await desk.follow() == 2
    assert list(desk.layout.sent.iterdir()) == []


async def test_a_place_that_is_no_number_is_refused(desk: Desk) -> None:
    desk.layout.place.write_text("x\n")
    with pytest.raises(UsageError, match="no number"):
        await desk.follow()


async def test_the_check_says_what_fits_and_what_does_not(desk: Desk) -> None:
    watched = WatchedFolder(desk.layout, desk.client, NAMED)
    lines = await asyncio.to_thread(watched.check)
    assert len(lines) == 3
    assert "on behalf of Mari" in lines[2]
    nobody = WatchedFolder(desk.layout, desk.client, FolderSettings())
    assert "not opened" in (await asyncio.to_thread(nobody.check))[2]
    for who, said in (("caseworker", "a person's"), ("observer", "needs the role")):
        other = WatchedFolder(desk.layout, _client(desk.node, who), NAMED)
        with pytest.raises(NotAllowedError, match=said):
            await asyncio.to_thread(other.check)


async def test_a_person_is_named_whole_or_not_at_all() -> None:
    assert reading_of(FolderSettings()) is None
    assert reading_of(NAMED) is not None
    with pytest.raises(ConfigError, match="belong together"):
        reading_of(FolderSettings(purpose="why"))


async def test_a_folder_that_anybody_could_change_is_refused(tmp_path: Path) -> None:
    layout = FolderLayout(tmp_path / "folder")
    with pytest.raises(ConfigError, match="No such file"):
        layout.prepare()
    layout.root.mkdir()
    layout.root.chmod(0o777)
    with pytest.raises(ConfigError, match="everybody"):
        layout.prepare()
    layout.root.chmod(0o750)
    layout.prepare()
    layout.work.chmod(0o750)
    with pytest.raises(ConfigError, match="expected mode 0700"):
        layout.prepare()
    layout.work.chmod(0o700)
    layout.sent.rmdir()
    layout.sent.symlink_to(tmp_path)
    with pytest.raises(ConfigError, match="link"):
        layout.prepare()


async def test_files_are_bounded_and_plain(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"12345")
    assert read_file(file, max_bytes=5) == b"12345"
    with pytest.raises(UsageError, match="over 4 bytes"):
        read_file(file, max_bytes=4)
    with pytest.raises(UsageError, match="no plain file"):
        read_file(tmp_path, max_bytes=4)


async def test_the_loop_goes_on_after_what_passes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, seen = Event(), []

    def turn(_self: Results) -> int:
        seen.append(1)
        if len(seen) == 1:
            raise MaintenanceError("starting")
        stop.set()
        return 0

    waits: list[float] = []
    monkeypatch.setattr(Results, "turn", turn)
    monkeypatch.setattr(stop, "wait", waits.append)
    watched = WatchedFolder(desk.layout, desk.client, NAMED)
    await asyncio.to_thread(watched.run, stop)
    assert waits == [4.0, 2.0]
