"""Tags need the key, and a home from before there was one gets its own."""

from pathlib import Path

from gateway.keystore.home import SUBJECT_KEY
from gateway.keystore.sealed import Secret, create_lock, open_lock
from gateway.keystore.subject_tags import TAG_BYTES, SubjectTags, load_subject_tags

PASSPHRASE = Secret(b"correct horse battery")


def test_equal_texts_of_one_kind_have_equal_tags_under_one_key() -> None:
    tags, other = SubjectTags(Secret(b"a" * 32)), SubjectTags(Secret(b"b" * 32))
    assert len(tags.tag(1, "tamm")) == TAG_BYTES
    assert tags.tag(1, "tamm") == tags.tag(1, "tamm")
    different = {
        tags.tag(1, "tamm"),
        tags.tag(2, "tamm"),
        tags.tag(1, "tam"),
        other.tag(1, "tamm"),
    }
    assert len(different) == 4


def test_an_older_home_gets_a_key_once(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    create_lock(folder, PASSPHRASE)
    first = load_subject_tags(open_lock(folder, PASSPHRASE)).tag(1, "tamm")
    assert b"tamm" not in (folder / SUBJECT_KEY).read_bytes()
    assert (folder / SUBJECT_KEY).stat().st_mode & 0o077 == 0
    assert load_subject_tags(open_lock(folder, PASSPHRASE)).tag(1, "tamm") == first
