"""Settings of deadlines and alarms."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.mla.codelists import is_code
from gateway.mla.deadlines.model import MOST_SUMMONS_DAYS, UNION_INSTRUMENTS

_DECLARED = re.compile(r"([A-Z]{2}) (\d{1,2})\Z", re.ASCII)


def check_instruments(codes: tuple[str, ...]) -> None:
    """Refuse a code that is on no list.

    Raises:
        ValueError: Names it.
    """
    for code in codes:
        if not is_code("INSTRUMENT", code):
            raise ValueError(f"{code[:40]!r}, expected codes of list INSTRUMENT")


def parse_summons_days(lines: tuple[str, ...]) -> Mapping[str, int]:
    """Return how early a summons must have arrived, by country.

    Raises:
        ValueError: Another form, or more days than a state can declare.
    """
    found = {}
    for line in lines:
        match = _DECLARED.match(line)
        if match is None or int(match[2]) > MOST_SUMMONS_DAYS:
            raise ValueError(
                f"{line[:20]!r}, expected a country and 0 to {MOST_SUMMONS_DAYS} days, "
                'like "NO 40"'
            )
        found[match[1]] = int(match[2])
    return found


class DeskSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Deadlines and alarms: what is warned of, and who is told."""

    notify: Annotated[
        tuple[str, ...],
        Meta(
            description="Program that is run for every alarm, with its arguments; it "
            "gets one JSON object on stdin, without any content of a case. Started "
            "directly, never through a shell. Empty for none.",
            examples=[["/usr/local/bin/page-duty", "--from", "mla"]],
            max_length=32,
        ),
    ] = ()
    roster: Annotated[
        Path,
        Meta(
            description="File of the persons on call, who are asked in emergencies; "
            "relative to the home folder. Read anew whenever somebody is to be asked.",
        ),
    ] = Path("roster.toml")
    claim_minutes: Annotated[
        int,
        Meta(
            description="Who does not claim an emergency within this time is followed "
            "by the next person on call. In minutes.",
            ge=1,
            le=60,
        ),
    ] = 10
    warn_days: Annotated[
        int,
        Meta(
            description="How long before its end a deadline in calendar days, or on a "
            "given date, is warned of. In days.",
            ge=0,
            le=60,
        ),
    ] = 7
    warn_working_days: Annotated[
        int,
        Meta(
            description="The same for deadlines in working days. In working days.",
            ge=0,
            le=40,
        ),
    ] = 3
    warn_hours: Annotated[
        int,
        Meta(
            description="The same for deadlines in hours. In hours.",
            ge=0,
            le=240,
        ),
    ] = 12
    receipt_hours: Annotated[
        int,
        Meta(
            description="A message that the node of its peer has not acknowledged "
            "within this time is an alarm, and put on record. In hours.",
            ge=1,
            le=720,
        ),
    ] = 24
    urgent_receipt_minutes: Annotated[
        int,
        Meta(
            description="The same for urgent messages. In minutes.",
            ge=5,
            le=1_440,
        ),
    ] = 60
    moving: Annotated[
        tuple[str, ...],
        Meta(
            description="Instruments, by their codes, under which a period that would "
            "end on a day that is not worked ends on the next that is.",
            examples=[["EIO", "EEV"]],
            max_length=64,
            extra={"check": check_instruments},
        ),
    ] = tuple(sorted(UNION_INSTRUMENTS))
    summons_days: Annotated[
        tuple[str, ...],
        Meta(
            description="How many days before the hearing a summons must have arrived, "
            "by country, where it declared less than 50 (ETS 30, article 7(3)).",
            examples=[["NO 40"]],
            max_length=300,
            extra={"check": parse_summons_days},
        ),
    ] = ()
