"""Settings of the stream of log entries to a SIEM."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.core.syslog_target import parse_syslog_target


class SiemSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Log entries as syslog, without what they disclose."""

    target: Annotated[
        str | None,
        Meta(
            description="Where entries are sent as syslog (RFC 5424): tls://host:port, "
            "tcp://host:port, or udp:// to a loopback address. None are sent without "
            "it.",
            examples=["tls://siem.moj.ee:6514"],
            extra={"check": parse_syslog_target},
        ),
    ] = None
    format: Annotated[
        Literal["json", "cef"],
        Meta(description='What a message says: "json", or "cef" (ArcSight).'),
    ] = "json"
    ca: Annotated[
        Path | None,
        Meta(
            description="PEM file of the certificate authorities of the receiver, "
            "instead of those of the machine; relative to the home folder.",
            examples=["tls/siem-ca.pem"],
        ),
    ] = None
    certificate: Annotated[
        Path | None,
        Meta(
            description="PEM file of our certificate and key for a receiver that wants "
            "one, mode 0600; relative to the home folder.",
            examples=["tls/siem-client.pem"],
        ),
    ] = None
    begin: Annotated[
        Literal["first", "now"],
        Meta(
            description='Where a stream begins that never ran: with the "first" entry '
            'of the log, or with what is logged from "now" on.',
        ),
    ] = "first"
