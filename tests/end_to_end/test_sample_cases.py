"""The sample cases through two real nodes: their states, and what stops a mistake."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias, cast

import msgspec
import pytest

from gateway.admin import shapes
from gateway.admin.opening_shapes import OpenRequest
from gateway.client import calls
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import GatewayError, InvalidFormError
from gateway.core.identity.card import Card
from gateway.core.values import AuthorityId
from gateway.demo.large_item import MESSAGE_ID
from gateway.demo.script import Line, lines
from gateway.demo.stage import DemoError
from gateway.mla.problems import has, text_at, values_at
from tests.support.cards import CardMaker
from tests.support.forms import sample_cases, with_value, without
from tests.support.processes import RunningNode, running_pair, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]

PURPOSE = "E_PURPOSE"
Pair: TypeAlias = tuple[RunningNode, RunningNode]
Change: TypeAlias = Callable[[JsonObject], JsonObject]

CASES = {str(case["key"]): case for case in sample_cases()}
# Of the samples; the demonstration adds a large file and its receipt.
LINES = {
    key: [
        line
        for line in lines()
        if line.case == key and MESSAGE_ID not in {line.sample_id, line.answers}
    ]
    for key in CASES
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("pair")) as nodes:
        yield nodes


class StoppedError(Exception):
    """A message was refused before it was sent."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(*codes)
        self.codes = frozenset(map(str, codes))


@dataclass
class Stage:
    """One playing of a sample case.

    Attributes:
        pair: The side that asks, and the side that is asked.
        folder: For evidence files.
        sent: Sample id to the id on the way.
        case_id: Of the case, once it is opened.
        played: What was sent, in its order.
    """

    pair: Pair
    folder: Path
    sent: dict[str, str] = field(default_factory=dict)
    case_id: str = ""
    played: list[Line] = field(default_factory=list)

    def play(self, line: Line, change: Change | None = None) -> None:
        """Send a message, changed if asked, and wait until the other side read it."""
        sender, receiver = self.pair if line.is_from_requester else self.pair[::-1]
        form = self._form(line, change)
        send = self._send_files if line.files else self._send
        message_id = send(sender, receiver, line, form)
        self.sent[line.sample_id] = message_id
        self.played.append(line)
        until(
            lambda: bool(receiver.send(calls.show_message(message_id)).type),
            f"{line.msg_type} is read at the other side",
        )
        self.case_id = sender.send(calls.show_message(message_id)).case

    def _send(
        self, sender: RunningNode, receiver: RunningNode, _: Line, form: JsonObject
    ) -> str:
        request = shapes.SubmitRequest(to=receiver.id, message=dict(form))
        try:
            sent = sender.send(calls.submit(request, wait_s=60))
        except InvalidFormError as error:
            raise StoppedError([one.code for one in error.problems]) from error
        return sent.id

    def _send_files(
        self,
        sender: RunningNode,
        receiver: RunningNode,
        line: Line,
        form: JsonObject,
    ) -> str:
        words = ["send", "--to", receiver.id, "--message", "-", "--wait", "60"]
        for file in line.files:
            path = self.folder / file.name
            path.write_bytes(file.content)
            words += ["--attach", str(path)]
        try:
            return str(sender.node.ask(*words, text=json.dumps(form))["id"])
        except DemoError as error:
            raise StoppedError(re.findall("E_[A-Z]+", str(error))) from error

    def _form(self, line: Line, change: Change | None) -> JsonObject:
        form = deepcopy(line.form)
        if self.case_id:
            form["case_id"] = self.case_id
        if line.answers:
            form["in_reply_to"] = self.sent[line.answers]
        if line.refs:
            form["refs"] = [self.sent[one] for one in line.refs]
        return form if change is None else change(form)

    def shown(self, number: int) -> JsonObject:
        """Return the case as one side sees it."""
        shown = self.pair[number].node.ask("case", "show", self.case_id)
        return cast("JsonObject", shown)


def texts(value: JsonValue, path: str) -> list[str]:
    return [str(found) for found in values_at(value, path)]


