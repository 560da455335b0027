"""The ZIP file of a bundle: one spelling, limits first, nothing odd."""

import struct
import zipfile
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import MalformedError, NotFoundError, TooLargeError
from gateway.verifier import archive as archives
from tests.support.bundles import pack, unpack

FILES = {"a.txt": b"first", "b/c": b"", "b/d.bin": bytes(range(256))}


def read(raw: bytes) -> dict[str, bytes]:
    return unpack(raw, lambda _: 1_000)


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = 0) -> bytes:
    """Return what another program packs."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for member, content in members:
            archive.writestr(member, content)
    return buffer.getvalue()


def local(name: bytes, content: bytes, **fields: int) -> bytes:
    """Return a file as it lies in an archive, with fields of its header changed."""
    header = {
        "version": 20,
        "flags": 0,
        "method": 0,
        "time": 0,
        "date": 33,
        "crc": zlib.crc32(content),
        "packed": len(content),
        "size": len(content),
        "name_length": len(name),
        "extra": 0,
    }
    values = (header | fields).values()
    return struct.pack("<4s5H3I2H", b"PK\x03\x04", *values) + name + content


def test_an_archive_reads_back_here_and_elsewhere() -> None:
    raw = pack(FILES)
    assert read(raw) == FILES
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        assert {info.date_time for info in archive.infolist()} == {
            (1980, 1, 1, 0, 0, 0),
        }
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100600}


@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9.-]{0,8}(/[a-z0-9]{1,8})?", fullmatch=True),
        st.binary(max_size=50),
        max_size=8,
    ),
)
def test_any_files_read_back(files: dict[str, bytes]) -> None:
    assert read(pack(files)) == files


@given(st.binary(max_size=400))
def test_any_bytes_are_one_archive_or_refused(raw: bytes) -> None:
    try:
        files = read(raw)
    except (MalformedError, TooLargeError):
        return
    assert pack(files) == raw


@given(st.data())
def test_any_changed_byte_is_found(data: st.DataObject) -> None:
    raw = bytearray(pack(FILES))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises((MalformedError, TooLargeError)):
        read(bytes(raw))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (b"/etc/passwd", "not the name"),
        (b"../up", "not the name"),
        (b"a/../b", "not the name"),
        (b"a\\b", "not the name"),
        (b"C:a", "not the name"),
        (b"a\0b", "not the name"),
        (b"a/", "not the name"),
        (b".hidden", "not the name"),
        (b"", "not the name"),
        (b"a\n", "not the name"),
        ("é".encode(), "not the name"),
        (b"a" * 300, "not the name"),
    ],
)
def test_a_name_that_is_odd_is_refused(name: bytes, said: str) -> None:
    with pytest.raises(MalformedError, match=said):
        read(local(name, b"x"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"flags": 1}, "encrypted"),
        ({"flags": 1 << 6}, "encrypted"),
        ({"method": 8}, "compressed"),
        ({"method": 12}, "compressed"),
        ({"flags": 8}, "its header says more"),
        ({"flags": 1 << 11}, "its header says more"),
        ({"extra": 20}, "its header says more"),
        ({"crc": 1}, "damaged"),
        ({"packed": 2}, "damaged"),
        ({"size": 6}, "damaged"),
        ({"packed": 0xFFFFFFFF}, "damaged"),
        ({"name_length": 60_000}, "damaged"),
        ({}, "not as this program packs"),
    ],
)
def test_a_header_that_says_anything_else_is_refused(
    fields: dict[str, int],
    said: str,
) -> None:
    with pytest.raises(MalformedError, match=said):
        read(local(b"a", b"first", **fields))


@pytest.mark.parametrize("size", [1_001, 0xFFFFFFFF])
def test_a_file_over_its_limit_is_refused_before_it_is_read(size: int) -> None:
    with pytest.raises(TooLargeError, match="at most 1000"):
        read(local(b"a", b"", size=size))


def test_a_small_file_that_would_become_a_large_one_is_refused() -> None:
    bomb = zipped(("a", bytes(100_000_000)), method=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 200_000
    with pytest.raises(MalformedError, match="compressed"):
        read(bomb)


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(MalformedError, match="twice"):
        read(local(b"a", b"1") + local(b"a", b"2"))


def test_a_link_is_refused() -> None:
    link = zipfile.ZipInfo("a", (1980, 1, 1, 0, 0, 0))
    link.external_attr = 0o120777 << 16
    with pytest.raises(MalformedError, match="not as this program packs"):
        read(zipped((link, b"/etc/passwd")))


def test_files_out_of_order_are_refused() -> None:
    first, second = pack({"a": b"1"}), pack({"b": b"2"})
    with pytest.raises(MalformedError, match="not as this program packs"):
        read(second[: second.index(b"PK\x01\x02")] + first)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw + b"\0",
        lambda raw: b"#!/bin/sh\n" + raw,
        lambda raw: raw[:-2] + b"\x05\x00hello",
        lambda raw: raw.replace(
            b"PK\x05\x06", b"PK\x06\x06" + bytes(52) + b"PK\x05\x06"
        ),
        lambda raw: raw.replace(b"PK\x01\x02", b"hidden PK\x01\x02", 1),
        lambda raw: raw[: raw.index(b"PK\x05\x06")],
        lambda raw: raw[:20],
        lambda _: b"",
    ],
    ids=["behind", "before", "comment", "zip64", "between", "end", "header", "empty"],
)
def test_bytes_that_belong_to_no_file_are_refused(spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(MalformedError):
        read(spoil(pack(FILES)))


def test_a_second_directory_is_refused() -> None:
    shown, hidden = pack({"a": b"shown"}), pack({"a": b"other"})
    with pytest.raises(MalformedError):
        read(hidden + shown)


def test_the_number_of_files_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ARCHIVE_FILES", 3)
    files = {f"{number:04d}": b"" for number in range(4)}
    with pytest.raises(TooLargeError, match="more than 3 files"):
        pack(files)
    many = b"".join(local(name.encode(), b"") for name in files)
    with pytest.raises(TooLargeError, match="more than 3 files"):
        read(many)


def test_the_whole_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = pack(FILES)
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 100)
    with pytest.raises(TooLargeError, match="over"):
        pack(FILES)
    with pytest.raises(TooLargeError, match="over"):
        read(raw)


def test_a_file_is_read_within_the_limit_of_whoever_asks() -> None:
    opened = archives.Archive.open(BytesIO(pack(FILES)), lambda _: 1_000)
    assert opened.read("b/d.bin", max_bytes=256) == bytes(range(256))
    with pytest.raises(TooLargeError, match="at most 255"):
        opened.read("b/d.bin", max_bytes=255)
    with pytest.raises(NotFoundError, match="missing"):
        opened.read("none", max_bytes=1)


def test_an_archive_that_changes_under_the_check_is_noticed() -> None:
    raw = pack(FILES)
    file = BytesIO(raw)
    opened = archives.Archive.open(file, lambda _: 1_000)
    file.seek(raw.index(b"first"))
    file.write(b"First")
    with pytest.raises(MalformedError, match="changed while"):
        opened.read("a.txt", max_bytes=10)


def test_a_file_that_is_not_known_is_refused() -> None:
    def refuse(name: str) -> int:
        raise MalformedError(f"{name}: unknown")

    with pytest.raises(MalformedError, match=r"a\.txt: unknown"):
        unpack(pack(FILES), refuse)


def test_a_name_that_could_lead_elsewhere_is_not_packed() -> None:
    with pytest.raises(MalformedError):
        pack({"../up": b""})
