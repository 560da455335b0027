"""Treaty tables and service profiles for tests."""

from dataclasses import dataclass, field

from gateway.core.identity import ProfileRecord
from gateway.mla.treaty.country import TreatyTable


@dataclass
class FixedLegalFiles:
    """Says what it is told to say; implements `LegalFiles`."""

    table: TreatyTable = field(default_factory=TreatyTable)
    record: ProfileRecord | None = None

    def treaties(self) -> TreatyTable:
        """Return the treaty table."""
        return self.table

    def profile(self) -> ProfileRecord | None:
        """Return the service profile."""
        return self.record


def profile_record(*languages: str, max_evidence_mib: int = 0) -> ProfileRecord:
    """Return a profile that accepts some languages."""
    return ProfileRecord(
        channels=["GATEWAY"],
        holidays=["2026-12-25"],
        languages=list(languages),
        max_evidence_mib=max_evidence_mib,
        note="",
        office_hours="09:00-17:00",
        time_zone="Europe/Lisbon",
        units=[],
        updated="2026-11-28",
        weekend=[5, 6],
    )
