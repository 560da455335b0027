"""`treaty` and `profile` on the command line."""

from pathlib import Path

import pytest

from gateway.admin import legal_shapes
from gateway.config.legal_samples import profile_sample, treaties_sample
from tests.support.command_line import run, run_at
from tests.support.scripted_api import ScriptedApi

PROFILE = legal_shapes.Profile(
    languages=("pt", "en"),
    time_zone="Europe/Lisbon",
    weekend=("SAT", "SUN"),
    emergency=legal_shapes.ProfileContact(name="Duty", phone="+351 1"),
    max_evidence_mib=100,
    units=(legal_shapes.ProfileUnit(names={"en": "Office"}, kind="CENTRAL"),),
    updated="2026-11-28",
)


def test_countries_are_listed_with_what_is_in_force(api: ScriptedApi) -> None:
    api.answers["list_treaties"] = legal_shapes.TreatyOverview(
        items=(
            legal_shapes.CountryLine(
                country="FR", listed=True, in_force=("UNTOC", "COE1959"), conflicts=1
            ),
            legal_shapes.CountryLine(country="PT", listed=False, peers=("pgr.pt",)),
        ),
        shipped="2026.1",
    )

    done = run_at(api, "treaty", "list")

    assert "UNTOC, COE1959" in done.stdout
    assert "nothing is said" in done.stdout
    assert "demands: 2026.1" in done.stderr
    assert run_at(api, "treaty", "list", "--json").document()["shipped"] == "2026.1"


def test_a_country_is_shown_with_what_its_peers_publish(api: ScriptedApi) -> None:
    api.answers["show_treaties"] = legal_shapes.Country(
        country="PT",
        listed=True,
        complete=True,
        treaties=(
            legal_shapes.TreatyLine(
                instrument="UNTOC", in_force=True, since="2004-06-09"
            ),
        ),
        reservations=(
            legal_shapes.ReservationLine(
                instrument="COE1959", article="16(2)", text="Words.", effect="note"
            ),
        ),
        peers=(
            legal_shapes.PublishedProfile(
                peer="pgr.pt", profile=PROFILE, conflicts=("languages: differ",)
            ),
            legal_shapes.PublishedProfile(peer="mj.pt"),
        ),
    )

    done = run_at(api, "treaty", "show", "pt")

    assert api.last.segments["country"] == "PT"
    for text in (
        "2004-06-09",
        "COE1959 16(2)",
        "is not in force",
        "Duty, +351 1",
        "100 MiB at most",
        "CONFLICT  languages: differ",
        "no service profile",
    ):
        assert text in done.stdout


def test_an_instrument_is_shown_without_a_node(tmp_path: Path) -> None:
    done = run("--home", str(tmp_path), "treaty", "show", "untoc")

    assert done.exit_code == 0
    assert "18(15)(c)" in done.stdout
    assert "not for A10 or A12 alone" in done.stdout
    assert "R07 by 18(22)" in done.stdout
    shown = run("--home", str(tmp_path), "treaty", "show", "EEV", "--json").document()
    demands = shown["demands"]
    assert isinstance(demands, list)
    assert {one["if_missing"] for one in demands} == {"refused"}


def test_what_is_neither_is_refused(tmp_path: Path) -> None:
    done = run("--home", str(tmp_path), "treaty", "show", "NATO")

    assert done.exit_code == 2
    assert "expected a country like FR, or one of UNTOC" in done.stderr


@pytest.mark.parametrize("word", ["treaty", "profile"])
def test_a_file_is_checked_without_a_node(tmp_path: Path, word: str) -> None:
    text = treaties_sample() if word == "treaty" else profile_sample()
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(text)
    bad.write_text("colour = 1\n")

    done = run(word, "check", str(good))
    assert (done.exit_code, done.stderr) == (0, "no problem found\n")
    done = run(word, "check", str(bad))
    assert done.exit_code == 1
    assert f"{bad}" in done.stdout
    assert "no such key" in done.stdout
    assert run(word, "check", str(bad), "--json").document()["problems"]


@pytest.mark.parametrize("is_published", [True, False])
def test_our_profile_is_shown(
    api: ScriptedApi,
    is_published: bool,  # noqa: FBT001 - a column of the table
) -> None:
    api.answers["show_profile"] = legal_shapes.OwnProfile(
        profile=PROFILE, card_number=4, published=is_published
    )

    done = run_at(api, "profile", "show")

    assert "Europe/Lisbon" in done.stdout
    told = "as published with card 4" if is_published else "not yet as in card 4"
    assert told in done.stderr
    document = run_at(api, "profile", "show", "--json").document()
    assert document["published"] is is_published
