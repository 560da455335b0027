"""Which versions a node of this process speaks, as its card says."""

from msgspec import UNSET

from gateway.core.identity import CardVersions
from gateway.core.protocol import PROTOCOL_VERSION
from gateway.mla.types import declaration_digests
from gateway.mla.versions import CODE_LIST_VERSIONS, SCHEMA_VERSIONS


def spoken_versions() -> CardVersions:
    """Return the versions, and the national declarations that are in force."""
    return CardVersions(
        code_lists=" ".join(CODE_LIST_VERSIONS),
        messages=" ".join(SCHEMA_VERSIONS),
        protocol=[PROTOCOL_VERSION],
        national=dict(declaration_digests()) or UNSET,
    )
