"""Treaties and service profiles as the shapes of the API; nothing is looked up here."""

from collections.abc import Sequence
from datetime import date

from gateway.admin import legal_shapes
from gateway.core.identity import EmergencyContact, ProfileRecord
from gateway.mla.treaty.country import CountryEntry, Standing
from gateway.ports.peers import Peer

_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def profile_shape(record: ProfileRecord) -> legal_shapes.Profile:
    """Return a service profile."""
    return legal_shapes.Profile(
        languages=tuple(record.languages),
        time_zone=record.time_zone,
        office_hours=record.office_hours,
        weekend=tuple(_DAYS[day] for day in record.weekend),
        holidays=tuple(record.holidays),
        channels=tuple(record.channels),
        max_evidence_mib=record.max_evidence_mib,
        emergency=_contact(record.emergency) if record.emergency else None,
        units=tuple(
            legal_shapes.ProfileUnit(
                names=dict(one.names),
                kind=one.kind,
                contact=one.contact,
                assist=tuple(one.assist),
            )
            for one in record.units
        ),
        note=record.note,
        updated=record.updated,
    )


def _contact(contact: EmergencyContact) -> legal_shapes.ProfileContact:
    return legal_shapes.ProfileContact(
        name=contact.name,
        phone=contact.phone,
        email=contact.email,
        languages=tuple(contact.languages),
    )


def published_of(peer: Peer, conflicts: Sequence[str]) -> legal_shapes.PublishedProfile:
    """Return what a peer publishes, and where our table contradicts it."""
    record = peer.card.profile
    return legal_shapes.PublishedProfile(
        peer=peer.authority,
        profile=profile_shape(record) if record is not None else None,
        conflicts=tuple(conflicts),
    )


def entry_of(
    country: str,
    entry: CountryEntry | None,
    peers: tuple[legal_shapes.PublishedProfile, ...],
    today: date,
) -> legal_shapes.Country:
    """Return all that is known of a country."""
    if entry is None:
        return legal_shapes.Country(country=country, listed=False, peers=peers)
    return legal_shapes.Country(
        country=country,
        listed=True,
        checked_on=_day(entry.checked_on),
        complete=entry.is_complete,
        languages=entry.languages,
        channels=entry.channels,
        treaties=tuple(
            legal_shapes.TreatyLine(
                instrument=one.instrument,
                in_force=one.binds(today),
                since=_day(one.since),
                until=_day(one.until),
                title=one.title,
                note=one.note,
            )
            for one in entry.treaties
        ),
        reservations=tuple(
            legal_shapes.ReservationLine(
                instrument=one.instrument,
                article=one.article,
                text=one.text,
                effect=one.effect.value,
                assist=tuple(sorted(one.assist)),
                languages=one.languages,
                channel=one.channel,
            )
            for one in entry.reservations
        ),
        note=entry.note,
        peers=peers,
    )


def line_of(
    country: str,
    entry: CountryEntry | None,
    peers: tuple[legal_shapes.PublishedProfile, ...],
    today: date,
) -> legal_shapes.CountryLine:
    """Return a country in short."""
    names = tuple(one.peer for one in peers)
    conflicts = sum(len(one.conflicts) for one in peers)
    if entry is None:
        return legal_shapes.CountryLine(country=country, listed=False, peers=names)
    listed = dict.fromkeys(one.instrument for one in entry.treaties)
    return legal_shapes.CountryLine(
        country=country,
        listed=True,
        checked_on=_day(entry.checked_on),
        in_force=tuple(
            code for code in listed if entry.standing(code, today) is Standing.IN_FORCE
        ),
        reservations=len(entry.reservations),
        languages=entry.languages,
        peers=names,
        conflicts=conflicts,
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
