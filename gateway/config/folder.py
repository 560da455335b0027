"""Settings of the watched folder."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta


class FolderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The folder that `mla-gateway folder run` watches, for systems that know files."""

    root: Annotated[
        Path | None,
        Meta(
            description="The folder; relative to the home folder, better outside it. "
            "Its account is the token of the command (--token-file).",
            examples=["/srv/mla-folder"],
        ),
    ] = None
    settle_s: Annotated[
        int,
        Meta(
            description="What is dropped without a .ready file is taken once nothing "
            "in it has changed for so long. In seconds.",
            ge=1,
            le=3_600,
        ),
    ] = 10
    person_id: Annotated[
        str,
        Meta(
            max_length=100,
            description="Received messages are opened on behalf of this person, who "
            "answers for it; the log names them. Without it none are. An id such as "
            "registry-1.",
        ),
    ] = ""
    person_name: Annotated[
        str,
        Meta(
            max_length=200,
            description="Name of that person.",
        ),
    ] = ""
    person_role: Annotated[
        str,
        Meta(
            max_length=100,
            description="What that person is.",
        ),
    ] = ""
    purpose: Annotated[
        str,
        Meta(
            max_length=500,
            description="Why they are opened.",
        ),
    ] = ""
