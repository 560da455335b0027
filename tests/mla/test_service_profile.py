"""A service profile is read leniently from a peer, and checked strictly at home."""

from datetime import date

import msgspec
import pytest

from gateway.core.identity import CompetentUnit, EmergencyContact
from gateway.mla.treaty.pair import Pair, treaty_problems
from gateway.mla.treaty.services import ServiceProfile, profile_faults, profile_of
from tests.support.forms import sample
from tests.support.legal import profile_record

GOOD = profile_record("pt", "en")


def unit(*assist: str, kind: str = "") -> CompetentUnit:
    return CompetentUnit(
        assist=list(assist), contact="", kind=kind, names={"en": "An office"}
    )


def test_its_calendar_is_that_of_the_authority() -> None:
    calendar = ServiceProfile(GOOD).calendar()

    assert calendar.zone == "Europe/Lisbon"
    assert not calendar.is_assumed
    assert not calendar.is_working(date(2026, 12, 25))
    assert not calendar.is_working(date(2026, 12, 26))  # a Saturday
    assert calendar.is_working(date(2026, 12, 24))


def test_another_weekend_counts() -> None:
    record = msgspec.structs.replace(GOOD, weekend=[4])
    calendar = ServiceProfile(record).calendar()

    assert not calendar.is_working(date(2026, 11, 27))
    assert calendar.is_working(date(2026, 11, 28))


def test_what_a_peer_says_that_is_not_known_here_says_nothing() -> None:
    record = msgspec.structs.replace(
        GOOD,
        time_zone="Mars/Olympus",
        holidays=["2026-02-30", "2026-12-25"],
        channels=["PIGEON", "GATEWAY"],
    )
    profile = ServiceProfile(record)

    assert profile.calendar().is_assumed
    assert profile.calendar().zone == "UTC"
    assert profile.calendar().holidays == {date(2026, 12, 25)}
    assert profile.channels == ("GATEWAY",)


@pytest.mark.parametrize(
    ("units", "is_competent"),
    [([], True), ([unit()], True), ([unit("A10")], False), ([unit("A31")], True)],
)
def test_who_is_competent_by_its_own_word(
    units: list[CompetentUnit],
    is_competent: bool,  # noqa: FBT001 - a column of the table
) -> None:
    profile = ServiceProfile(msgspec.structs.replace(GOOD, units=units))

    assert profile.is_competent("A31") is is_competent


def test_that_nobody_is_competent_is_advice() -> None:
    record = msgspec.structs.replace(GOOD, units=[unit("A10")])
    pair = Pair(
        addressee="pgr.pt",
        country="PT",
        profile=profile_of(record),
        today=date(2026, 11, 28),
    )

    found = treaty_problems(sample("MLA_REQ", 1), pair)

    told = [one for one in found if one.code == "E_ADDR"]
    assert told
    assert not any(one.blocking for one in told)


def test_a_good_profile_has_no_faults() -> None:
    assert list(profile_faults(GOOD)) == []
    assert profile_of(None) is None


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"office_hours": "17:00-09:00"}, "office_hours"),
        ({"office_hours": "09:00-25:00"}, "office_hours"),
        ({"updated": "2026-13-01"}, "updated"),
        ({"holidays": ["2026-02-30"]}, "holidays"),
        ({"weekend": [5, 5]}, "weekend"),
        ({"channels": ["PIGEON"]}, "channels"),
        ({"units": [unit("A98")]}, "unit[0].assist"),
        ({"units": [unit(kind="KING")]}, "unit[0].kind"),
        (
            {"emergency": EmergencyContact(email="", languages=[], name="x", phone="")},
            "emergency",
        ),
    ],
)
def test_our_own_is_checked_strictly(change: dict[str, object], place: str) -> None:
    (fault,) = profile_faults(msgspec.structs.replace(GOOD, **change))

    assert fault.startswith(f"{place}: ")
