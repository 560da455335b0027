"""Fetching a file: a name stands for the whole, right content, or for nothing."""

import fcntl
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.admin.opening_shapes import OpenedAttachment
from gateway.client import part_files
from gateway.client.blocking import BlockingClient
from gateway.client.part_files import TargetFolder, target_folder
from gateway.client.progress import Phase, Progress
from gateway.client.transfers import check_file, fetch_file
from gateway.core.errors import (
    ConflictError,
    DamagedError,
    GatewayError,
    MalformedError,
    NotAllowedError,
    UnreachableError,
    UsageError,
    VerificationError,
)
from tests.support.evidence_node import Cut, EvidenceNode, Refusal
from tests.support.waiting import Sleeps

CONTENT = bytes(range(256)) * 1200
NAME = "records.csv"
PART = ".records.csv.part"


def _attachment(name: str = NAME, content: bytes = CONTENT) -> OpenedAttachment:
    return OpenedAttachment(
        aid="a",
        name=name,
        media_type="text/csv",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        state="verified",
    )


@pytest.fixture(autouse=True)
def _stored(node: EvidenceNode) -> None:
    node.files["m", "a"] = CONTENT


def _names(target: TargetFolder) -> list[str]:
    return sorted(path.name for path in target.path.iterdir())


def test_a_file_is_for_the_caller_alone_and_has_its_name_once_it_is_right(
    client: BlockingClient, target: TargetFolder
) -> None:
    fetched = fetch_file(client, "m", _attachment(), target)

    assert fetched.path.read_bytes() == CONTENT
    assert fetched.path.stat().st_mode & 0o777 == 0o600
    assert fetched.path.stat().st_nlink == 1
    assert _names(target) == [NAME]


def test_an_empty_file_is_one(client: BlockingClient, target: TargetFolder) -> None:
    assert fetch_file(client, "m", _attachment(content=b""), target).size == 0
    assert (target.path / NAME).read_bytes() == b""


def test_a_name_may_be_as_long_as_names_can_be(
    client: BlockingClient, target: TargetFolder
) -> None:
    name = "é" * 127
    assert fetch_file(client, "m", _attachment(name), target).path.name == name


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.integers(0, len(CONTENT) - 1), max_size=6))
def test_it_goes_on_after_every_cut_and_fetches_nothing_twice(
    client: BlockingClient, node: EvidenceNode, target: TargetFolder, cuts: list[int]
) -> None:
    (target.path / NAME).unlink(missing_ok=True)
    node.answered.clear()
    node.faults["fetch_attachment"] = [Cut(after) for after in cuts]

    patience = Sleeps().patience()
    fetch_file(client, "m", _attachment(), target, patience=patience)

    assert (target.path / NAME).read_bytes() == CONTENT
    expected = [0]
    for after in cuts:
        if expected[-1] + after >= len(CONTENT):
            break
        expected.append(expected[-1] + after)
    assert node.starts("fetch_attachment") == expected
    node.faults.clear()


@pytest.mark.parametrize("here", [1, 100_000, len(CONTENT)])
def test_a_later_run_goes_on_from_the_part_file(
    client: BlockingClient, node: EvidenceNode, target: TargetFolder, here: int
) -> None:
    (target.path / PART).write_bytes(CONTENT[:here])

    fetched = fetch_file(client, "m", _attachment(), target)

    assert fetched.path.read_bytes() == CONTENT
    assert node.starts("fetch_attachment") == ([here] if here < len(CONTENT) else [])
    assert _names(target) == [NAME]


@pytest.mark.parametrize(
    "other",
    [b"x" * 1000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 1)],
    ids=["shorter", "as-long", "longer"],
)
def test_a_part_of_another_file_costs_only_time(
    client: BlockingClient, target: TargetFolder, other: bytes
) -> None:
    (target.path / PART).write_bytes(other)
    assert fetch_file(client, "m", _attachment(), target).path.read_bytes() == CONTENT


