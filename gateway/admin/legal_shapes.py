"""What the admin API tells of treaties and service profiles."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import Answer, Request


class TreatyLine(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An instrument, by the authority's own table.

    Attributes:
        since: First day in force; empty if the table does not say.
        until: Last day in force; empty if no end is in sight.
        in_force: Whether it is in force today.
    """

    instrument: str
    in_force: bool
    since: str = ""
    until: str = ""
    title: str = ""
    note: str = ""


class ReservationLine(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A reservation or declaration of that country, and what is made of it."""

    instrument: str
    article: str
    text: str
    effect: str
    assist: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channel: str = ""


class ProfileContact(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Who is reached at any hour."""

    name: str = ""
    phone: str = ""
    email: str = ""
    languages: tuple[str, ...] = ()


class ProfileUnit(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An office, and the kinds of assistance it is competent for; none are all."""

    names: dict[str, str]
    kind: str = ""
    contact: str = ""
    assist: tuple[str, ...] = ()


class Profile(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What an authority says of its service.

    Attributes:
        languages: Languages it accepts, the preferred one first; none are all.
        time_zone: Name of its time zone.
        office_hours: On its clock, on working days; empty if it does not say.
        weekend: Days of the week that it does not work, like `SAT`.
        holidays: Days that it does not work.
        channels: Codes of list CHANNEL; none if it does not say.
        max_evidence_mib: MiB of evidence with one message; 0 for no limit.
        updated: Day on which it was last looked through.
    """

    languages: tuple[str, ...] = ()
    time_zone: str = ""
    office_hours: str = ""
    weekend: tuple[str, ...] = ()
    holidays: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    max_evidence_mib: int = 0
    emergency: ProfileContact | None = None
    units: tuple[ProfileUnit, ...] = ()
    note: str = ""
    updated: str = ""


class PublishedProfile(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What a peer publishes, and where our treaty table contradicts it."""

    peer: str
    profile: Profile | None = None
    conflicts: tuple[str, ...] = ()


class Country(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a country: by our table, and by the peers that are there.

    Attributes:
        listed: Whether our table says anything of it.
        checked_on: Day on which people last compared the entry with the sources.
        complete: Whether an instrument that is not listed is not in force.
    """

    country: str
    listed: bool
    checked_on: str = ""
    complete: bool = False
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    treaties: tuple[TreatyLine, ...] = ()
    reservations: tuple[ReservationLine, ...] = ()
    note: str = ""
    peers: tuple[PublishedProfile, ...] = ()


class CountryLine(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A country in short.

    Attributes:
        in_force: Instruments in force today, by our table.
        reservations: How many reservations and declarations the table lists.
        peers: Peers that are there.
        conflicts: How many contradictions there are with what they publish.
    """

    country: str
    listed: bool
    checked_on: str = ""
    in_force: tuple[str, ...] = ()
    reservations: int = 0
    languages: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    conflicts: int = 0


class TreatyOverview(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Our treaty table in short, and every country that has a peer.

    Attributes:
        revision: Name of the version of our table; empty if it has none.
        shipped: Version of the table of what instruments demand.
    """

    items: tuple[CountryLine, ...]
    shipped: str
    revision: str = ""


class OwnProfile(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Our own service profile.

    Attributes:
        profile: As the file says it; left out if we publish none.
        card_number: Number of our card now.
        published: Whether that card says the same.
    """

    published: bool
    card_number: int
    profile: Profile | None = None


class TreatiesQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which countries; without an instrument, all."""

    instrument: Annotated[str, Meta(max_length=40)] = ""
