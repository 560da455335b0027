"""Rules between the fields that are about money, assets and orders over them.

After UN Convention against Transnational Organized Crime, article 13; Regulation (EU)
2018/1805, annexes I and II.
"""

from collections.abc import Iterator

from gateway.core.canonical import JsonObject
from gateway.mla.problems import ProblemCode, child, has, select
from gateway.mla.rules import Rule

_AMOUNTS = (
    ("/payload", ("amount_to_execute", "amount_total")),
    ("/payload/assets/*", ("est_value", "value")),
    ("/payload/measures/*/asset", ("est_value",)),
    ("/payload/costs", ("estimate",)),
    ("/payload/conviction/sanctions/*", ("amount",)),
    ("/payload/convictions/*/sanctions/*", ("amount",)),
)
"""Where amounts stand, and under which names; the currency stands beside them."""


def _without_currency(document: JsonObject) -> Iterator[str]:
    for path, names in _AMOUNTS:
        for pointer, value in select(document, path):
            is_told = isinstance(value, dict) and any(map(value.__contains__, names))
            if is_told and not has(value, "currency"):
                yield child(pointer, "currency")


def _not_final(document: JsonObject) -> Iterator[str]:
    if has(document, "/payload/order") and not has(document, "/payload/order/final_on"):
        yield "/payload/order/final_on"


def _absent_and_untold(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/presence_at_trial"):
        is_absent = isinstance(value, dict) and value.get("present") is False
        if is_absent and not has(value, "why_fair"):
            yield child(pointer, "why_fair")


AMOUNTS_HAVE_CURRENCY = Rule(
    "missing, expected because an amount is told",
    ProblemCode.SCHEMA,
    _without_currency,
)
ORDER_IS_FINAL = Rule(
    "missing, advised because only a final order of confiscation can be executed",
    ProblemCode.SCHEMA,
    _not_final,
    blocking=False,
)
ABSENCE_EXPLAINED = Rule(
    "missing, expected because the person was not at the trial",
    ProblemCode.SCHEMA,
    _absent_and_untold,
)
