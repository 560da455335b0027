"""The commands of operators that work on many messages, or take long."""

from gateway.cli.declare import Branch, Leaf, Table

_JOB = Branch(
    "Long work that was asked for.",
    "mla-gateway job list --open",
    {
        "list": Leaf("jobs:list_all", "Long work that was asked for, newest first."),
        "show": Leaf("jobs:show", "How far a job is, or what came of it."),
        "cancel": Leaf("jobs:cancel", "Stop a job; what it has done stays done."),
    },
)

_BULK = Branch(
    "One action for many messages: retry, cancel, other-channel.",
    "mla-gateway bulk preview retry --peer moj.fr --state queued",
    {
        "preview": Leaf(
            "bulk:preview", "What an action on all messages of a filter would do."
        ),
        "run": Leaf("bulk:run", "Do exactly what a preview showed, as a job."),
    },
)

_VIEW = Branch(
    "Saved views of the message list.",
    "mla-gateway view list",
    {
        "list": Leaf(
            "lists:list_views",
            "Saved views of the message list: yours, and those shared with you.",
        ),
        "save": Leaf(
            "lists:save_view",
            "Keep a filter under a name; the same name again replaces it.",
        ),
        "remove": Leaf("lists:remove_view", "Forget a view of your own."),
    },
)

_MAINTENANCE = Branch(
    "Stop exchange with all peers for a while.",
    "mla-gateway maintenance show",
    {
        "start": Leaf(
            "halts:start",
            "Tell peers to come later, and send nothing, until a moment.",
        ),
        "stop": Leaf("halts:stop", "Go on with all peers now."),
        "show": Leaf(
            "halts:show", "Whether this node is being maintained, and until when."
        ),
    },
)

WORK: Table = {
    "export": Leaf("lists:export", "Metadata of all messages of a filter as a file."),
    "failures": Leaf("lists:failures", "Why messages wait or have failed, by cause."),
    "view": _VIEW,
    "bulk": _BULK,
    "job": _JOB,
    "maintenance": _MAINTENANCE,
}
"""Their place in the table of all commands is after what one message is asked of."""
