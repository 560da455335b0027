"""Commands about the log, how long what is kept, and whom data are about."""

from gateway.cli.declare import Branch, Leaf

AUDIT = Branch(
    "The audit log.",
    "mla-gateway audit tail -f",
    {
        "tail": Leaf("audit:tail", "The newest entries."),
        "show": Leaf("audit:show", "One entry with what it discloses."),
        "verify": Leaf("audit:verify", "Hash every entry again and compare."),
        "check": Leaf(
            "audit_watch:check", "What the node has found while checking its own store."
        ),
        "owed": Leaf("audit_watch:owed", "Who owes whom a receipt, files or an event."),
        "export": Leaf("audit_export:export", "Write the log as a folder of tiles."),
        "witnesses": Leaf(
            "audit_witnesses:witnesses",
            "Who cosigns our log, up to which entry, and why not further.",
        ),
        "round": Leaf(
            "audit_witnesses:begin",
            "Sign a checkpoint now and ask all witnesses to cosign it.",
        ),
        "conflicts": Leaf(
            "audit_witnesses:conflicts",
            "Logs of peers that contradict themselves, and the proof.",
        ),
        "checkpoint": Leaf("audit:checkpoint", "A signed checkpoint as of now."),
        "stamps": Leaf(
            "audit_stamps:stamps",
            "Time stamps that there are of the log.",
        ),
        "stamp": Leaf("audit_stamps:stamp", "Get a time stamp over the log now."),
        "led-export": Leaf(
            "audit_led:led_export",
            "Write the record of processing operations for a supervisory authority.",
        ),
        "review": Leaf("audit_led:review", "Accesses that somebody should look at."),
        "prune": Leaf(
            "retention:prune",
            "Remove what people did long ago from the log.",
        ),
    },
)

RETENTION = Branch(
    "How long what is kept, and erasing what is due.",
    "mla-gateway retention preview --within 30",
    {
        "rules": Leaf(
            "keeping:rules", "How long what is kept, counted from when, and what then."
        ),
        "preview": Leaf(
            "keeping:preview",
            "What would go and when, what is held, and what is to be looked at.",
        ),
        "run": Leaf(
            "keeping:run", "Erase what is due, and report by count and digests."
        ),
        "review": Leaf(
            "keeping:review",
            "Record that a case is still needed; its period begins again.",
        ),
        "confirm": Leaf(
            "keeping:confirm",
            "The form that tells the other side what was destroyed, or given back.",
        ),
    },
)

HOLD = Branch(
    "Legal holds: what must not be erased.",
    "mla-gateway hold list",
    {
        "add": Leaf("holds:add", "Keep a case, a message or all about a person."),
        "list": Leaf("holds:list_all", "All legal holds, oldest first."),
        "lift": Leaf("holds:lift", "Lift a hold that somebody else has set."),
    },
)

SUBJECT = Branch(
    "What people may ask about data on them.",
    "mla-gateway subject requests list",
    {
        "search": Leaf(
            "subjects:search", "Look for messages that may be about a person."
        ),
        "requests": Branch(
            "The register of what people have asked.",
            "mla-gateway subject requests list",
            {
                "list": Leaf(
                    "subjects:list_requests",
                    "What people have asked, the first due first.",
                ),
                "add": Leaf("subjects:add_request", "Register a request of a person."),
                "delay": Leaf(
                    "subjects:delay_request",
                    "Delay or omit information to the person, with a reason and a "
                    "review.",
                ),
                "close": Leaf(
                    "subjects:close_request", "Close a request with its outcome."
                ),
            },
        ),
    },
)
