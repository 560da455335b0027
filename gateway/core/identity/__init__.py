"""Who an authority is: root fingerprint, statement, card; pure (specification, 6).

`fingerprint` what two people compare, `statement` which online keys the root vouches
for, `history` which they ever were, `card` what an authority shows its peers,
`verification` whether to believe it.
"""

from gateway.core.identity.card import (
    Card,
    CardRoot,
    CardVersions,
    UnprovenCard,
    assemble_card,
    card_digest,
    check_profile,
    encode_card_line,
    parse_card,
)
from gateway.core.identity.fingerprint import (
    RootKeys,
    fingerprint,
    format_fingerprint,
    parse_fingerprint,
    root_keys_of,
)
from gateway.core.identity.history import (
    KeyHistory,
    VouchedKey,
    history_of,
    key_history,
)
from gateway.core.identity.names import (
    audit_origin,
    is_audit_origin,
    next_origin,
    root_origin,
    succeeds,
    witness_name,
)
from gateway.core.identity.profile import (
    CompetentUnit,
    EmergencyContact,
    ProfileRecord,
)
from gateway.core.identity.signing_keys import (
    INIT_KIND,
    KEYS_KIND,
    KeysRule,
    SigningKeys,
)
from gateway.core.identity.statement import (
    ProvenStatement,
    Statement,
    StatementRequest,
    append_statement,
    encode_request,
    parse_request,
    parse_root_log,
    prove_statement,
    verify_statement,
)
from gateway.core.identity.verification import VerifiedCard, verify_card

__all__ = [
    "INIT_KIND",
    "KEYS_KIND",
    "Card",
    "CardRoot",
    "CardVersions",
    "CompetentUnit",
    "EmergencyContact",
    "KeyHistory",
    "KeysRule",
    "ProfileRecord",
    "ProvenStatement",
    "RootKeys",
    "SigningKeys",
    "Statement",
    "StatementRequest",
    "UnprovenCard",
    "VerifiedCard",
    "VouchedKey",
    "append_statement",
    "assemble_card",
    "audit_origin",
    "card_digest",
    "check_profile",
    "encode_card_line",
    "encode_request",
    "fingerprint",
    "format_fingerprint",
    "history_of",
    "is_audit_origin",
    "key_history",
    "next_origin",
    "parse_card",
    "parse_fingerprint",
    "parse_request",
    "parse_root_log",
    "prove_statement",
    "root_keys_of",
    "root_origin",
    "succeeds",
    "verify_card",
    "verify_statement",
    "witness_name",
]
