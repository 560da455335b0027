"""The pages of the audit log."""

from typing import Final

from gateway.console.handlers import log
from gateway.console.language import mark
from gateway.console.page import Entry, Page

LOG_PAGES: Final[tuple[Page, ...]] = (
    Page(
        name="log",
        path=log.LOG,
        needs=("log_entries",),
        answer=log.entries,
        menu=Entry(label=mark("Log"), group="records", place=10, key="l"),
    ),
    Page(
        name="log-entry",
        path=f"{log.LOG}/entries/{{index}}",
        needs=("log_entry",),
        answer=log.entry,
    ),
    Page(
        name="log-verify",
        method="POST",
        path=log.VERIFICATIONS,
        needs=("begin_log_verification",),
        answer=log.verify,
    ),
    Page(
        name="log-verification",
        path=f"{log.VERIFICATIONS}/{{job}}",
        needs=("show_job", "begin_log_verification"),
        answer=log.verification,
    ),
    Page(
        name="log-witnesses",
        path=log.WITNESSES,
        needs=("log_checkpoint", "witnesses"),
        answer=log.witnesses,
        menu=Entry(
            label=mark("Checkpoints and witnesses"), group="records", place=20, key="w"
        ),
    ),
    Page(
        name="log-round",
        method="POST",
        path=f"{log.WITNESSES}/round",
        needs=("begin_round",),
        answer=log.begin_round,
    ),
)
