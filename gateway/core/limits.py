"""Every number that bounds something from outside; each has a unit and a reason.

Checked before memory or processor time is spent. Specification, section 9.
"""

KIB = 1024
MIB = 1024 * KIB

# Sealed message. Held whole while its seal is checked, so this times the items of a
# batch bounds memory per peer.
MAX_ENVELOPE_BYTES = 2 * MIB
MAX_HEADER_BYTES = 64 * KIB

# One line of wrapped content keys: eight of suite 1 take 13 KiB, a larger suite more.
MAX_WRAPS_BYTES = 64 * KIB
MAX_RECIPIENT_KEYS = 8
MAX_ATTACHMENTS = 256

# The form a person fills in; the largest real request seen is below 100 KiB.
MAX_FORM_BYTES = 256 * KIB

# The signed manifest: form, names and digests of all attachments.
MAX_MANIFEST_BYTES = 1536 * KIB

# Deepest nesting of any JSON from outside; the deepest form needs 9.
MAX_JSON_DEPTH = 16

# First integer that a double can't tell from its neighbour (RFC 7493, section 2.2).
JSON_INTEGER_BOUND = 2**53

# A message waits at most this long for its peer.
MAX_MESSAGE_LIFETIME_MS = 90 * 86_400_000

# A key that opens messages is published for sealing this long, and kept until every
# message sealed to it on its last day has run out; then it is destroyed.
KEM_SEND_PERIOD_MS = 30 * 86_400_000
KEM_OPEN_AFTER_SEND_MS = 91 * 86_400_000

# Old and new log, witness and TLS-CA keys work side by side this long, so that every
# peer gets the card with the new ones by itself, even one that is away for weeks.
KEY_OVERLAP_MS = 30 * 86_400_000

# Two nodes whose clocks differ by more refuse to decide about expiry.
CLOCK_TOLERANCE_MS = 5 * 60_000

# One log entry. The tile format itself allows 65,535.
MAX_BASIS_CHARS = 60
MAX_LEAF_BYTES = 4 * KIB

# An entry of a root log: up to eight keys of 1.8 KiB each, and certificates. The tile
# format's own limit for an entry.
MAX_STATEMENT_BYTES = 64 * KIB - 1

# A signed note: three lines and up to 64 signature lines of at most 3.4 KiB.
MAX_NOTE_BYTES = 512 * KIB
MAX_NOTE_SIGNATURES = 64

# A proof file: a note, a leaf of the tile format's limit in base64, a path.
MAX_LOG_PROOF_BYTES = MAX_NOTE_BYTES + 128 * KIB

# A policy file; each post-quantum key in it takes 1.8 KiB.
MAX_POLICY_BYTES = 512 * KIB

# A card with its two proofs.
MAX_CARD_BYTES = 256 * KIB

# National declarations of one authority, and the file of one.
MAX_NATIONAL_DECLARATIONS = 64
MAX_DECLARATION_BYTES = 64 * KIB
# The service profile in a card: twenty years of holidays, and a page for each unit.
MAX_PROFILE_BYTES = 64 * KIB
MAX_PROFILE_HOLIDAYS = 1_000
MAX_PROFILE_UNITS = 64

# Delivery: one head line, then the envelopes.
MAX_DELIVERY_HEAD_BYTES = 1 * MIB
MAX_DELIVERY_BYTES = 16 * MIB
MAX_DELIVERY_ITEMS = 256
MAX_PENDING_RANGES = 64

# Answers of a peer are never larger than a delivery head twice over.
MAX_REPLY_BYTES = 2 * MIB

# Attachments: parts verify alone, the list of part digests is sent whole.
PART_BYTES = 8 * MIB
MAX_PART_LIST_BYTES = 4 * MIB
MAX_PARTS = MAX_PART_LIST_BYTES // 32
MAX_NAME_BYTES = 255

# One field of a form. Facts run to a few pages, a file number to a line.
MAX_LONG_TEXT_CHARS = 32_000
MAX_TEXT_CHARS = 1_000
MAX_REFERENCE_CHARS = 64
MAX_LIST_ITEMS = 1_000

# A form with more is hopeless; more would only fill the answer.
MAX_FORM_PROBLEMS = 100

# Why somebody goes against a rule, or does what cannot be undone.
MAX_REASON_CHARS = 500
MAX_CASE_READERS = 200

# Files on their way in that wait for a message, of one account.
MAX_UNUSED_UPLOADS = 2 * MAX_ATTACHMENTS

# Evidence that stopped coming is waited for so long: a week, and what was sent before
# a long weekend is still there after it.
PENDING_LIFETIME_MS = 7 * 86_400_000

# Messages of one peer that wait for their evidence at the same time.
MAX_PENDING_MESSAGES = 1_000

# What an operator can set for a peer: 10 Gbit/s, and a petabyte.
MAX_UPLOAD_KIB_S = 1_250_000
MIN_UPLOAD_KIB_S = 32
MAX_EVIDENCE_GIB = 1_048_576

# People and systems of one authority, and the tokens of each; the files that name
# them and the peers, with their list of digests.
MAX_OPERATOR_TOKENS = 16
MAX_TOKEN_LIFETIME_MS = 2 * 366 * 86_400_000
MAX_OPERATOR_PASSKEYS = 10
MAX_PASSKEY_BYTES = 1_024
MAX_DISPLAY_NAME_CHARS = 100
MAX_SUBJECT_CHARS = 255
MIN_PASSWORD_CHARS = 12
MAX_PASSWORD_CHARS = 256
MAX_INVITATION_MS = 24 * 3_600_000
MAX_OPERATOR_SESSIONS = 20
# Units of one authority, and the rules by which cases come to them.
MAX_UNITS = 100
MAX_UNIT_MEMBERS = 200
MAX_ROUTING_RULES = 200
MAX_RULE_VALUES = 100
MAX_KEPT_STATEMENTS = 256
MAX_HISTORY_BYTES = 32 * MIB
MAX_TRUST_FILE_BYTES = 64 * KIB
MAX_TRUST_LISTING_BYTES = 4 * MIB

# The answer of a time-stamping authority: one with its chain of RSA certificates has
# 5 to 8 kB.
MAX_STAMP_BYTES = 64 * KIB
