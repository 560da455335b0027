"""The trust list is a folder of certificates by country, or a clear refusal."""

from pathlib import Path

import pytest

from gateway.core.errors import ConfigError
from gateway.signatures.trust import read_roots
from tests.support.signed_files import signer


def test_certificates_are_found_by_country(tmp_path: Path) -> None:
    first, second = signer(), signer("A. Other", authority="Another CA")
    (tmp_path / "PT.pem").write_bytes(first.root_pem + second.root_pem)
    (tmp_path / "PT-old.pem").write_bytes(first.root_pem)
    (tmp_path / "GE.pem").write_bytes(b"Sample CA\n" + second.root_pem)

    assert read_roots(tmp_path) == {
        "PT": (first.root_der, first.root_der, second.root_der),
        "GE": (second.root_der,),
    }


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("portugal.pem", b"", "expected a name like PT.pem"),
        ("PT.crt", b"", "expected a name like PT.pem"),
        ("PT.pem", b"", "expected certificates"),
        (
            "PT.pem",
            b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n",
            "is damaged",
        ),
        ("PT.pem", bytes(1024 * 1024 + 1), "expected certificates"),
    ],
)
def test_what_is_no_trust_list_is_refused(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ConfigError, match=words):
        read_roots(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_roots(tmp_path / "nowhere")


def test_too_many_certificates_are_refused(tmp_path: Path) -> None:
    (tmp_path / "PT.pem").write_bytes(signer().root_pem * 257)

    with pytest.raises(ConfigError, match="over 256"):
        read_roots(tmp_path)
