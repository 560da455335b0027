"""The roster file, and the settings of the desk."""

from datetime import date
from pathlib import Path

import pytest

from gateway.config.desk import DeskSettings, check_instruments, parse_summons_days
from gateway.config.roster import MAX_ROSTER_BYTES, read_roster
from gateway.core.errors import ConfigError
from gateway.mla.roster import Hours, Roster

ROSTER = """
[[person]]
name = "saar"
contact = "+372 5555 0001"
hours = "08:00-20:00"
days = ["mon", "fri"]
zone = "Europe/Tallinn"
absent = ["2026-12-21/2026-12-31", "2027-02-01/2027-02-01"]
substitute = "kask"

[[person]]
name = "kask"
"""


def read(folder: Path, text: str) -> Roster:
    file = folder / "roster.toml"
    file.write_text(text)
    return read_roster(file)


def test_persons_stand_in_their_order(tmp_path: Path) -> None:
    saar, kask = read(tmp_path, ROSTER).persons

    assert (saar.name, saar.contact, saar.substitute) == (
        "saar",
        "+372 5555 0001",
        "kask",
    )
    assert saar.hours == Hours.parse("08:00-20:00")
    assert saar.days == {0, 4}
    assert saar.calendar.zone == "Europe/Tallinn"
    assert saar.absences == (
        (date(2026, 12, 21), date(2026, 12, 31)),
        (date(2027, 2, 1), date(2027, 2, 1)),
    )
    assert kask.hours is None
    assert kask.days == set(range(7))
    assert kask.absences == ()


def test_no_file_is_an_empty_roster(tmp_path: Path) -> None:
    assert read_roster(tmp_path / "roster.toml") == Roster()
    assert read(tmp_path, "") == Roster()


@pytest.mark.parametrize(
    "text",
    [
        "[[person]]\n",
        '[[person]]\nname = ""\n',
        '[[person]]\nname = "a"\nphone = "1"\n',
        '[[person]]\nname = "a"\nhours = "9-5"\n',
        '[[person]]\nname = "a"\ndays = ["monday"]\n',
        '[[person]]\nname = "a"\ndays = []\n',
        '[[person]]\nname = "a"\nzone = "Mars/Base"\n',
        '[[person]]\nname = "a"\nabsent = ["2026-12-21"]\n',
        '[[person]]\nname = "a"\nabsent = ["2026-12-41/2026-12-42"]\n',
        '[[person]]\nname = "a"\nabsent = ["2026-12-31/2026-12-21"]\n',
        '[[person]]\nname = "a"\nsubstitute = "b"\n',
        '[[person]]\nname = "a"\n[[person]]\nname = "a"\n',
        "[[person]\n",
        "# " + "x" * MAX_ROSTER_BYTES,
    ],
)
def test_what_is_no_roster_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"roster\.toml: "):
        read(tmp_path, text)


def test_what_is_not_utf8_or_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roster.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError):
        read_roster(tmp_path / "roster.toml")
    with pytest.raises(ConfigError):
        read_roster(tmp_path)


def test_summons_days_are_those_that_states_declared() -> None:
    assert parse_summons_days(("NO 40", "RS 0")) == {"NO": 40, "RS": 0}
    for wrong in ("no 40", "NO", "NO 51", "NO 4O", "NO 400"):
        with pytest.raises(ValueError, match="NO 40"):
            parse_summons_days((wrong,))


def test_instruments_are_codes() -> None:
    check_instruments(DeskSettings().moving)
    with pytest.raises(ValueError, match="INSTRUMENT"):
        check_instruments(("EIO", "NOTHING"))
