"""Section `[retention]`: how long copies, the log and cases are kept."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.mla.retention import RetentionClass

_YEARS_100 = 36_525


class RetentionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How long copies, the log and cases are kept: `mla-gateway retention rules`."""

    backup_days: Annotated[
        int,
        Meta(
            description="No backup of the database is kept longer than this. An "
            "erasure states it as the date by which the last copy is gone. In days.",
            ge=0,
            le=3_650,
        ),
    ] = 35
    log_days: Annotated[
        int,
        Meta(
            description="Entries of the audit log younger than this are never pruned. "
            "In days.",
            ge=365,
            le=36_500,
        ),
    ] = 3_650
    withdrawn_data_days: Annotated[
        int,
        Meta(
            description="Data received of a request that we withdrew with DELETE goes "
            "this long after, by itself. In days.",
            ge=0,
            le=3,
        ),
    ] = 0
    refused_information_days: Annotated[
        int,
        Meta(
            description="Spontaneous information whose conditions we refused goes this "
            "long after, by itself. In days.",
            ge=0,
            le=3,
        ),
    ] = 0
    draft_days: Annotated[
        int,
        Meta(
            description="A message of ours that was never sent is due to be erased "
            "this long after it was written. In days.",
            ge=1,
            le=_YEARS_100,
        ),
    ] = 90
    criminal_record_days: Annotated[
        int,
        Meta(
            description="An answer about criminal records is due to be erased this "
            "long after its case was closed: the time to appeal. In days.",
            ge=0,
            le=_YEARS_100,
        ),
    ] = 90
    unused_information_days: Annotated[
        int,
        Meta(
            description="Spontaneous information that nothing came of is due to be "
            "erased this long after the reply to it. In days.",
            ge=0,
            le=_YEARS_100,
        ),
    ] = 182
    ended_without_data_days: Annotated[
        int,
        Meta(
            description="A case that was refused, withdrawn or closed without any data "
            "is due to be erased this long after its last message. In days.",
            ge=0,
            le=_YEARS_100,
        ),
    ] = 730
    transferred_evidence_days: Annotated[
        int,
        Meta(
            description="Our copy of evidence that the other side has verified is due "
            "to be looked at this long after. In days.",
            ge=0,
            le=_YEARS_100,
        ),
    ] = 45
    case_days: Annotated[
        int,
        Meta(
            description="Any other case is due to be looked at this long after its "
            "last message, and after each review. In days.",
            ge=1,
            le=_YEARS_100,
        ),
    ] = 1_096

    def periods(self) -> Mapping[RetentionClass, int]:
        """Return the days of every class of what is kept of cases."""
        return {one: int(getattr(self, one.setting)) for one in RetentionClass}
