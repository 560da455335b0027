"""Commands about the node itself: its peers, keys, settings and people."""

from gateway.cli.declare import Branch, Leaf

PEER = Branch(
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
        "incident": Leaf("halts:incident", "Stop both directions with a peer at once."),
        "exchanged": Leaf(
            "halts:exchanged",
            "What was exchanged with a peer and opened since a moment.",
        ),
        "limit": Leaf(
            "peers:limit",
            "Limit how evidence travels to and from a peer.",
        ),
        "proxy": Leaf("peers:proxy", "Say through which proxy a peer is called."),
        "log-policy": Leaf(
            "peer_logs:log_policy",
            "Change what a peer may see of logs, and what a forked log of its stops.",
        ),
        "update": Leaf("enrolment:update", "Take a newer card of a peer."),
        "remove": Leaf("enrolment:remove", "Trust a peer no more."),
    },
)

DEFINITIONS = Branch(
    "People, units, peers and views as one file.",
    "mla-gateway definitions apply definitions.toml --dry-run",
    {
        "export": Leaf(
            "definitions:export",
            "What is defined at the node, as a file that `apply` reads.",
        ),
        "apply": Leaf(
            "definitions:apply", "Make the node as a file says; show every difference."
        ),
    },
)

SUPPORT = Branch(
    "What helps those who help.",
    "mla-gateway support bundle --out mla-support.zip",
    {
        "bundle": Leaf(
            "support:bundle",
            "Write how the node is to a file that can be given to others.",
        ),
    },
)

CONFIG = Branch(
    "The configuration of the node.",
    "mla-gateway config check",
    {
        "check": Leaf("config:check", "Every problem with file and line."),
        "show": Leaf("config:show", "The effective values."),
    },
)

KEYS = Branch(
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

ROOT = Branch(
    "The root keys, on the machine where they are kept offline.",
    "mla-gateway root sign request.json --out statement.tlog-proof",
    {"sign": Leaf("root:sign", "Sign a request for a new statement.")},
)

ALERT = Branch(
    "What is not well with the node itself.",
    "mla-gateway alert list",
    {
        "list": Leaf(
            "alerts:list_all", "What is not well with the node, newest first."
        ),
        "ack": Leaf(
            "alerts:acknowledge",
            "You know of an alert; nobody is reminded of it any more.",
        ),
        "test": Leaf("alerts:test", "Send a test to everybody who is told of alerts."),
    },
)

OPERATOR = Branch(
    "The people and systems that may use the node.",
    "mla-gateway operator list",
    {
        "add": Leaf("operators:add", "Add an account."),
        "list": Leaf("operators:list_all", "All accounts."),
        "remove": Leaf("operators:remove", "Remove an account, hand over its tasks."),
        "roles": Leaf("operators:set_roles", "Give an account other roles."),
        "invite": Leaf("accounts:invite", "Make a one-time link into an account."),
        "subject": Leaf(
            "accounts:subject", "Say by what the single sign-on knows an account."
        ),
        "sessions": Leaf(
            "accounts:sessions", "Who has signed in at the console; or end that."
        ),
        "token": Leaf("operators:token", "Make a token for an account, or revoke one."),
    },
)

UNIT = Branch(
    "Units of the authority, and which cases come to them.",
    "mla-gateway unit list",
    {
        "list": Leaf(
            "units:list_all", "All units, and the rules by which cases come to them."
        ),
        "put": Leaf("units:put", "Add a unit, or change one."),
        "remove": Leaf("units:remove", "Remove a unit to which no rule leads."),
        "route": Leaf(
            "units:route", "Put rules of routing in the place of those there are."
        ),
    },
)
