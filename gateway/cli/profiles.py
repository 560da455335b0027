"""Service profiles, as people read them."""

from typing import TYPE_CHECKING

from gateway.cli.output import print_fields, print_line

if TYPE_CHECKING:
    from gateway.admin.legal_shapes import Profile, ProfileContact


def print_profile(profile: "Profile | None") -> None:
    """Print a profile, or that there is none."""
    if profile is None:
        print_line("no service profile")
        return
    print_fields(profile_fields(profile))


def profile_fields(profile: "Profile") -> dict[str, object]:
    """Return names and values of a profile, for people."""
    limit = profile.max_evidence_mib
    return {
        "accepts languages": profile.languages or "any",
        "time zone": profile.time_zone,
        "office hours": profile.office_hours,
        "does not work on": profile.weekend,
        "holidays": profile.holidays,
        "at any hour": _contact(profile.emergency),
        "channels": profile.channels,
        "evidence with a message": f"{limit} MiB at most" if limit else "",
        "offices": [
            " ".join(filter(None, (one.kind, *one.names.values(), one.contact)))
            for one in profile.units
        ],
        "service note": profile.note,
        "profile of": profile.updated,
    }


def _contact(contact: "ProfileContact | None") -> str:
    if contact is None:
        return ""
    parts = (contact.name, contact.phone, contact.email, "/".join(contact.languages))
    return ", ".join(filter(None, parts))
