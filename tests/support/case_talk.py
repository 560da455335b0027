"""A conversation of two authorities, written message by message."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.cases.messages import Message, message_of
from gateway.mla.cases.view import CaseView, view_of

REQ, RQD = "ca01.ge.example", "ca01.pt.example"
CASE = "01990000-0000-7000-8000-0000000000ca"
_BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def message_id(number: int) -> str:
    """Return an id of a message."""
    return f"01990000-0000-7000-8000-{number:012d}"


@dataclass
class Talk:
    """Messages of a case, each an hour after the one before.

    Attributes:
        entries: Their documents, as far as a state machine looks at them.
    """

    entries: list[JsonObject] = field(default_factory=list)

    def says(
        self,
        sender: str,
        msg_type: str,
        payload: JsonObject | None = None,
        *,
        to: str = "",
        knows: Iterable[str] = (),
        after_hours: int = 1,
    ) -> str:
        """Add a message; return its id."""
        number = len(self.entries) + 1
        last = self.entries[-1]["created_at"] if self.entries else None
        at = datetime.fromisoformat(str(last)) if last else _BEGIN
        at += timedelta(hours=after_hours)
        mine = [one for one in self.entries if self._sender(one) == sender]
        refs: list[JsonValue] = list(knows)
        entry: JsonObject = {
            "msg_id": message_id(number),
            "msg_type": msg_type,
            "case_id": CASE,
            "seq": len(mine) + 1,
            "from": {"authority_id": sender, "role": "REQ" if sender == REQ else "RQD"},
            "created_at": at.isoformat().replace("+00:00", "Z"),
            "refs": refs,
            "instrument": ["UNTOC"],
            "payload": payload or {},
        }
        if to:
            entry["in_reply_to"] = to
        self.entries.append(entry)
        return message_id(number)

    @staticmethod
    def _sender(entry: JsonObject) -> str:
        sender = entry["from"]
        assert isinstance(sender, dict)
        return str(sender["authority_id"])

    def messages(self) -> list[Message]:
        """Return them as a case sees them."""
        return [message_of(one) for one in self.entries]

    def view(self) -> CaseView:
        """Return the view of the case."""
        return view_of(self.messages())

    # --- what is said often ---

    def request(self, *assist: str, msg_type: str = "MLA_REQ") -> str:
        """Ask for measures M1, M2, …"""
        measures: list[JsonValue] = [
            {"measure_id": f"M{number}", "assist": kind}
            for number, kind in enumerate(assist, start=1)
        ]
        return self.says(REQ, msg_type, {"measures": measures})

    def received(self, *assist: str, msg_type: str = "MLA_REQ") -> str:
        """Ask for measures and acknowledge the request."""
        request = self.request(*assist, msg_type=msg_type)
        self.says(RQD, "ACK", to=request)
        return request

    def decide(self, request: str, **outcomes: str) -> str:
        """Decide on measures."""
        decisions: list[JsonValue] = [
            {"measure_id": name, "outcome": outcome}
            for name, outcome in outcomes.items()
        ]
        conditions: list[JsonValue] = [{"id": "K1", "code": "C01"}]
        payload: JsonObject = {"decisions": decisions}
        if "ACCEPT_COND" in outcomes.values():
            payload["conditions"] = conditions
        return self.says(RQD, "DEC", payload, to=request)

    def respond(self, request: str, *, final: bool, **results: str) -> str:
        """Answer a request; each result may name an item, as EXECUTED:item."""
        listed: list[JsonValue] = []
        for name, result in results.items():
            code, _, item = result.partition(":")
            block: JsonObject = {"measure_id": name, "result": code}
            if item:
                block["items"] = [item]
            listed.append(block)
        return self.says(RQD, "RSP", {"final": final, "results": listed}, to=request)

    def check(self, response: str, **items: str) -> str:
        """Verify items: ACCEPTED or REJECTED each."""
        listed: list[JsonValue] = [
            {"item_id": name, "result": result} for name, result in items.items()
        ]
        return self.says(REQ, "EVD_ACK", {"items": listed}, to=response)


def path_of(view: CaseView, measure: str = "") -> list[str]:
    """Return the states of a case, or of one of its measures, as texts."""
    if not measure:
        return [step.state.value for step in view.state_path]
    found = view.standing.measures[measure]
    return [step.state.value for step in found.history]
