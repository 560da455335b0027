"""`treaties.toml` and `profile.toml`: everything wrong is told, with its line."""

from datetime import date
from pathlib import Path

import pytest

from gateway.config.legal_samples import (
    empty_profile,
    empty_treaties,
    profile_sample,
    treaties_sample,
)
from gateway.config.profile_file import (
    load_profile,
    profile_file_problems,
    read_profile,
)
from gateway.config.treaty_file import (
    load_treaties,
    read_treaties,
    treaty_file_problems,
)
from gateway.core.errors import ConfigError
from gateway.mla.treaty.country import Effect, Standing, TreatyTable

CONFIG = Path(__file__).parents[1] / "config"


def written(folder: Path, text: str, name: str = "treaties.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def test_the_samples_are_up_to_date() -> None:
    """Made by: python -c 'from gateway.config.legal_samples import *;
    print(treaties_sample(), end="")' > config/treaties.toml, and likewise the profile.
    """
    assert (CONFIG / "treaties.toml").read_text(encoding="utf-8") == treaties_sample()
    assert (CONFIG / "profile.toml").read_text(encoding="utf-8") == profile_sample()


def test_the_sample_table_is_taken_as_it_is_meant(tmp_path: Path) -> None:
    table = read_treaties(written(tmp_path, treaties_sample()))

    entry = table.entry("FR")
    assert entry is not None
    assert entry.standing("COE1959", date(2026, 11, 28)) is Standing.IN_FORCE
    assert entry.standing("UNCYBER", date(2026, 11, 28)) is Standing.NOT_IN_FORCE
    assert entry.standing("UNTOC", date(2026, 11, 28)) is Standing.NOT_SAID
    assert entry.reservations[0].effect is Effect.DUAL_CRIMINALITY
    assert entry.languages == ("fr", "en")
    assert entry.checked_on == date(2026, 11, 1)


def test_the_sample_profile_is_taken_as_it_is_meant(tmp_path: Path) -> None:
    record = read_profile(written(tmp_path, profile_sample()))

    assert record is not None
    assert record.languages == ["et", "en"]
    assert record.weekend == [5, 6]
    assert record.holidays[0] == "2026-12-24"
    assert record.emergency is not None
    assert record.units[0].kind == "CENTRAL"


def test_a_new_home_has_files_that_are_valid_and_say_nothing(tmp_path: Path) -> None:
    written(tmp_path, empty_treaties())
    written(tmp_path, empty_profile(), "profile.toml")

    assert load_treaties(tmp_path) == TreatyTable()
    assert load_profile(tmp_path) is None


def test_a_home_without_the_files_says_nothing_either(tmp_path: Path) -> None:
    assert load_treaties(tmp_path) == TreatyTable()
    assert load_profile(tmp_path) is None


def test_every_problem_of_a_table_is_told_with_its_line(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """\
revisoin = "x"
[country.FR]
langs = 3
[country.FRA]
[country.DE]
languages = ["de", "!"]
[country.IT]
channels = ["PIGEON"]
checked_on = 2026-11-01
[[country.IT.treaty]]
code = "NOPE"
from = 2027-01-01
to = 2026-01-01
[[country.IT.reservation]]
instrument = "UNTOC"
article = "18"
text = "x"
effect = "demands-channel"
[[country.IT.reservation]]
instrument = "UNTOC"
article = "18"
text = "x"
effect = "demands-translation"
[country.ES]
checked_on = "soon"
""",
    )

    told = [str(one).removeprefix(str(file)) for one in treaty_file_problems(file)]

    for place in (
        ":1: revisoin: no such key",
        ":2: country.FR: no such key: langs",
        ":4: country.FRA: expected a country code",
        ":5: country.DE: ",
        ":8: country.IT.channels: 'PIGEON'",
        "country.IT.treaty[0].code: 'NOPE'",
        "country.IT.treaty[0]: to: before from",
        "country.IT.reservation[0].channel: ''",
        "country.IT.reservation[1].languages: missing",
        ":24: country.ES: ",
    ):
        assert any(place in one for one in told), place
    with pytest.raises(ConfigError, match="revisoin"):
        read_treaties(file)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("country = 3", "expected tables"),
        ("revision = 3", "expected text in quotes"),
        ("[country.FR", "TOML"),
        ("[country.FR]\n[country.FR]", "TOML"),
        ("[country.FR]\ncomplete = 1", "true or false"),
        ("[country.FR]\nchecked_on = '2026-02-30'", "expected a day"),
        ("[country.FR]\n[[country.FR.treaty]]\ncode='UNTOC'\nto='2026-02-30'", "days"),
        ("[country.FR]\n[[country.FR.reservation]]\ninstrument='UNTOC'", "missing key"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    (problem,) = treaty_file_problems(written(tmp_path, text))

    assert sentence in problem.text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("languages = ['en']", "missing key: updated"),
        ("colour = 1", "no such key: colour"),
        ("updated = 2026-11-28\ntime_zone = 'UTC'\nweekend = ['SUNDAY']", "like SAT"),
        ("updated = 2026-11-28\ntime_zone = 'Mars/Olympus'", "expected a name"),
        ("updated = 2026-11-28\ntime_zone = 'UTC'\nnote = \"a\\nb\"", "form"),
        ("updated = 2026-11-28\ntime_zone = 'UTC'\noffice_hours = '9-5'", "form"),
        ("updated = 2026-11-28\ntime_zone = 'UTC'\nmax_evidence_mib = -1", ">= 0"),
    ],
)
def test_a_wrong_profile_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    (problem, *_) = profile_file_problems(written(tmp_path, text, "profile.toml"))

    assert sentence in problem.text


def test_a_profile_larger_than_a_card_bears_is_refused(tmp_path: Path) -> None:
    unit = '[[unit]]\nnames = { en = "%s" }\n' % ("x" * 200)
    one = "\n".join(f'{lang} = "{"é" * 199}"' for lang in ("aa", "bb", "cc", "dd"))
    units = "".join(f"[[unit]]\n[unit.names]\n{one}\n" for _ in range(60))
    text = f"updated = 2026-11-28\ntime_zone = 'UTC'\n{units}"

    (problem,) = profile_file_problems(written(tmp_path, text, "profile.toml"))

    assert "at most 65536" in problem.text
    assert not profile_file_problems(
        written(tmp_path, f"updated = 2026-11-28\ntime_zone = 'UTC'\n{unit}", "p.toml")
    )


def test_a_file_that_others_can_write_is_not_taken(tmp_path: Path) -> None:
    file = written(tmp_path, treaties_sample())
    file.chmod(0o666)

    with pytest.raises(ConfigError, match="others can write it"):
        load_treaties(tmp_path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    (problem,) = treaty_file_problems(tmp_path / "none.toml")

    assert "cannot be opened" in problem.text


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = written(tmp_path, "# " + "x" * (4 * 1024 * 1024))

    (problem,) = treaty_file_problems(file)

    assert "over" in problem.text
