"""What a message says in a procedure beside the measures, for each of its subjects."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.core.canonical import JsonObject
from gateway.mla.cases.assistance import REQUESTS
from gateway.mla.cases.messages import Message
from gateway.mla.cases.model import Procedure
from gateway.mla.cases.readings import error_word, is_final
from gateway.mla.cases.standing import Standing
from gateway.mla.codelists import code_list
from gateway.mla.problems import has, text_at, texts_at, values_at

_GRANTS: Final = frozenset(
    {"ACCEPT", "ACCEPT_PART", "ACCEPT_ALT", "ACCEPT_COND", "REFUSE_PART"}
)
_STATUS_AT: Final = ("payload/result", "payload/status", "payload/outcome")

_Words = Callable[[Message, Standing], Mapping[str, str]]


def words_for(
    procedure: Procedure, message: Message, standing: Standing
) -> Mapping[str, str]:
    """Return what a message says of each subject of a procedure; empty if of none."""
    words = _WORDS.get(procedure.name, _plain)
    return words(message, standing)


def demands_of(request: JsonObject) -> set[str]:
    """Return what the kinds of assistance asked for in a request demand."""
    kinds = texts_at(request, "payload/measures/*/assist")
    return {code_list("ASSIST").column(kind, "block") for kind in kinds}


def assets_of(request: JsonObject) -> list[str]:
    """Return the ids of the assets that a request is about, in its order."""
    paths = ("payload/assets/*/asset_id", "payload/measures/*/asset/asset_id")
    return list(
        dict.fromkeys(str(one) for path in paths for one in values_at(request, path))
    )


def _plain(message: Message, _standing: Standing) -> Mapping[str, str]:
    if message.type == "ERR":
        return {"": error_word(message)}
    if message.type == "RSP":
        return {"": "final result" if is_final(message) else "result"}
    if message.type == "WDR":
        return {"": text_at(message.entry, "payload/scope") or "ALL"}
    for path in _STATUS_AT:
        status = text_at(message.entry, path)
        if status is not None:
            return {"": status}
    return {"": ""}


def _preservation(message: Message, standing: Standing) -> Mapping[str, str]:
    if message.type != "PRS_RSP":
        return _plain(message, standing)
    results = values_at(message.entry, "payload/results/*/result")
    is_kept = not results or "PRESERVED" in results
    return {"": "preserved" if is_kept else "nothing preserved"}


def _records(message: Message, standing: Standing) -> Mapping[str, str]:
    # Results of these are told in a list of their own, which leads nowhere else.
    return {"": ""} if message.type != "ERR" else _plain(message, standing)


def _decision(message: Message, standing: Standing) -> Mapping[str, str]:
    outcomes = texts_at(message.entry, "payload/decisions/*/outcome")
    if message.type == "DEC":
        return {"": next(iter(sorted(outcomes & {"REFUSE", "REFUSE_PART"})), "")}
    return _plain(message, standing)


def _of_demand(demand: str) -> _Words:
    """Return the reader of a procedure about measures of one kind."""

    def words(message: Message, standing: Standing) -> Mapping[str, str]:
        if message.type in REQUESTS:
            return {"": demand} if demand in demands_of(message.entry) else {}
        if message.type == "DEC":
            is_granted = any(
                text_at(one, "outcome") in _GRANTS
                and (measure := standing.measures.get(text_at(one, "measure_id") or ""))
                and measure.demand == demand
                for one in values_at(message.entry, "payload/decisions/*")
            )
            return {"": f"{demand} granted" if is_granted else ""}
        if message.type == "RSP" and demand == "hearing":
            has_record = has(message.entry, "payload/results/*/hearing_record")
            return {"": "hearing record" if has_record else ""}
        return _plain(message, standing)

    return words


def _assets(message: Message, _standing: Standing) -> Mapping[str, str]:
    if message.type in REQUESTS:
        return dict.fromkeys(assets_of(message.entry), "asset")
    return {
        text_at(one, "asset_id") or "": text_at(one, "status") or ""
        for one in values_at(message.entry, "payload/assets/*")
    }


_WORDS: Final[Mapping[str, _Words]] = {
    "preservation": _preservation,
    "criminal record": _records,
    "conviction notice": _records,
    "interception notice": _decision,
    "hearing": _of_demand("hearing"),
    "transfer": _of_demand("transfer"),
    "assets": _assets,
}