def named(value: JsonValue, path: str, field: str, name: str) -> JsonValue:
    """Return the one block at a path of which a field has this value."""
    (found,) = [one for one in values_at(value, path) if text_at(one, field) == name]
    return found


@pytest.mark.parametrize("key", CASES)
def test_a_sample_case_takes_the_path_that_it_names(
    pair: Pair, tmp_path: Path, key: str
) -> None:
    stage = Stage(pair, tmp_path)
    for line in LINES[key]:
        if line.msg_type == "USE_RSP":
            # Asked for, and not agreed to yet.
            assert opened_for(stage, "RSP", purpose_code="RELATED_PROC") == PURPOSE
        stage.play(line)
    refused_uses(stage, key)
    expected = CASES[key]["expected"]
    for side in (0, 1):
        shown = stage.shown(side)
        check_paths(shown, expected)
        types = [line.msg_type for line in LINES[key]]
        assert texts(shown, "conversation/*/type") == types


def refused_uses(stage: Stage, key: str) -> None:
    """Use what came for something that it was not given for."""
    if key == "cyb-0001":
        third = authority_in_chile(stage.pair[0], stage.folder)
        assert PURPOSE in sent_on(stage, third)
    if key == "crr-0003":
        assert opened_for(stage, "CR_RSP", case_number="SI-K-2026-560") == PURPOSE


def check_paths(shown: JsonObject, expected: JsonValue) -> None:
    """Compare the states of a case, as one side shows it, with what is expected."""
    assert shown["state"] == text_at(expected, "final_state")
    if has(expected, "state_path"):
        path = texts(shown, "state_path/*/state")
        assert path == texts(expected, "state_path/*")
    if has(expected, "measure_states"):
        measure = named(shown, "measures/*", "id", "M3")
        path = texts(measure, "history/*/state")
        assert path == texts(expected, "measure_states/M3/*")
    if has(expected, "preservation_path"):
        track = named(shown, "sub_states/*", "procedure", "preservation")
        path = texts(track, "history/*/state")
        assert path == texts(expected, "preservation_path/*")


def authority_in_chile(one: RunningNode, folder: Path) -> str:
    """Enrol an authority of a third country, which is not reached; return its id."""
    maker = CardMaker(AuthorityId("minjus.cl"))
    card = folder / "minjus.card"
    card.write_bytes(maker.make(change=_in_chile))
    fingerprint = maker.root.fingerprint
    one.node.run("peer", "add", str(card), "--fingerprint", fingerprint)
    return str(maker.authority)


def _in_chile(card: Card) -> Card:
    urls = ["https://127.0.0.1:1"]
    return msgspec.structs.replace(card, country="CL", urls=urls)


def sent_on(stage: Stage, third: str) -> list[str]:
    """Return the codes by which an item may not go to a third country."""
    (answer, *_) = [one for one in stage.played if one.msg_type == "RSP"]
    (asked, *_) = [one for one in stage.played if one.msg_type == "MLA_REQ"]
    item, file = values_at(answer.form, "/payload/manifest/*")[0], answer.files[0]
    form = with_value(asked.form, "/payload/manifest", [item])
    form.pop("case_id", None)
    form.pop("in_reply_to", None)
    path = stage.folder / file.name
    path.write_bytes(file.content)
    words = ("send", "--to", third, "--message", "-", "--attach", str(path))
    asking, _ = stage.pair
    with pytest.raises(DemoError) as refused:
        asking.node.ask(*words, text=json.dumps(form))
    return re.findall("E_[A-Z]+", str(refused.value))


def opened_for(
    stage: Stage, of_type: str, *, purpose_code: str = "", case_number: str = ""
) -> str:
    """Return the code by which who asked may not open an answer for another use."""
    (answer, *_) = [one for one in stage.played if one.msg_type == of_type]
    request = OpenRequest(
        purpose="another matter", purpose_code=purpose_code, case_number=case_number
    )
    asking, _ = stage.pair
    with pytest.raises(GatewayError) as refused:
        asking.send(calls.open_message(stage.sent[answer.sample_id], request))
    return refused.value.code


