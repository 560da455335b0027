"""The script of the demonstration: every line can be sent, its files fit its items."""

import hashlib

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.values import HexDigest
from gateway.demo import large_item
from gateway.demo.script import Line, lines
from gateway.mla.attached import AttachedFile, attachment_problems, describe, item_ids
from gateway.mla.envelope_fields import Form
from gateway.mla.problems import select, text_at, texts_at
from gateway.mla.validate import validate
from tests.support.forms import sample_messages

LINES = lines()
NO_DIGEST = HexDigest("00" * 32)


def _attached(line: Line) -> list[AttachedFile]:
    files = [
        AttachedFile(
            name=file.name,
            media_type=_media_type(line, file.name),
            size=len(file.content),
            sha256=HexDigest(hashlib.sha256(file.content).hexdigest()),
        )
        for file in line.files
    ]
    if line.generated_bytes:
        files.append(
            AttachedFile(
                name=large_item.FILE_NAME,
                media_type="application/octet-stream",
                size=line.generated_bytes,
                sha256=NO_DIGEST,
            )
        )
    return files


def _media_type(line: Line, name: str) -> str:
    (told,) = [
        text_at(item, "media_type")
        for _, item in select(line.form, "/payload/manifest/*")
        if text_at(item, "file_name") == name
    ]
    assert told is not None
    return told


def _placed(line: Line, document: JsonObject) -> JsonObject:
    """Return the form as it is played: in a case, after the message it answers."""
    place: JsonObject = {"case_id": line.sample_id}
    if line.answers:
        place["in_reply_to"] = line.answers
    return document | place


def _fail() -> str:
    raise AssertionError("an item of the script lacks an id")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.sample_id)
def test_every_line_can_be_sent_with_its_files(line: Line) -> None:
    document, problems = describe(line.form, _attached(line), new_id=_fail)

    assert problems == []
    assert validate(_placed(line, document), form=Form.AUTHOR) == []
    assert attachment_problems(document, _attached(line)) == []
    if not line.generated_bytes:
        assert document == line.form


def test_whoever_answers_answers_a_line_of_the_same_case_that_was_played() -> None:
    for number, line in enumerate(LINES):
        if line.answers:
            earlier = [each for each in LINES[:number] if each.case == line.case]
            assert line.answers in {each.sample_id for each in earlier}


def test_sample_ids_are_used_once() -> None:
    ids = [line.sample_id for line in LINES]

    assert len(ids) == len(set(ids))


def test_results_come_with_the_items_they_name() -> None:
    responses = [line for line in LINES if line.msg_type == "RSP"]

    assert [len(line.files) for line in responses] == [2, 2, 0, 2]
    for line in responses:
        named = texts_at(line.form, "/payload/results/*/items/*")
        assert set(item_ids(line.form).values()) == named
        assert not select(line.form, "/payload/manifest/*/content_text")
        assert bool(select(line.form, "/payload/manifest")) is bool(line.files)


def test_the_large_file_follows_the_first_receipt_and_is_accepted() -> None:
    types = [line.msg_type for line in LINES]
    place = types.index("EVD")
    sent, receipt = LINES[place : place + 2]

    assert types[place - 2 : place + 2] == ["RSP", "EVD_ACK", "EVD", "EVD_ACK"]
    assert sent.generated_bytes == 256 * 1024 * 1024
    assert (sent.is_from_requester, receipt.is_from_requester) == (False, True)
    assert sent.answers == LINES[place - 2].answers
    assert receipt.answers == sent.sample_id
    accepted = texts_at(receipt.form, "/payload/items/*/item_id")
    assert set(item_ids(sent.form).items()) == {
        (large_item.FILE_NAME, item_id) for item_id in accepted
    }


def test_evidence_receipts_are_about_items_that_came() -> None:
    sent: set[str] = set()
    for line in LINES:
        sent |= set(item_ids(line.form).values())
        if line.msg_type == "EVD_ACK":
            assert texts_at(line.form, "/payload/items/*/item_id") <= sent


def test_all_messages_of_the_sample_cases_are_played() -> None:
    sampled = [str(message["msg_id"]) for message in sample_messages()]
    added = {large_item.MESSAGE_ID, large_item.RECEIPT_ID}

    assert [each.sample_id for each in LINES if each.sample_id not in added] == sampled


def test_what_is_referred_to_was_played() -> None:
    for number, line in enumerate(LINES):
        assert set(line.refs) <= {each.sample_id for each in LINES[:number]}
