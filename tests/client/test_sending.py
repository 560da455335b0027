"""Sending a file in: whatever breaks, it arrives once and as it was."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.admin.upload_shapes import UploadRequest
from gateway.client import calls
from gateway.client.blocking import BlockingClient
from gateway.client.patience import Attempts, Patience
from gateway.client.progress import Phase, Progress
from gateway.client.transfers import send_file
from gateway.core.errors import (
    ConflictError,
    DiskReserveError,
    GatewayError,
    MaintenanceError,
    MalformedError,
    NotAuthenticatedError,
    NotFoundError,
    SourceChangedError,
    UnreachableError,
    UsageError,
)
from tests.support.evidence_node import Cut, EvidenceNode, Refusal
from tests.support.waiting import Sleeps

CONTENT = bytes(range(256)) * 1200
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SHARED_SERVER = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file to send."""
    file = tmp_path / "records.csv"
    file.write_bytes(CONTENT)
    return file


def test_a_file_is_announced_and_sent(
    client: BlockingClient, node: EvidenceNode, path: Path
) -> None:
    upload = send_file(client, path, idempotency_key="k")

    kept = node.uploads[upload.id]
    assert upload.state == "complete"
    assert upload.sha256 == SHA256
    assert kept.content == CONTENT
    assert not kept.request.sha256
    assert kept.request.name == "records.csv"
    assert list(node.keys) == ["k"]


def test_an_empty_file_is_sent_as_well(
    client: BlockingClient, node: EvidenceNode, path: Path
) -> None:
    path.write_bytes(b"")
    assert send_file(client, path, idempotency_key="k").state == "complete"
    assert node.starts("append_upload") == [0]


@SHARED_SERVER
@given(
    cuts=st.lists(st.integers(1, len(CONTENT) - 1), max_size=6),
    lost=st.integers(0, 70_000),
)
def test_it_goes_on_after_every_cut(
    client: BlockingClient, node: EvidenceNode, path: Path, cuts: list[int], lost: int
) -> None:
    node.uploads.clear()
    node.keys.clear()
    node.loses_unsynced = lost
    node.faults["append_upload"] = [Cut(after) for after in cuts]

    patience = Sleeps().patience()
    upload = send_file(client, path, idempotency_key="k", patience=patience)

    assert node.uploads[upload.id].content == CONTENT
    node.faults.clear()


@pytest.mark.parametrize("after", [0, 1, 65_536, len(CONTENT) - 1, len(CONTENT)])
def test_only_what_is_missing_is_sent_again(
    client: BlockingClient, node: EvidenceNode, path: Path, after: int
) -> None:
    node.faults["append_upload"] = [Cut(after)]

    patience = Sleeps().patience()
    send_file(client, path, idempotency_key="k", patience=patience)

    assert node.starts("append_upload")[1] == after


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal("maintenance", 503, 3),
        Refusal("blob-failed", 503, 3),
        Refusal("disk", 503, 3),
        Refusal("new-and-passing", 503, 3),
    ],
    ids=lambda refusal: refusal.code,
)
def test_a_node_that_asks_to_wait_is_waited_for(
    client: BlockingClient, node: EvidenceNode, path: Path, refusal: Refusal
) -> None:
    node.faults["append_upload"] = [refusal]
    sleeps = Sleeps()

    send_file(client, path, idempotency_key="k", patience=sleeps.patience())

    assert sleeps.slept == [3 if refusal.code != "new-and-passing" else 30]


def test_a_node_that_reads_back_is_watched_and_then_gone_on_with(
    client: BlockingClient, node: EvidenceNode, path: Path
) -> None:
    node.faults["append_upload"] = [Cut(200_000), *[Refusal("maintenance", 503)] * 9]
    with pytest.raises(UnreachableError):
        send_file(
            client, path, idempotency_key="k", patience=Sleeps().patience(limit_s=5)
        )
    node.faults.clear()
    next(iter(node.uploads.values())).state = "recovering"
    told: list[Progress] = []

    upload = send_file(
        client,
        path,
        idempotency_key="k",
        on_progress=told.append,
        # Less than it takes in all, but there is progress.
        patience=Sleeps().patience(limit_s=2),
    )

    recovered = [one.done for one in told if one.phase is Phase.RECOVERING]
    assert recovered == [0, 0, 65_536, 131_072, 196_608]
    assert node.starts("append_upload")[-1] == 200_000
    assert node.uploads[upload.id].content == CONTENT


