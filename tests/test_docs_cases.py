"""The tables of cases in the documents are those of the code."""

from gateway.mla.cases.answering import ROWS
from gateway.mla.cases.assistance import REQUESTS, STARTS
from gateway.mla.cases.case_state import PRIORITY
from gateway.mla.cases.model import Stay, Transition
from gateway.mla.cases.procedures import DIALOGUE, PROCEDURES
from gateway.mla.cases.states import EVERY, ONCE_RECEIVED, OPEN, State
from tests.test_docs import cells, read, section

_NAMED = {
    REQUESTS: "requests",
    DIALOGUE: "dialogue",
    EVERY: "any",
    ONCE_RECEIVED: "any once received",
    OPEN: "any open",
}
_STAY = {Stay.SAME: "the same", Stay.PREVIOUS: "the previous"}


def words(names: tuple[str, ...]) -> str:
    return _NAMED.get(names, ", ".join(names))


def told(row: Transition) -> list[str]:
    """Return the cells that tell of a row."""
    about = [
        f"if {row.given.words}" if row.given else "",
        f"answering {words(row.answering)}" if row.answering else "",
        row.guard,
        row.basis,
    ]
    return [
        row.number,
        words(row.of),
        words(row.messages),
        row.side.value,
        ", ".join(word for word in row.says if word) or "—",
        row.to.value if isinstance(row.to, State) else _STAY[row.to],
        "; ".join(part for part in about if part) or "—",
    ]


def rows_of(title: str) -> list[list[str]]:
    return cells(section(read("domain.md"), title))[1:]


def test_the_transitions_are_those_of_the_code() -> None:
    assert rows_of("Transitions") == [told(row) for row in (*STARTS, *ROWS)]


def test_the_rule_for_a_cases_state_is_that_of_the_code() -> None:
    assert rows_of("State of a case") == [
        [rule, state.value] for rule, _fits, state in PRIORITY
    ]


def test_the_procedures_are_those_of_the_code() -> None:
    for one in PROCEDURES:
        assert rows_of(one.name) == [told(row) for row in (*one.starts, *one.rows)]
        text = " ".join(section(read("domain.md"), one.name).split())
        assert one.words in text


def test_every_transition_has_a_number_of_its_own() -> None:
    numbers = [row.number for row in (*STARTS, *ROWS)]
    assert len(numbers) == len(set(numbers))
    # 26 is that there is no such row.
    assert {str(number) for number in range(1, 31)} - {"26"} <= set(numbers)
