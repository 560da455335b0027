"""Settings of the single sign-on."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from gateway.core.operators import Role

_LOOPBACK = frozenset({"localhost", "127.0.0.1"})


def check_issuer(text: str) -> None:
    """Refuse what is not an issuer: https, or http on this machine.

    Raises:
        ValueError: Another form.
    """
    parts = urlsplit(text)
    is_local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    is_plain = not (parts.query or parts.fragment) and "@" not in parts.netloc
    if text and not (
        is_plain and parts.hostname and (is_local or parts.scheme == "https")
    ):
        raise ValueError(f"{text[:80]!r}, expected like https://login.moj.ee")


def check_roles(listed: tuple[str, ...]) -> None:
    """Refuse what does not name a group and a role.

    Raises:
        ValueError: Names it.
    """
    for text in listed:
        _group(text)


def _group(text: str) -> tuple[str, Role]:
    group, _, role = text.rpartition("=")
    if not group or role not in set(Role):
        raise ValueError(f"{text[:80]!r}, expected like mla-audit=auditor")
    return group, Role(role)


class OidcSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Single sign-on of people by an OpenID Connect provider; without issuer, none."""

    issuer: Annotated[
        str,
        Meta(
            description="The provider, exactly as it names itself.",
            examples=["https://login.moj.ee"],
            max_length=500,
            extra={"check": check_issuer},
        ),
    ] = ""
    name: Annotated[
        str,
        Meta(
            description="What people call it.",
            examples=["Ministry login"],
            max_length=60,
        ),
    ] = ""
    client_id: Annotated[
        str,
        Meta(
            description="By what the provider knows this gateway. To be registered "
            "there with the address of the console and /console/sign-in/sso/callback.",
            examples=["mla-gateway"],
            max_length=255,
        ),
    ] = ""
    client_secret_file: Annotated[
        Path | None,
        Meta(
            description="File with the secret that the provider gave, readable by the "
            "gateway alone; relative to the home folder. Without, PKCE alone counts.",
            examples=["oidc.secret"],
        ),
    ] = None
    ca_file: Annotated[
        Path | None,
        Meta(
            description="PEM file of the CA of the provider, if not a public one; "
            "relative to the home folder.",
            examples=["tls/oidc-ca.pem"],
        ),
    ] = None
    subject_claim: Annotated[
        str,
        Meta(
            description="Claim that names the person and is compared with the "
            "operator's subject. One that the provider never gives to somebody else.",
            max_length=100,
        ),
    ] = "sub"
    roles_claim: Annotated[
        str,
        Meta(
            description="Claim with the person's groups. If set, a session has those "
            "roles of the account alone that a group stands for: the provider can take "
            "roles away, never give one.",
            examples=["groups"],
            max_length=100,
        ),
    ] = ""
    roles: Annotated[
        tuple[str, ...],
        Meta(
            description="Which role a group stands for, as group=role.",
            examples=[["mla-caseworkers=caseworker", "mla-audit=auditor"]],
            max_length=64,
            extra={"check": check_roles},
        ),
    ] = ()

    def role_of_group(self) -> dict[str, Role]:
        """Return which role a group stands for."""
        return dict(map(_group, self.roles))