def test_a_wrong_offset_is_put_right(
    client: BlockingClient, node: EvidenceNode, path: Path
) -> None:
    node.faults["append_upload"] = [Refusal("conflict", 409)]

    patience = Sleeps().patience()
    upload = send_file(client, path, idempotency_key="k", patience=patience)

    assert node.uploads[upload.id].content == CONTENT


def test_the_same_key_goes_on_and_never_sends_twice(
    client: BlockingClient, node: EvidenceNode, path: Path
) -> None:
    node.faults["append_upload"] = [Cut(1000), *[Refusal("maintenance", 503)] * 9]
    with pytest.raises(UnreachableError, match="same idempotency key"):
        send_file(
            client, path, idempotency_key="k", patience=Sleeps().patience(limit_s=5)
        )
    node.faults.clear()

    first = send_file(client, path, idempotency_key="k")
    again = send_file(client, path, idempotency_key="k")
    node.uploads[first.id].state = "used"
    used = send_file(client, path, idempotency_key="k")

    assert first.id == again.id == used.id
    assert used.state == "used"
    assert node.starts("append_upload")[-1] == 1000


@pytest.mark.parametrize("state", ["complete", "used"])
def test_other_content_of_the_same_size_under_the_same_key_is_noticed(
    client: BlockingClient,
    node: EvidenceNode,
    path: Path,
    state: Literal["complete", "used"],
) -> None:
    upload = send_file(client, path, idempotency_key="k")
    node.uploads[upload.id].state = state
    path.write_bytes(CONTENT[::-1])

    with pytest.raises((ConflictError, SourceChangedError)):
        send_file(client, path, idempotency_key="k")


def test_what_changed_before_it_goes_on_is_never_taken_for_good(
    client: BlockingClient, node: EvidenceNode, path: Path
) -> None:
    node.faults["append_upload"] = [Cut(100_000), *[Refusal("maintenance", 503)] * 9]
    with pytest.raises(UnreachableError):
        send_file(
            client, path, idempotency_key="k", patience=Sleeps().patience(limit_s=5)
        )
    node.faults.clear()
    path.write_bytes(b"x" + CONTENT[1:])

    with pytest.raises(SourceChangedError, match="not what the node has"):
        send_file(client, path, idempotency_key="k")

    assert node.uploads == {}


def test_what_was_announced_with_its_digest_goes_on(
    client: BlockingClient, node: EvidenceNode, path: Path
) -> None:
    request = UploadRequest(name=path.name, size=len(CONTENT), sha256=SHA256)
    announced = client.send(calls.create_upload(request, idempotency_key="k"))
    assert send_file(client, path, idempotency_key="k").id == announced.id
    assert node.uploads[announced.id].content == CONTENT


def test_another_file_under_the_same_key_is_a_conflict(
    client: BlockingClient, path: Path, node: EvidenceNode
) -> None:
    send_file(client, path, idempotency_key="k")
    path.write_bytes(b"other")
    with pytest.raises(ConflictError):
        send_file(client, path, idempotency_key="k")
    assert len(node.uploads) == 1


def _overwrite(path: Path) -> None:
    path.write_bytes(CONTENT[::-1])


def _shorten(path: Path) -> None:
    os.truncate(path, 1000)


