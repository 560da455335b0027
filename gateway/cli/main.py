"""`mla-gateway`: the table of all commands, and how errors reach people.

An error is one sentence on stderr and an exit code; no traceback reaches a user.
"""

import io
import os
import sys

import click

from gateway.cli.declare import Branch, LazyGroup, Leaf
from gateway.cli.exits import ExitCode, exit_code_of
from gateway.cli.findings import print_problems, problem_line
from gateway.cli.inert import inert, inert_lines
from gateway.cli.invocation import Invocation
from gateway.core.errors import GatewayError, InvalidFormError, TryLaterError

PROGRAM = "mla-gateway"
DEBUG_VARIABLE = "MLA_GATEWAY_DEBUG"

_PEER = Branch(
    "Our card, and the authorities we exchange with.",
    "mla-gateway peer list",
    {
        "card": Leaf("card:show_card", "Our card, to be given to peers."),
        "fingerprint": Leaf(
            "card:show_fingerprint",
            "The fingerprint that two people compare.",
        ),
        "add": Leaf("enrolment:add", "Trust a peer whose fingerprint was compared."),
        "list": Leaf("peers:list_all", "All peers."),
        "show": Leaf("peers:show", "A peer, and how exchange with it goes."),
        "ping": Leaf("peers:ping", "Call the node of a peer."),
        "pause": Leaf("peers:pause", "Send nothing to a peer; hold what is submitted."),
        "resume": Leaf("peers:resume", "Send to a peer again."),
        "limit": Leaf(
            "peers:limit",
            "Limit how evidence travels to and from a peer.",
        ),
        "log-policy": Leaf(
            "peer_logs:log_policy",
            "Change what a peer may see of logs, and what a forked log of its stops.",
        ),
        "update": Leaf("enrolment:update", "Take a newer card of a peer."),
        "remove": Leaf("enrolment:remove", "Trust a peer no more."),
    },
)

_AUDIT = Branch(
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

_RETENTION = Branch(
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
            "The form that tells the other side what was destroyed.",
        ),
    },
)

_HOLD = Branch(
    "Legal holds: what must not be erased.",
    "mla-gateway hold list",
    {
        "add": Leaf("holds:add", "Keep a case, a message or all about a person."),
        "list": Leaf("holds:list_all", "All legal holds, oldest first."),
        "lift": Leaf("holds:lift", "Lift a hold that somebody else has set."),
    },
)

