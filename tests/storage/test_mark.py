"""The high-water mark: a file beside the database that can only help."""

import asyncio
import stat
from pathlib import Path

import pytest

from gateway.core.limits import MAX_NOTE_BYTES
from gateway.storage.mark import FileMark, mark_path


def written(path: Path, *notes: bytes) -> None:
    """Write notes one after the other."""
    mark = FileMark(path)
    for note in notes:
        asyncio.run(mark.write(note))


def read(path: Path) -> bytes | None:
    """Read the mark."""
    return asyncio.run(FileMark(path).read())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return mark_path(tmp_path / "gateway.db")


def test_the_newest_note_is_read_back(path: Path) -> None:
    assert read(path) is None
    written(path, b"first", b"second")
    assert read(path) == b"second"
    assert path.name == "gateway.db.mark"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_mark_that_cannot_be_used_stops_nobody(
    path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path.mkdir()
    assert read(path) is None
    written(path, b"note", b"note")
    told = capsys.readouterr().out
    assert told.count("log_mark_not_written") == 1
    assert "log_mark_unreadable" in told
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_no_more_is_read_than_a_note_can_have(path: Path) -> None:
    path.write_bytes(bytes(MAX_NOTE_BYTES + 1_000))
    found = read(path)
    assert found is not None
    assert len(found) == MAX_NOTE_BYTES + 1
