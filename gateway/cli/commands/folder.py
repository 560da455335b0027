"""`folder`: messages as files, for systems that can't use the API."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_line, say
from gateway.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.settings import Settings
    from gateway.folder.service import WatchedFolder


@command("check", example="mla-gateway folder check --token-file folder.token")
@pass_invocation
def check(invocation: Invocation) -> None:
    """Whether the folder, its account and the node fit together."""
    with _folder(invocation) as folder:
        lines = folder.check()
    if invocation.as_json:
        print_json({"checks": lines})
        return
    for line in lines:
        print_line(line)


@command("run", example="mla-gateway folder run --token-file folder.token")
@pass_invocation
def run(invocation: Invocation) -> None:
    """Watch the folder until told to stop.

    What a system drops is sent, receipts, proofs and received messages come back as
    files. Run it beside the node, as a service of its own; SIGTERM ends it in good
    order, and a death at any moment loses nothing.
    """
    import os

    from gateway.folder.service import stopping
    from gateway.telemetry.logs import set_up

    settings = _settings(invocation).telemetry
    set_up(level=settings.level, style=settings.format)
    os.umask(0o027)
    with _folder(invocation) as folder, stopping() as stop:
        say(f"watching {folder.layout.root}")
        folder.run(stop)


def _settings(invocation: Invocation) -> "Settings":
    import os

    from gateway.config.reading import load_settings

    return load_settings(invocation.home, os.environ).settings


@contextmanager
def _folder(invocation: Invocation) -> "Iterator[WatchedFolder]":
    """Give the folder that the settings name.

    Raises:
        ConfigError: They name none.
    """
    from gateway.folder.layout import FolderLayout
    from gateway.folder.service import WatchedFolder

    settings = _settings(invocation).folder
    if settings.root is None:
        raise ConfigError("folder: none is set; name one with [folder] root")
    with invocation.node() as client:
        yield WatchedFolder(FolderLayout(settings.root), client, settings)
