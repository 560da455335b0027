"""Settings of webhooks: whom the node may call."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.core.addresses import parse_origin

_MOST_ORIGINS = 64


def check_origins(origins: tuple[str, ...]) -> None:
    """Refuse what is no origin.

    Raises:
        MalformedError: Names it.
    """
    for origin in origins:
        parse_origin(origin)


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Systems that are told of changes; add them with `mla-gateway webhook add`."""

    allow: Annotated[
        tuple[str, ...],
        Meta(
            description="Origins that may be called although they are on a private "
            "network or not encrypted: https://host, http://host:port. Every other "
            "endpoint has to be https and on the open network.",
            examples=[["https://cases.moj.internal", "http://127.0.0.1:8080"]],
            max_length=_MOST_ORIGINS,
            extra={"check": check_origins},
        ),
    ] = ()
    ca: Annotated[
        Path | None,
        Meta(
            description="PEM file of certificate authorities that vouch for endpoints, "
            "beside those of the machine; relative to the home folder.",
            examples=["tls/internal-ca.pem"],
        ),
    ] = None
    timeout_s: Annotated[
        int,
        Meta(
            description="A call without an answer is given up after this time and made "
            "again later. In seconds.",
            ge=1,
            le=60,
        ),
    ] = 15
    give_up_hours: Annotated[
        int,
        Meta(
            description="An endpoint that took nothing for so long is told nothing any "
            "more until a person says replay; that is an alarm. In hours.",
            ge=1,
            le=336,
        ),
    ] = 120

    def origins(self) -> frozenset[str]:
        """Return what may be called, each spelt one way."""
        return frozenset(map(parse_origin, self.allow))