def _lengthen(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


@pytest.mark.parametrize("change", [_overwrite, _shorten, _lengthen])
@pytest.mark.parametrize("is_begun", [False, True])
def test_a_file_that_changes_meanwhile_is_never_taken_for_good(
    client: BlockingClient,
    node: EvidenceNode,
    path: Path,
    change: Callable[[Path], None],
    *,
    is_begun: bool,
) -> None:
    if is_begun:
        node.faults["append_upload"] = [Cut(1000), Refusal("not-found", 404)]
        with pytest.raises(NotFoundError):
            send_file(client, path, idempotency_key="k", patience=Sleeps().patience())
    is_changed = False

    def change_once(progress: Progress) -> None:
        nonlocal is_changed
        # What is here already is hashed first.
        phase = Phase.HASHING if is_begun else Phase.SENDING
        if progress.phase is phase and not is_changed:
            is_changed = True
            change(path)
            os.utime(path, ns=(1, 1))

    with pytest.raises(SourceChangedError):
        send_file(client, path, idempotency_key="k", on_progress=change_once)
    assert is_changed


def test_a_node_that_got_something_else_is_found_out(
    client: BlockingClient, node: EvidenceNode, path: Path
) -> None:
    node.told_sha256 = "ab" * 32
    with pytest.raises(SourceChangedError, match="not what the node has"):
        send_file(client, path, idempotency_key="k")


@pytest.mark.parametrize(
    ("route", "refusal", "error"),
    [
        ("create_upload", Refusal("disk", 503), DiskReserveError),
        ("append_upload", Refusal("not-authenticated", 401), NotAuthenticatedError),
        ("append_upload", Refusal("source-changed", 409), SourceChangedError),
        ("append_upload", Refusal("not-found", 404), NotFoundError),
    ],
    ids=lambda value: value.code if isinstance(value, Refusal) else "",
)
def test_what_waiting_does_not_heal_ends_it_at_once(
    client: BlockingClient,
    node: EvidenceNode,
    path: Path,
    *,
    route: str,
    refusal: Refusal,
    error: type[GatewayError],
) -> None:
    node.faults[route] = [refusal]
    sleeps = Sleeps()
    with pytest.raises(error):
        send_file(client, path, idempotency_key="k", patience=sleeps.patience())
    assert sleeps.slept == []


def test_what_cannot_be_sent_is_refused_before_anything_is_asked(
    client: BlockingClient, node: EvidenceNode, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "hidden\u202efdp.exe").touch()
    for name in ("pipe", "missing", "."):
        with pytest.raises(UsageError):
            send_file(client, (tmp_path / name).absolute(), idempotency_key="k")
    for name in ("hidden\u202efdp.exe", ".bashrc"):
        with pytest.raises(MalformedError):
            send_file(client, tmp_path / name, idempotency_key="k")
    assert node.answered == []


def test_how_far_it_is_is_told_from_the_first_to_the_last_byte(
    client: BlockingClient, path: Path
) -> None:
    told: list[Progress] = []
    send_file(client, path, idempotency_key="k", on_progress=told.append)
    whole = len(CONTENT)
    assert told[0] == Progress(Phase.SENDING, 0, whole)
    assert told[-1] == Progress(Phase.SENDING, whole, whole)


class TestPatience:
    def test_pauses_double_up_to_a_limit_and_start_anew_after_progress(self) -> None:
        sleeps = Sleeps()
        attempts = Attempts(sleeps.patience(), remedy="again")
        for _ in range(7):
            attempts.failed(UnreachableError("x"))
        attempts.progressed()
        attempts.failed(UnreachableError("x"))
        assert sleeps.slept == [0.5, 1, 2, 4, 8, 10, 10, 0.5]

    def test_it_ends_after_so_long_without_progress(self) -> None:
        sleeps = Sleeps()
        attempts = Attempts(sleeps.patience(limit_s=25), remedy="do this")
        for _ in range(3):
            attempts.failed(MaintenanceError("x", retry_after_s=10))
        with pytest.raises(UnreachableError, match=r"25 s.*because of x; do this"):
            attempts.failed(MaintenanceError("x", retry_after_s=10))
        assert sleeps.slept == [10, 10, 5]

    def test_hours_in_which_bytes_moved_are_not_counted(self) -> None:
        now = 0.0
        patience = Patience(limit_s=100, sleep=lambda _: None, clock=lambda: now)
        attempts = Attempts(patience, remedy="again")
        attempts.failed(UnreachableError("x"))
        with attempts.moving():
            now = 7200.0
        attempts.failed(UnreachableError("x"))
        now += 100
        with pytest.raises(UnreachableError):
            attempts.failed(UnreachableError("x"))