_SUBJECT = Branch(
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

_DEADLINE = Branch(
    "What has to be done until when.",
    "mla-gateway deadline list --within 14d",
    {
        "list": Leaf(
            "desk:deadlines", "Deadlines that we have to meet, the earliest first."
        )
    },
)

_ALARM = Branch(
    "What somebody has to look at.",
    "mla-gateway alarm list",
    {
        "list": Leaf("desk:alarms", "What somebody has to look at, newest first."),
        "claim": Leaf("desk:claim", "Look after an alarm."),
        "resolve": Leaf("desk:resolve", "An alarm is dealt with."),
    },
)

_OPERATOR = Branch(
    "The people and systems that may use the node.",
    "mla-gateway operator list",
    {
        "add": Leaf("operators:add", "Add an account."),
        "list": Leaf("operators:list_all", "All accounts."),
        "remove": Leaf("operators:remove", "Remove an account with all its tokens."),
        "token": Leaf("operators:token", "Make a token for an account, or revoke one."),
    },
)

_APPROVAL = Branch(
    "What waits for a second person.",
    "mla-gateway approval list",
    {
        "list": Leaf(
            "approvals:list_all", "What waits for a second person, newest first."
        ),
        "show": Leaf("approvals:show", "One of them, with the reason that was given."),
    },
)

_CASE = Branch(
    "Where cases stand, what may be sent next, and who is named for them.",
    "mla-gateway case list --open",
    {
        "list": Leaf("cases:cases", "Cases and where they stand, newest first."),
        "show": Leaf("cases:show", "A case as a whole, and what may be sent next."),
        "readers": Leaf(
            "guard:readers", "Who is named for a case whose markings ask for names."
        ),
        "grant": Leaf("guard:grant", "Name somebody for a case."),
        "revoke": Leaf("guard:revoke", "Take somebody off the list of a case."),
    },
)

_CONFIG = Branch(
    "The configuration of the node.",
    "mla-gateway config check",
    {
        "check": Leaf("config:check", "Every problem with file and line."),
        "show": Leaf("config:show", "The effective values."),
    },
)

_KEYS = Branch(
    "The keys of the node, on its machine.",
    "mla-gateway --home /srv/mla keys list",
    {
        "list": Leaf(
            "keys:list_all",
            "Our keys: what each is for, its id, until when it is used.",
        ),
        "rotate": Leaf(
            "keys:rotate",
            "Put new log, witness or TLS-CA keys in the place of the old ones.",
        ),
        "request": Leaf(
            "keys:request",
            "Ask our root keys to vouch for the keys at work and those that wait.",
        ),
        "statement": Leaf(
            "keys:statement", "Put a statement that the root keys signed into force."
        ),
    },
)

_ROOT = Branch(
    "The root keys, on the machine where they are kept offline.",
    "mla-gateway root sign request.json --out statement.tlog-proof",
    {"sign": Leaf("root:sign", "Sign a request for a new statement.")},
)

_FORMS = Branch(
    "The types of message there are.",
    "mla-gateway forms list",
    {
        "list": Leaf("forms:list_all", "All types of message."),
        "schema": Leaf("forms:schema", "The JSON Schema of a type."),
        "write": Leaf("forms:write", "Write all schemas and pages to a folder."),
    },
)

_EVIDENCE = Branch(
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

_TREATY = Branch(
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

_PROFILE = Branch(
    "What we publish of our service.",
    "mla-gateway profile show",
    {
        "show": Leaf("profile:show", "What we publish of our service with our card."),
        "check": Leaf(
            "profile:check", "Every problem of a service profile, with file and line."
        ),
    },
)

_REDACT = Branch(
    "Redacted copies that provably belong to their originals.",
    "mla-gateway redact record original.pdf copy.pdf --reason SOURCE --rule names "
    '--by "A. Tamm" --out copy.redaction.json',
    {
        "record": Leaf("redact:record", "Commit a redacted copy to its original."),
        "verify": Leaf(
            "redact:verify", "Check that a redacted copy was made of this original."
        ),
    },
)

_ALL = Branch(
    "Secure exchange of mutual-legal-assistance messages between authorities.",
    "mla-gateway --home /srv/mla send --to moj.fr --message request.json --wait",
    {
        "init": Leaf("node:init", "Create a node: keys, database, first operator."),
        "serve": Leaf("node:serve", "Run the node until it is told to stop."),
        "config": _CONFIG,
        "recover": Leaf(
            "recover:recover",
            "Make our log whole after an old backup was restored.",
        ),
        "doctor": Leaf("doctor:doctor", "What is well, what is not, and the remedy."),
        "peer": _PEER,
        "keys": _KEYS,
        "root": _ROOT,
        "draft": Leaf("drafts:draft", "A form to fill in, with explanations."),
        "check": Leaf("drafts:check", "Check a message without sending it."),
        "forms": _FORMS,
        "treaty": _TREATY,
        "profile": _PROFILE,
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
        "case": _CASE,
        "approval": _APPROVAL,
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
        "retention": _RETENTION,
        "hold": _HOLD,
        "subject": _SUBJECT,
        "redact": _REDACT,
        "receipt": Leaf("receipts:receipt", "Every proof there is of a message."),
        "evidence": _EVIDENCE,
        "deadline": _DEADLINE,
        "alarm": _ALARM,
        "audit": _AUDIT,
        "verify": Leaf("verify:verify", "Check evidence; needs no node, no network."),
        "operator": _OPERATOR,
        "stats": Leaf("stats:stats", "Figures of the node."),
        "statistics": Leaf(
            "statistics:statistics",
            "Figures of the requests of a period, as authorities report them.",
        ),
        "demo": Leaf("demo:demo", "Two authorities on this machine exchange a case."),
        "bench": Leaf(
            "bench:bench", "Measure how fast the gateway is on this machine."
        ),
        "completion": Leaf("completion:completion", "Set up completion in a shell."),
    },
)


class CommandLine(LazyGroup):
    """All commands; the last door for errors."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for.

        Raises:
            Exit: It failed; the sentence is written, and this is the exit code.
        """
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            click.echo(f"Error: {_sentence(error)}", err=True)
            _print_problems(ctx, error)
            raise click.exceptions.Exit(exit_code_of(error)) from error
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            raise  # click ends quietly: whoever read has seen enough
        except UnicodeEncodeError as error:
            click.echo("Error: an argument is not Unicode text", err=True)
            raise click.exceptions.Exit(ExitCode.USAGE) from error
        except Exception as error:
            if os.environ.get(DEBUG_VARIABLE):
                raise
            what = inert(f"{type(error).__name__}: {error}")
            text = f"Error: internal: {what}; set {DEBUG_VARIABLE}=1 to see where"
            click.echo(text, err=True)
            raise click.exceptions.Exit(ExitCode.FAILED) from error


cli = CommandLine("", _ALL)


def main() -> None:
    """Run the command line; ends the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without some character must not cost the rest of the text.
            stream.reconfigure(errors="backslashreplace")
    cli.main(prog_name=PROGRAM)


def _print_problems(ctx: click.Context, error: GatewayError) -> None:
    """Print what is wrong with a form for scripts, if that is what they asked for."""
    invocation = ctx.find_object(Invocation)
    if isinstance(error, InvalidFormError) and invocation and invocation.as_json:
        print_problems(error.problems)


def _sentence(error: GatewayError) -> str:
    """Return what a person is told."""
    text = inert_lines(str(error))
    if isinstance(error, TryLaterError):
        return f"{text}; try again in {error.retry_after_s} s"
    if isinstance(error, InvalidFormError):
        return "\n".join([text, *map(problem_line, error.problems)])
    return text
