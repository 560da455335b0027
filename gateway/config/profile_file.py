"""Reading `profile.toml`: what the authority says of its service, for its card."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.config.legal_files import Findings, read_whole, whole_or_error
from gateway.config.reading import Problem
from gateway.core.errors import TooLargeError
from gateway.core.identity import ProfileRecord, check_profile
from gateway.core.values import DisplayName, Language
from gateway.mla.treaty.services import profile_faults

PROFILE_FILE = "profile.toml"

_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables of this file: a key that nothing obeys is an error."""


class _Emergency(_Table, frozen=True, kw_only=True):
    name: str = ""
    phone: str = ""
    email: str = ""
    languages: list[Language] = []


class _Unit(_Table, frozen=True, kw_only=True):
    names: dict[Language, DisplayName]
    kind: str = ""
    contact: str = ""
    assist: list[str] = []


class _Profile(_Table, frozen=True, kw_only=True):
    updated: str
    time_zone: str
    languages: list[Language] = []
    office_hours: str = ""
    weekend: Annotated[list[str], Meta(max_length=6)] = msgspec.field(
        default_factory=lambda: ["SAT", "SUN"]
    )
    holidays: list[str] = []
    channels: list[str] = []
    max_evidence_mib: Annotated[int, Meta(ge=0)] = 0
    note: str = ""
    emergency: _Emergency | None = None
    unit: list[_Unit] = []


def load_profile(home: Path) -> ProfileRecord | None:
    """Return the service profile of a home; None if there is no file, or it is empty.

    Raises:
        ConfigError: With every problem found, one a line, each with file and line.
    """
    file = home / PROFILE_FILE
    if not file.exists():
        return None
    return read_profile(file)


def read_profile(file: Path) -> ProfileRecord | None:
    """Return the service profile in a file; None if it says nothing.

    Raises:
        ConfigError: With every problem found, one a line, each with file and line.
    """
    return whole_or_error(*read_whole(file, _judged)).record


def profile_file_problems(file: Path) -> list[Problem]:
    """Return everything that is wrong with a service profile."""
    return read_whole(file, _judged)[1]


class _Judged(msgspec.Struct, frozen=True):
    """A profile, or that there is none: an empty file publishes nothing."""

    record: ProfileRecord | None = None


def _judged(tables: Mapping[str, object], findings: Findings) -> _Judged:
    if not tables:
        return _Judged()
    profile = findings.taken("profile", tables, _Profile)
    if profile is None:
        return _Judged()
    unknown = [day for day in profile.weekend if day not in _DAYS]
    for day in unknown:
        findings.complain("weekend", f"{day!r}, expected days like SAT")
    if unknown:
        return _Judged()
    record = findings.taken("profile", _spelled(profile), ProfileRecord)
    if record is None:
        return _Judged()
    for fault in profile_faults(record):
        place, _, text = fault.partition(": ")
        findings.complain(place, text)
    try:
        check_profile(record)
    except TooLargeError as error:
        findings.complain("profile", str(error))
    return _Judged(record)


def _spelled(profile: _Profile) -> dict[str, object]:
    """Return a profile as the card spells it."""
    spelled: dict[str, object] = {
        "channels": profile.channels,
        "holidays": sorted(set(profile.holidays)),
        "languages": profile.languages,
        "max_evidence_mib": profile.max_evidence_mib,
        "note": profile.note,
        "office_hours": profile.office_hours,
        "time_zone": profile.time_zone,
        "units": [msgspec.structs.asdict(one) for one in profile.unit],
        "updated": profile.updated,
        "weekend": sorted(_DAYS.index(day) for day in profile.weekend),
    }
    if profile.emergency is not None:
        spelled["emergency"] = msgspec.structs.asdict(profile.emergency)
    return spelled
