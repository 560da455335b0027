"""National declarations are read from the home; mistakes are told with their line."""

from pathlib import Path

import pytest

from gateway.config.national import (
    load_declarations,
    put_in_force,
    read_declarations,
    read_file,
)
from gateway.config.places import key_lines
from gateway.core.errors import ConfigError
from gateway.core.limits import MAX_DECLARATION_BYTES, MAX_NATIONAL_DECLARATIONS
from gateway.mla.types import declaration_digests, message_type, use_national
from tests.support.command_line import run
from tests.support.national import NAME, TEXT


def put(home: Path, text: str, name: str = f"{NAME}.toml") -> Path:
    folder = home / "forms"
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def told(home: Path) -> list[str]:
    return [str(one) for one in read_declarations(home)[1]]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_home_without_declarations_is_in_order(tmp_path: Path) -> None:
    assert load_declarations(tmp_path) == []


def test_a_declaration_is_put_in_force(tmp_path: Path) -> None:
    put(tmp_path, TEXT)
    put(tmp_path, "not a declaration", "notes.txt")

    put_in_force(tmp_path)
    try:
        assert message_type("X_EE_NOTARY")
        assert set(declaration_digests()) == {NAME}
    finally:
        use_national({}, {})


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ('need = "if /urgency is', 'need = "when /urgency is', 'need = "when'),
        ('name = "x_ee_register"', 'name = "register"', 'name = "register"'),
        ('name = "kind"', 'name = "KIND"', 'name = "KIND"'),
        ('effect = "overridable"', 'effect = "maybe"', 'effect = "maybe"'),
        ('article = "Fees Act 12(3)"', "date = 2026-01-01", "date = 2026"),
        ('words = "missing', 'wording = "missing', "[[rules]]"),
        ('en = "Kind of deed"', "en = 1.5", "en = 1.5"),
        ('name = "kind"', 'name = "kind', 'name = "kind'),
    ],
)
def test_a_mistake_is_told_with_file_and_line(
    tmp_path: Path, old: str, new: str, at: str
) -> None:
    text = TEXT.replace(old, new, 1)
    file = put(tmp_path, text)

    places = [one.rpartition(": ")[0] for one in told(tmp_path)]

    assert any(place.startswith(f"{file}:{line_of(text, at)}") for place in places)
    with pytest.raises(ConfigError, match=r"ee-notary\.toml"):
        load_declarations(tmp_path)


def test_two_files_must_not_declare_the_same(tmp_path: Path) -> None:
    put(tmp_path, TEXT)
    put(tmp_path, TEXT, "ee-other.toml")

    assert all("declared by ee-notary already" in one for one in told(tmp_path))
    assert len(told(tmp_path)) == 2


def test_a_file_that_others_may_write_is_refused(tmp_path: Path) -> None:
    put(tmp_path, TEXT).chmod(0o622)

    assert "others can write it" in told(tmp_path)[0]


def test_a_link_a_large_file_and_a_strange_name_are_refused(tmp_path: Path) -> None:
    file = put(tmp_path, "#" * (MAX_DECLARATION_BYTES + 1))
    assert "over" in str(read_file(file)[1][0])
    link = tmp_path / "forms" / "ee-link.toml"
    link.symlink_to(file)
    assert "cannot be opened" in str(read_file(link)[1][0])
    assert "expected lower-case" in str(read_file(put(tmp_path, "", "Ä.toml"))[1][0])


def test_there_are_not_more_than_a_card_can_tell(tmp_path: Path) -> None:
    for number in range(MAX_NATIONAL_DECLARATIONS + 1):
        put(tmp_path, "", f"ee-{number}.toml")

    (one,) = told(tmp_path)
    assert "expected at most 64" in one


def test_tables_of_a_list_are_numbered() -> None:
    lines = key_lines("[[a]]\nb = 1\n[[a]]\nb = 2\n[[c.d]]\ne = 1\n[f]\ng = 1\n")

    assert lines["a[0].b"] == 2
    assert lines["a[1]"] == 3
    assert lines["a[1].b"] == 4
    assert lines["c.d[0].e"] == 6
    assert lines["f.g"] == 8


def test_commands_know_the_declarations_of_the_home(tmp_path: Path) -> None:
    put(tmp_path, TEXT)
    home = ("--home", str(tmp_path))
    try:
        listed = run(*home, "forms", "list", "--json").document()["items"]
        drafted = run(*home, "draft", "--type", "X_EE_NOTARY", "--lang", "fr")
    finally:
        use_national({}, {})

    assert isinstance(listed, list)
    assert listed[-1]["type"] == "X_EE_NOTARY"
    assert listed[-1]["declaration"] == NAME
    assert "Les actes demandés" in drafted.stdout


def test_a_command_tells_what_is_wrong_with_them(tmp_path: Path) -> None:
    put(tmp_path, TEXT.replace("X_EE_NOTARY", "NOTARY"))

    done = run("--home", str(tmp_path), "forms", "list")

    assert done.exit_code == 1
    assert "type.name: expected text like" in done.stderr
