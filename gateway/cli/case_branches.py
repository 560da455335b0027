"""Commands about cases, messages and what they are made of."""

from gateway.cli.declare import Branch, Leaf

CASE = Branch(
    "Where cases stand, what may be sent next, and who is named for them.",
    "mla-gateway case list --open",
    {
        "list": Leaf("cases:cases", "Cases and where they stand, newest first."),
        "show": Leaf("cases:show", "A case as a whole, and what may be sent next."),
        "readers": Leaf(
            "guard:readers", "Who is named for a case whose markings ask for names."
        ),
        "assign": Leaf(
            "units:assign", "Assign a case to another unit or other people."
        ),
        "grant": Leaf("guard:grant", "Name somebody for a case."),
        "revoke": Leaf("guard:revoke", "Take somebody off the list of a case."),
    },
)

APPROVAL = Branch(
    "What waits for a second person.",
    "mla-gateway approval list",
    {
        "list": Leaf(
            "approvals:list_all", "What waits for a second person, newest first."
        ),
        "show": Leaf("approvals:show", "One of them, with the reason that was given."),
    },
)

DEADLINE = Branch(
    "What has to be done until when.",
    "mla-gateway deadline list --within 14d",
    {
        "list": Leaf(
            "desk:deadlines", "Deadlines that we have to meet, the earliest first."
        )
    },
)

ALARM = Branch(
    "What somebody has to look at.",
    "mla-gateway alarm list",
    {
        "list": Leaf("desk:alarms", "What somebody has to look at, newest first."),
        "claim": Leaf("desk:claim", "Look after an alarm."),
        "resolve": Leaf("desk:resolve", "An alarm is dealt with."),
    },
)

FORMS = Branch(
    "The types of message there are.",
    "mla-gateway forms list",
    {
        "list": Leaf("forms:list_all", "All types of message."),
        "schema": Leaf("forms:schema", "The JSON Schema of a type."),
        "write": Leaf("forms:write", "Write all schemas and pages to a folder."),
    },
)

TREATY = Branch(
    "What is in force with whom, and what instruments demand.",
    "mla-gateway treaty show UNTOC",
    {
        "list": Leaf(
            "treaties:list_all", "What is in force with whom, by our treaty table."
        ),
        "show": Leaf(
            "treaties:show",
            "What is in force with a country, or what an instrument demands.",
        ),
        "check": Leaf(
            "treaties:check", "Every problem of a treaty table, with file and line."
        ),
    },
)

PROFILE = Branch(
    "What we publish of our service.",
    "mla-gateway profile show",
    {
        "show": Leaf("profile:show", "What we publish of our service with our card."),
        "check": Leaf(
            "profile:check", "Every problem of a service profile, with file and line."
        ),
    },
)

EVIDENCE = Branch(
    "Evidence: what came, its chain of custody, and what proves it.",
    "mla-gateway evidence check 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203",
    {
        "bundle": Leaf(
            "evidence:bundle",
            "Everything that proves messages, in one file or folder.",
        ),
        "check": Leaf(
            "custody:check", "What looking at the files of a message has shown."
        ),
        "ack": Leaf(
            "custody:ack",
            "The receipt of evidence (EVD_ACK), filled in from what was found.",
        ),
        "custody": Leaf(
            "custody:custody",
            "The chain of custody of a message's evidence; the access is logged.",
        ),
    },
    default="bundle",
)

REDACT = Branch(
    "Redacted copies that provably belong to their originals.",
    "mla-gateway redact record original.pdf copy.pdf --reason SOURCE --rule names "
    '--by "A. Tamm" --out copy.redaction.json',
    {
        "record": Leaf("redact:record", "Commit a redacted copy to its original."),
        "verify": Leaf(
            "redact:verify", "Check that a redacted copy was made of this original."
        ),
        "original": Leaf(
            "redact:original",
            "Fetch the originals that are kept with a message; the access is logged.",
        ),
    },
)