def test_giving_up_leaves_the_part_and_not_the_name(
    client: BlockingClient, node: EvidenceNode, target: TargetFolder
) -> None:
    node.faults["fetch_attachment"] = [Cut(1000), *[Refusal("maintenance", 503)] * 9]
    patience = Sleeps().patience(limit_s=20)

    with pytest.raises(UnreachableError, match="goes on from what is here"):
        fetch_file(client, "m", _attachment(), target, patience=patience)

    assert _names(target) == [PART]
    assert (target.path / PART).read_bytes() == CONTENT[:1000]


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (Refusal("not-allowed", 403), NotAllowedError),
        (Refusal("damaged", 500), DamagedError),
        (Refusal("conflict", 409), ConflictError),
    ],
    ids=lambda value: value.code if isinstance(value, Refusal) else "",
)
def test_what_waiting_does_not_heal_ends_it_at_once(
    client: BlockingClient,
    node: EvidenceNode,
    target: TargetFolder,
    *,
    refusal: Refusal,
    error: type[GatewayError],
) -> None:
    node.faults["fetch_attachment"] = [Cut(1000), refusal]

    with pytest.raises(error):
        fetch_file(client, "m", _attachment(), target, patience=Sleeps().patience())

    assert (target.path / PART).stat().st_size == 1000


@pytest.mark.parametrize(
    "content",
    [CONTENT[:-1] + b"x", CONTENT + b"x"],
    ids=["another", "longer"],
)
def test_other_content_never_gets_the_name(
    client: BlockingClient, node: EvidenceNode, target: TargetFolder, content: bytes
) -> None:
    node.files["m", "a"] = content
    with pytest.raises(VerificationError):
        fetch_file(client, "m", _attachment(), target)
    assert NAME not in _names(target)


def test_every_listed_digest_is_compared(
    client: BlockingClient, target: TargetFolder
) -> None:
    digests = {
        "SHA-384": hashlib.sha384(CONTENT).hexdigest(),
        "SHA-512": hashlib.sha512(CONTENT).hexdigest(),
        "SHA3-256": hashlib.sha3_256(CONTENT).hexdigest(),
        "SHA3-512": hashlib.sha3_512(CONTENT).hexdigest(),
        "BLAKE2b-512": hashlib.blake2b(CONTENT).hexdigest(),
    }
    listed = {**digests, "MD5": "00", "SHA-512": digests["SHA-512"].upper()}

    fetched = fetch_file(client, "m", _attachment(), target, digests=listed)

    assert set(fetched.digests) == {*digests, "SHA-256"}
    for name in digests:
        (target.path / NAME).unlink()
        wrong = {**digests, name: "ab" * 32}
        with pytest.raises(VerificationError, match=name):
            fetch_file(client, "m", _attachment(), target, digests=wrong)
        assert _names(target) == []
        fetch_file(client, "m", _attachment(), target)


