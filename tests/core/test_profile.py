"""The service profile in a card: optional, bounded, and proven like the rest."""

from dataclasses import dataclass, field

import msgspec
import pytest

from gateway.core import canonical
from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.identity import (
    Card,
    CompetentUnit,
    EmergencyContact,
    ProfileRecord,
    check_profile,
    encode_card_line,
    parse_card,
    verify_card,
)
from gateway.core.limits import MAX_PROFILE_BYTES
from gateway.core.values import Stage
from tests.support.cards import CardMaker
from tests.support.legal import profile_record

CONTACT = EmergencyContact(
    email="duty@example.ee", languages=["et"], name="Duty prosecutor", phone="+372 000"
)
PROFILE = msgspec.structs.replace(
    profile_record("et", "en"),
    emergency=CONTACT,
    units=[
        CompetentUnit(
            assist=["A10"], contact="x", kind="CENTRAL", names={"en": "Ministry"}
        )
    ],
)


@dataclass
class ProfileMaker(CardMaker):
    """Makes cards with a service profile."""

    profile: ProfileRecord | None = field(default_factory=lambda: PROFILE)

    def card(self, statement_proof: bytes, *, number: int = 1) -> Card:
        """Return a card with the profile."""
        made = super().card(statement_proof, number=number)
        return msgspec.structs.replace(made, profile=self.profile)


def test_a_profile_comes_back_as_it_was_published() -> None:
    maker = ProfileMaker()

    card = verify_card(
        maker.make(), stage=Stage.TEST, fingerprint=maker.root.fingerprint
    )

    assert card.profile == PROFILE


def test_a_card_without_one_is_spelled_as_ever() -> None:
    maker = CardMaker()

    unproven = parse_card(maker.make())

    assert unproven.card.profile is None
    assert b"profile" not in unproven.line
    assert encode_card_line(unproven.card) == unproven.line


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"languages": ["English"]}, "languages"),
        ({"holidays": ["25.12.2026"]}, "holidays"),
        ({"holidays": ["2026-12-25"] * 1_001}, "holidays"),
        ({"weekend": [7]}, "weekend"),
        ({"weekend": list(range(7))}, "weekend"),
        ({"office_hours": "nine to five"}, "office_hours"),
        ({"note": "a\nb"}, "note"),
        ({"note": "\u202eabc"}, "note"),
        ({"channels": ["gateway"]}, "channels"),
        ({"max_evidence_mib": -1}, "max_evidence_mib"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"units": [{"names": {}}]}, "units"),
    ],
)
def test_what_is_out_of_form_is_no_card(change: dict[str, object], place: str) -> None:
    spelled = msgspec.to_builtins(PROFILE) | change

    with pytest.raises(MalformedError, match=place):
        canonical.decode_as(
            canonical.encode(spelled), ProfileRecord, max_bytes=1_000_000
        )


def test_a_profile_is_bounded() -> None:
    unit = msgspec.structs.replace(PROFILE.units[0], names={"en": "é" * 200})
    large = msgspec.structs.replace(
        PROFILE,
        units=[
            msgspec.structs.replace(
                unit, names={f"{a}{b}": "é" * 200 for a in "abcd" for b in "xyz"}
            )
        ]
        * 20,
    )

    with pytest.raises(TooLargeError, match=str(MAX_PROFILE_BYTES)):
        check_profile(large)
    with pytest.raises(TooLargeError):
        parse_card(ProfileMaker(profile=large).make())
    check_profile(None)
