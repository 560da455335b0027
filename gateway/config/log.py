"""Settings of the audit log: rounds, witnesses, time stamps."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.config.witnesses import ALL_PEERS, parse_witnesses
from gateway.core.values import parse_service_url


class LogSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The audit log."""

    round_minutes: Annotated[
        int,
        Meta(
            description="If the log grew, a checkpoint for witnesses and for the "
            "archive is signed this often. In minutes.",
            ge=5,
            le=60,
        ),
    ] = 5
    witnesses: Annotated[
        tuple[str, ...],
        Meta(
            description='Who is asked to cosign those checkpoints: "peers" for every '
            "enrolled peer, the id of a peer, or address and vkeys of a C2SP witness "
            'that is no peer: "https://host VKEY [VKEY]". At most 32.',
            examples=[["peers"]],
            extra={"check": parse_witnesses},
        ),
    ] = (ALL_PEERS,)
    quorum: Annotated[
        int,
        Meta(
            description="How many of them must have cosigned; fewer by the next such "
            "checkpoint is an alarm. Delivery never waits for them. 0 demands none.",
            ge=0,
            le=32,
        ),
    ] = 0
    tsa: Annotated[
        str | None,
        Meta(
            description="A time-stamping authority (RFC 3161) that stamps checkpoints "
            "of the log: http://host/path or https://host/path. Needs tsa_ca, and the "
            "extra tsa to be installed.",
            examples=["http://tsa.example.org/tsr"],
            extra={"check": parse_service_url},
        ),
    ] = None
    tsa_ca: Annotated[
        Path | None,
        Meta(
            description="PEM file of the certificate authorities under which its "
            "stamps are believed; relative to the home folder.",
            examples=["tsa-ca.pem"],
        ),
    ] = None
    tsa_hours: Annotated[
        int,
        Meta(
            description="How often the log is stamped, if it grew. In hours.",
            ge=1,
            le=744,
        ),
    ] = 24