class TestTraps:
    @pytest.mark.parametrize("name", [NAME, PART])
    def test_a_link_is_neither_followed_nor_replaced(
        self, client: BlockingClient, target: TargetFolder, tmp_path: Path, name: str
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.write_bytes(b"mine")
        (target.path / name).symlink_to(elsewhere)

        with pytest.raises((ConflictError, UsageError)):
            fetch_file(client, "m", _attachment(), target)

        assert elsewhere.read_bytes() == b"mine"
        assert (target.path / name).is_symlink()

    def test_a_second_name_of_a_file_of_mine_is_not_written_to(
        self, client: BlockingClient, target: TargetFolder, tmp_path: Path
    ) -> None:
        (tmp_path / "mine").write_bytes(b"mine")
        os.link(tmp_path / "mine", target.path / PART)
        with pytest.raises(ConflictError, match="not made by an earlier run"):
            fetch_file(client, "m", _attachment(), target)
        assert (tmp_path / "mine").read_bytes() == b"mine"

    def test_a_pipe_or_what_others_can_write_is_not_gone_on_with(
        self, client: BlockingClient, target: TargetFolder
    ) -> None:
        os.mkfifo(target.path / PART)
        with pytest.raises(ConflictError):
            fetch_file(client, "m", _attachment(), target)
        (target.path / PART).unlink()
        (target.path / PART).touch()
        (target.path / PART).chmod(0o666)
        with pytest.raises(ConflictError):
            fetch_file(client, "m", _attachment(), target)

    def test_what_is_there_stays_though_it_came_meanwhile(
        self, client: BlockingClient, target: TargetFolder
    ) -> None:
        def intrude(progress: Progress) -> None:
            if progress.phase is Phase.FETCHING:
                (target.path / NAME).write_bytes(b"mine")

        with pytest.raises(ConflictError, match="nothing is overwritten"):
            fetch_file(client, "m", _attachment(), target, on_progress=intrude)
        assert (target.path / NAME).read_bytes() == b"mine"

    def test_a_part_file_exchanged_on_the_way_does_not_get_the_name(
        self, client: BlockingClient, target: TargetFolder
    ) -> None:
        def exchange(progress: Progress) -> None:
            if progress.done == progress.total:
                (target.path / PART).unlink(missing_ok=True)
                (target.path / PART).write_bytes(b"forged")

        with pytest.raises(ConflictError, match="exchanged"):
            fetch_file(client, "m", _attachment(), target, on_progress=exchange)
        assert NAME not in _names(target)

    def test_a_folder_exchanged_on_the_way_changes_nothing(
        self, client: BlockingClient, target: TargetFolder, tmp_path: Path
    ) -> None:
        (tmp_path / "other").mkdir()
        target.path.rename(tmp_path / "moved")
        target.path.symlink_to(tmp_path / "other")

        fetch_file(client, "m", _attachment(), target)

        assert list((tmp_path / "other").iterdir()) == []
        assert (tmp_path / "moved" / NAME).read_bytes() == CONTENT

    def test_two_runs_do_not_write_to_one_part_file(
        self, client: BlockingClient, target: TargetFolder
    ) -> None:
        with (target.path / PART).open("wb") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            with pytest.raises(ConflictError, match="another command"):
                fetch_file(client, "m", _attachment(), target)

    @pytest.mark.parametrize("name", ["../up", "/etc/x", ".hidden", "a\nb", "", "CON"])
    def test_a_harmful_name_is_never_used(
        self, client: BlockingClient, target: TargetFolder, name: str
    ) -> None:
        with pytest.raises(MalformedError):
            fetch_file(client, "m", _attachment(name), target)
        assert _names(target) == []

    def test_a_link_to_a_folder_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        with pytest.raises(UsageError), target_folder(tmp_path / "link"):
            pass


def test_where_files_have_one_name_only_nothing_is_replaced_either(
    target: TargetFolder,
) -> None:
    (target.path / "part").write_bytes(b"new")
    (target.path / "taken").write_bytes(b"old")

    with pytest.raises(FileExistsError):
        part_files._rename_only("part", "taken", target.descriptor)
    part_files._rename_only("part", "free", target.descriptor)

    assert (target.path / "taken").read_bytes() == b"old"
    assert (target.path / "free").read_bytes() == b"new"


class TestCheck:
    def test_a_whole_file_is_told_from_another(self, target: TargetFolder) -> None:
        (target.path / NAME).write_bytes(CONTENT)
        assert check_file(_attachment(), target).size == len(CONTENT)
        for other in (CONTENT[:-1], CONTENT[:-1] + b"x"):
            (target.path / NAME).write_bytes(other)
            with pytest.raises(VerificationError):
                check_file(_attachment(), target)

    def test_a_link_or_pipe_is_no_file(self, target: TargetFolder) -> None:
        (target.path / NAME).symlink_to("/etc/passwd")
        with pytest.raises(UsageError):
            check_file(_attachment(), target)
        (target.path / NAME).unlink()
        os.mkfifo(target.path / NAME)
        with pytest.raises(ConflictError):
            check_file(_attachment(), target)
