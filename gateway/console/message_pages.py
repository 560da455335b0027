"""The pages of messages: the list, one message, and what is done with it."""

from typing import Final

from gateway.console.handlers import bulk, message, message_acts, message_list, opening
from gateway.console.language import mark
from gateway.console.page import PREFIX, Entry, Page

_MESSAGES: Final = f"{PREFIX}/messages"
_MESSAGE: Final = f"{_MESSAGES}/{{id}}"

MESSAGE_PAGES: Final[tuple[Page, ...]] = (
    Page(
        name="messages",
        path=_MESSAGES,
        needs=("list_messages",),
        answer=message_list.messages,
        menu=Entry(label=mark("Messages"), group="work", place=20, key="m"),
    ),
    Page(
        name="messages-csv",
        path=f"{_MESSAGES}/export/csv",
        needs=("export_messages_csv",),
        answer=message_list.export_csv,
    ),
    Page(
        name="messages-json",
        path=f"{_MESSAGES}/export/json",
        needs=("export_messages_json",),
        answer=message_list.export_json,
    ),
    Page(
        name="view-save",
        method="POST",
        path=f"{PREFIX}/views",
        needs=("save_view",),
        answer=message_list.save_view,
    ),
    Page(
        name="view-drop",
        method="POST",
        path=f"{PREFIX}/views/{{view}}/drop",
        needs=("drop_view",),
        answer=message_list.drop_view,
    ),
    Page(
        name="bulk",
        path=bulk.BULK,
        needs=("preview_bulk", "begin_bulk"),
        answer=bulk.preview,
    ),
    Page(
        name="bulk-begin",
        method="POST",
        path=bulk.BULK,
        needs=("begin_bulk",),
        answer=bulk.begin,
    ),
    Page(
        name="message",
        path=_MESSAGE,
        needs=("show_message", "timeline", "receipts"),
        answer=message.message,
    ),
    Page(
        name="message-receipt",
        path=f"{_MESSAGE}/receipts/{{name}}",
        needs=("receipts",),
        answer=message.receipt,
    ),
    Page(
        name="message-retry",
        method="POST",
        path=f"{_MESSAGE}/retry",
        needs=("retry_message",),
        answer=message_acts.retry,
    ),
    Page(
        name="message-cancel",
        method="POST",
        path=f"{_MESSAGE}/cancel",
        needs=("cancel_message",),
        answer=message_acts.cancel,
    ),
    Page(
        name="message-confirm",
        method="POST",
        path=f"{_MESSAGE}/confirm",
        needs=("confirm_message",),
        answer=message_acts.confirm,
    ),
    Page(
        name="message-recall",
        method="POST",
        path=f"{_MESSAGE}/recall",
        needs=("recall_message",),
        answer=message_acts.recall,
    ),
    Page(
        name="message-open",
        method="POST",
        path=f"{_MESSAGE}/open",
        needs=("open_message",),
        answer=opening.opened,
    ),
    Page(
        name="message-print",
        method="POST",
        path=f"{_MESSAGE}/print",
        needs=("print_message",),
        answer=opening.printed,
    ),
    Page(
        name="message-originals",
        method="POST",
        path=f"{_MESSAGE}/originals",
        needs=("open_originals", "show_message"),
        answer=opening.originals,
    ),
    Page(
        name="message-original",
        method="POST",
        path=f"{_MESSAGE}/originals/{{aid}}",
        needs=("fetch_original",),
        answer=opening.original,
    ),
    Page(
        name="message-attachment",
        method="POST",
        path=f"{_MESSAGE}/attachments/{{aid}}",
        needs=("fetch_attachment",),
        answer=opening.attachment,
    ),
)
