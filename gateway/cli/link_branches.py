"""Commands about other systems that this node serves."""

from gateway.cli.declare import Branch, Leaf

FOLDER = Branch(
    "Messages as files, for systems that can't use the API.",
    "mla-gateway folder run",
    {
        "check": Leaf(
            "folder:check", "Whether the folder, its account and the node fit together."
        ),
        "run": Leaf("folder:run", "Watch the folder until told to stop."),
    },
)

WEBHOOK = Branch(
    "Systems that are told of every change.",
    "mla-gateway webhook list",
    {
        "add": Leaf("webhooks:add", "Add an endpoint; its secret is shown once."),
        "list": Leaf("webhooks:list_all", "All endpoints, and how they stand."),
        "show": Leaf("webhooks:show", "An endpoint, and how calls of it went."),
        "test": Leaf("webhooks:test", "Call an endpoint with a test."),
        "replay": Leaf("webhooks:replay", "Call an endpoint again."),
        "rotate": Leaf("webhooks:rotate", "Give an endpoint a new secret."),
        "remove": Leaf("webhooks:remove", "Tell an endpoint nothing any more."),
    },
)
