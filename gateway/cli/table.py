"""The table of all commands; each is loaded when it is asked for."""

from gateway.cli.case_branches import (
    ALARM,
    APPROVAL,
    CASE,
    DEADLINE,
    EVIDENCE,
    FORMS,
    PROFILE,
    REDACT,
    TREATY,
)
from gateway.cli.declare import Branch, Leaf
from gateway.cli.link_branches import FOLDER, WEBHOOK
from gateway.cli.node_branches import (
    ALERT,
    CONFIG,
    DEFINITIONS,
    KEYS,
    OPERATOR,
    PEER,
    ROOT,
    SUPPORT,
    UNIT,
)
from gateway.cli.oversight_branches import AUDIT, HOLD, RETENTION, SUBJECT
from gateway.cli.work_branches import WORK

COMMANDS = Branch(
    "Secure exchange of mutual-legal-assistance messages between authorities.",
    "mla-gateway --home /srv/mla send --to moj.fr --message request.json --wait",
    {
        "init": Leaf("node:init", "Create a node: keys, database, first operator."),
        "serve": Leaf("node:serve", "Run the node until it is told to stop."),
        "config": CONFIG,
        "recover": Leaf(
            "recover:recover",
            "Make our log whole after an old backup was restored.",
        ),
        "doctor": Leaf("doctor:doctor", "What is well, what is not, and the remedy."),
        "peer": PEER,
        "keys": KEYS,
        "root": ROOT,
        "draft": Leaf("drafts:draft", "A form to fill in, with explanations."),
        "check": Leaf("drafts:check", "Check a message without sending it."),
        "forms": FORMS,
        "treaty": TREATY,
        "profile": PROFILE,
        "send": Leaf("send:send", "Send a message."),
        "list": Leaf("messages:list_all", "Messages, newest first; metadata only."),
        "show": Leaf("messages:show", "Metadata of a message."),
        "timeline": Leaf("messages:timeline", "What happened to a message."),
        "open": Leaf("content:open_content", "Open a message; the access is logged."),
        "confirm": Leaf("queue:confirm", "The recipient has taken a message."),
        "retry": Leaf("queue:retry", "Try queued messages now."),
        "cancel": Leaf("queue:cancel", "Withdraw a message not yet tried."),
        "recall": Leaf(
            "guard:recall", "Cancel a message, or have it restricted where it went."
        ),
        **WORK,
        "case": CASE,
        "approval": APPROVAL,
        "approve": Leaf("approvals:approve", "Approve what somebody else asked for."),
        "reject": Leaf("approvals:reject", "Reject what somebody else asked for."),
        "break-glass": Leaf(
            "approvals:break_glass",
            "Approve in an emergency in place of the approver.",
        ),
        "erase": Leaf("retention:erase", "Erase messages that are ended."),
        "print": Leaf(
            "printing:print_form",
            "Print a message as an accessible PDF; the access is logged.",
        ),
        "retention": RETENTION,
        "hold": HOLD,
        "subject": SUBJECT,
        "redact": REDACT,
        "receipt": Leaf("receipts:receipt", "Every proof there is of a message."),
        "evidence": EVIDENCE,
        "deadline": DEADLINE,
        "alarm": ALARM,
        "alert": ALERT,
        "audit": AUDIT,
        "verify": Leaf("verify:verify", "Check evidence; needs no node, no network."),
        "operator": OPERATOR,
        "unit": UNIT,
        "webhook": WEBHOOK,
        "folder": FOLDER,
        "stats": Leaf("stats:stats", "Figures of the node."),
        "statistics": Leaf(
            "statistics:statistics",
            "Figures of the requests of a period, as authorities report them.",
        ),
        "demo": Leaf("demo:demo", "Two authorities on this machine exchange a case."),
        "bench": Leaf(
            "bench:bench", "Measure how fast the gateway is on this machine."
        ),
        "definitions": DEFINITIONS,
        "support": SUPPORT,
        "man": Leaf(
            "manual:man", "The manual page of a command, or all of them as files."
        ),
        "completion": Leaf("completion:completion", "Set up completion in a shell."),
    },
)
