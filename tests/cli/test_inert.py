"""Foreign text that only stands there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.inert import inert, inert_lines
from gateway.cli.output import cell, json_text, print_table


@given(st.text())
def test_whatever_comes_in_only_plain_characters_come_out(text: str) -> None:
    shown = inert(text)

    assert all(char.isprintable() or char.isspace() for char in shown)
    assert not {"\x1b", "\n", "\r", "\x9b", "\u202e", "\u2028"} & set(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ministère, Õiguskantsler, 司法", "Ministère, Õiguskantsler, 司法"),
        ("\x1b[2Jgone", "\\u001b[2Jgone"),
        ("\x9b31m", "\\u009b31m"),
        ("abc\u202efdp.exe", "abc\\u202efdp.exe"),
        ("one\ntwo\r", "one\\u000atwo\\u000d"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\udb40\\udc41"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_line_feeds_stay_where_lines_are_wanted() -> None:
    assert inert_lines("one\n\x07two") == "one\n\\u0007two"


@given(st.recursive(st.text() | st.integers(), st.lists, max_leaves=5))
def test_json_is_inert_and_means_the_same(value: object) -> None:
    text = json_text(value)

    assert inert(text) == text
    assert json.loads(text) == value


def test_a_drawn_table_takes_text_for_text_and_not_for_markup(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    print_table(("NAME",), [("[bold red]x[/] \x1b[31m",)])

    assert "[bold red]x[/] \\u001b[31m" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ({"et": "Amet", "n": 1}, "et=Amet, n=1"),
        (("a", 2), "a, 2"),
    ],
)
def test_a_cell_shows_values_as_people_read_them(value: object, text: str) -> None:
    assert cell(value) == text