@dataclass(frozen=True)
class Variant:
    """A sample case with one mistake, and the code that stops it.

    Attributes:
        at: Which message holds it: its type, and which of that type.
        change: Makes the mistake.
        skips: Types of earlier messages that are left out.
    """

    key: str
    at: tuple[str, int]
    change: Change
    code: str
    skips: frozenset[str] = frozenset()


def _gone(*pointers: str) -> Change:
    def change(form: JsonObject) -> JsonObject:
        for pointer in pointers:
            form = without(form, pointer)
        return form

    return change


def _set(values: JsonObject) -> Change:
    def change(form: JsonObject) -> JsonObject:
        for pointer, value in values.items():
            form = with_value(form, pointer, value)
        return form

    return change


_REASON: Final[JsonValue] = [
    {"lang": "en", "text": "Bank secrecy.", "is_translation": False}
]
_no_time_of_use = _gone("/payload/identifiers/1/at")
_other_digest = _set({"/payload/manifest/1/digests/0/value": "00" * 32})
_bank_secrecy = _set(
    {
        "/payload/decisions/1/outcome": "REFUSE",
        "/payload/decisions/1/refusal": ["R21"],
        "/payload/decisions/1/article": "none",
        "/payload/decisions/1/reason": _REASON,
    }
)
_no_statute = _gone("/payload/offences/0/statute_text")
_final = _set({"/payload/final": True})
_no_consent = _set({"/payload/cr_purpose": "EMPLOYMENT", "/payload/consent": "no"})
_no_sanctions = _gone("/payload/conviction/sanctions")
_no_such_offence = _set({"/payload/offence_ecris": "9900 00"})
_one_slot = _gone("/payload/hearing/slots/1")
_unjustified = _gone("/payload/necessity/sensitive_data_justification")
_as_it_is = _set({})


VARIANTS = {
    "an address without its time": Variant(
        "cyb-0001", ("MLA_REQ", 0), _no_time_of_use, "E_SCHEMA"
    ),
    "another digest": Variant("cyb-0001", ("RSP", 0), _other_digest, "E_HASH"),
    "answered before the conditions are": Variant(
        "cyb-0001", ("RSP", 0), _final, "E_STATE", frozenset({"CND_RSP"})
    ),
    "bank secrecy": Variant("aml-0002", ("DEC", 0), _bank_secrecy, "E_CODE"),
    "no text of law": Variant("aml-0002", ("MLA_REQ", 0), _no_statute, "E_SCHEMA"),
    "final with a measure pending": Variant("aml-0002", ("RSP", 0), _final, "E_STATE"),
    "without consent": Variant("crr-0003", ("CR_REQ", 0), _no_consent, "E_SCHEMA"),
    "no sanction": Variant("crr-0003", ("CR_NOT", 0), _no_sanctions, "E_SCHEMA"),
    "no such offence": Variant("crr-0003", ("CR_REQ", 0), _no_such_offence, "E_CODE"),
    "one slot": Variant("hrg-0004", ("HRG_REQ", 0), _one_slot, "E_SCHEMA"),
    "health without a reason": Variant(
        "hrg-0004", ("HRG_REQ", 0), _unjustified, "E_SCHEMA"
    ),
    "confirmed before the decision": Variant(
        "hrg-0004", ("HRG_CNF", 0), _as_it_is, "E_STATE", frozenset({"DEC", "CND_RSP"})
    ),
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_a_mistake_is_stopped_before_it_is_sent(
    pair: Pair, tmp_path: Path, variant: Variant
) -> None:
    stage = Stage(pair, tmp_path)
    of_type, number = variant.at
    told = LINES[variant.key]
    at = [i for i, line in enumerate(told) if line.msg_type == of_type][number]
    for line in told[:at]:
        if line.msg_type not in variant.skips:
            stage.play(line)
    before = len(pair[0].messages("out")) + len(pair[1].messages("out"))
    with pytest.raises(StoppedError) as stopped:
        stage.play(told[at], variant.change)
    assert variant.code in stopped.value.codes
    assert len(pair[0].messages("out")) + len(pair[1].messages("out")) == before
