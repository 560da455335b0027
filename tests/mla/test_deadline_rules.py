"""Every rule about time: one case each, with an end that was counted by hand."""

from dataclasses import dataclass, field

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.values import format_time
from gateway.mla.codelists import code_list
from gateway.mla.deadlines import RULES, Terms, deadlines_of
from gateway.mla.deadlines.model import Deadline, Mark, Nature, Side, Unit
from gateway.mla.deadlines.rules import LEGAL_RULES, rule_called
from tests.support.dockets import (
    ASKED,
    ASKING,
    Said,
    answered,
    at,
    decided,
    measures,
    said,
)

EIO = said("MLA_REQ", "2026-10-01", measures("A11"), instrument="EIO")
EPOC = said("MLA_REQ", "2026-10-01", measures("A44"), instrument="EEV")
URGENT_EPOC = said(
    "EMR_REQ", "2026-10-01", measures("A44"), instrument="EEV", urgency="EMERGENCY"
)
EPOC_PR = said("PRS_REQ", "2026-09-03", instrument="EEV")
ORDER = said("MLA_REQ", "2026-10-01", measures("A42", "A44"), instrument="BUDAPEST_2AP")
SERVED = said("STS", "2026-10-20", by=ASKED, to="MLA_REQ", instrument="BUDAPEST_2AP")
RECORD = said("CR_REQ", "2026-10-05", {"cr_purpose": "CRIM"}, instrument="ECRIS")
FREEZE = said(
    "FRZ_REQ", "2026-10-01", measures("A34"), instrument="EU_FRZ", urgency="URGENT"
)
CONFISCATE = said("CNF_REQ", "2026-10-01", measures("A35"), instrument="EU_FRZ")
REQUEST = said("MLA_REQ", "2026-10-01", measures("A11"))


def _ours(name: str, when: str, payload: JsonObject | None = None, **more: str) -> Said:
    return said(name, when, payload, by=ASKING, **more)


def _theirs(
    name: str, when: str, payload: JsonObject | None = None, **more: str
) -> Said:
    return said(name, when, payload, by=ASKED, **more)


@dataclass(frozen=True)
class Vector:
    """A rule, the case that starts it, its last day or moment, and what meets it."""

    rule: str
    case: tuple[Said, ...]
    due: str
    owner: str = ASKED
    met: Said | None = None
    why: str = field(default="", repr=False)


DAY_END = "T23:59:59.000Z"

# 1 October 2026 is a Thursday. The calendar is the assumed one: UTC, Saturday, Sunday.
VECTORS = (
    Vector(
        "D01",
        (EIO,),
        "2026-10-08" + DAY_END,
        met=_theirs("ACK", "2026-10-07", to="MLA_REQ"),
    ),
    Vector(
        "D02",
        (EIO,),
        "2026-11-02" + DAY_END,
        met=_theirs("DEC", "2026-10-30", decided("ACCEPT"), to="MLA_REQ"),
        why="31 October is a Saturday",
    ),
    Vector(
        "D03",
        (
            EIO,
            _theirs(
                "DEC", "2026-10-12", decided("ACCEPT"), to="MLA_REQ", instrument="EIO"
            ),
        ),
        "2027-01-11" + DAY_END,
        met=_theirs("RSP", "2026-12-01", answered(), to="MLA_REQ"),
        why="90 days after 12 October is Sunday, 10 January",
    ),
    Vector(
        "D04",
        (said("MLA_REQ", "2026-10-01", measures("A22"), instrument="EIO"),),
        "2026-10-02T08:00:00.000Z",
        met=_theirs("DEC", "2026-10-01T20:00", decided("ACCEPT"), to="MLA_REQ"),
    ),
    Vector(
        "D05",
        (said("ICN", "2026-10-01", instrument="EIO"),),
        "2026-10-05T08:00:00.000Z",
        met=_theirs("CNS_REQ", "2026-10-02", to="ICN"),
    ),
    Vector(
        "D06",
        (EPOC,),
        "2026-10-12" + DAY_END,
        met=_theirs("RSP", "2026-10-09", answered(), to="MLA_REQ"),
        why="11 October is a Sunday",
    ),
    Vector(
        "D06E",
        (URGENT_EPOC,),
        "2026-10-01T16:00:00.000Z",
        met=_theirs("RSP", "2026-10-01T12:00", answered(), to="EMR_REQ"),
    ),
    Vector(
        "D07",
        (EPOC,),
        "2026-10-12" + DAY_END,
        met=_theirs("DEC", "2026-10-09", decided("REFUSE"), to="MLA_REQ"),
    ),
    Vector(
        "D07E",
        (URGENT_EPOC,),
        "2026-10-05T08:00:00.000Z",
        met=_theirs("DEC", "2026-10-02", decided("REFUSE"), to="EMR_REQ"),
    ),
    Vector(
        "D08",
        (EPOC, _theirs("CLR_REQ", "2026-10-05", to="MLA_REQ", instrument="EEV")),
        "2026-10-12" + DAY_END,
        owner=ASKING,
        met=_ours("CLR_RSP", "2026-10-09", to="CLR_REQ"),
        why="10 October is a Saturday",
    ),
    Vector(
        "D09",
        (
            said(
                "EMR_REQ",
                "2026-10-01",
                {"requesting_authority": {"type": "OTHER_COMPETENT"}},
                instrument="EEV",
                urgency="EMERGENCY",
            ),
        ),
        "2026-10-03T08:00:00.000Z",
        owner=ASKING,
        met=_ours("AMD", "2026-10-02", to="EMR_REQ"),
    ),
    Vector(
        "D10",
        (EPOC_PR,),
        "2026-11-02" + DAY_END,
        owner=ASKING,
        met=_ours("PRS_CNF", "2026-10-20", to="PRS_REQ"),
    ),
    Vector(
        "D11",
        (
            said(
                "MLA_REQ",
                "2026-10-01",
                {"related": [{"kind": "EARLIER_REQ"}]},
                instrument="EEV",
            ),
        ),
        "2026-10-08" + DAY_END,
        met=_theirs("DEC", "2026-10-07", decided("ACCEPT"), to="MLA_REQ"),
    ),
    Vector(
        "D12",
        (EPOC, _theirs("CNS_REQ", "2026-10-02", to="MLA_REQ", instrument="EEV")),
        "2026-10-09" + DAY_END,
        owner=ASKING,
        met=_ours("CNS_RSP", "2026-10-09", to="CNS_REQ"),
    ),
    Vector(
        "D13",
        (EPOC,),
        "2026-10-12" + DAY_END,
        met=_theirs("CNS_REQ", "2026-10-06", to="MLA_REQ"),
    ),
    Vector(
        "D14",
        (
            EPOC,
            _theirs(
                "EVD",
                "2026-10-06",
                {"available_until": "2026-11-01T00:00:00Z"},
                to="MLA_REQ",
                instrument="EEV",
            ),
        ),
        "2026-10-16" + DAY_END,
        met=_ours("EVD_ACK", "2026-10-07", to="EVD"),
    ),
    Vector(
        "D15",
        (
            said("PRS_REQ", "2026-09-01", instrument="BUDAPEST"),
            _theirs(
                "PRS_RSP",
                "2026-09-02",
                {
                    "results": [
                        {
                            "result": "PRESERVED",
                            "preserved_from": "2026-09-01T15:00:00Z",
                        }
                    ]
                },
                to="PRS_REQ",
                instrument="BUDAPEST",
            ),
        ),
        "2026-10-31" + DAY_END,
        why="a Saturday: no end moves under this convention",
    ),
    Vector(
        "D16",
        (ORDER,),
        "2026-10-31" + DAY_END,
        met=_theirs("RSP", "2026-10-20", answered("M1", "M2"), to="MLA_REQ"),
    ),
    Vector("D17", (ORDER,), "2026-11-15" + DAY_END, met=SERVED),
    Vector(
        "D17S",
        (ORDER, SERVED),
        "2026-11-09" + DAY_END,
        met=_theirs("RSP", "2026-11-01", answered("M1", "M2"), to="MLA_REQ"),
    ),
    Vector(
        "D17T",
        (ORDER, SERVED),
        "2026-12-04" + DAY_END,
        met=_theirs("RSP", "2026-11-01", answered("M1", "M2"), to="MLA_REQ"),
    ),
    Vector(
        "D18",
        (RECORD,),
        "2026-10-19" + DAY_END,
        met=_theirs("CR_RSP", "2026-10-12", to="CR_REQ"),
    ),
    Vector(
        "D18O",
        (
            said(
                "CR_REQ",
                "2026-10-05",
                {"cr_purpose": "OWN_RECORD"},
                instrument="ECRIS",
            ),
        ),
        "2026-11-02" + DAY_END,
        met=_theirs("CR_RSP", "2026-10-12", to="CR_REQ"),
    ),
    Vector(
        "D19",
        (said("CR_REQ", "2026-10-05", {"cr_purpose": "CRIM"}, instrument="TCA_CR"),),
        "2026-11-02" + DAY_END,
        met=_theirs("CR_RSP", "2026-10-12", to="CR_REQ"),
    ),
    Vector(
        "D20",
        (
            said(
                "CR_NOT",
                "2027-01-20",
                {"conviction": {"final_date": "2027-01-14"}},
                instrument="ECRIS",
            ),
        ),
        "2027-01-28" + DAY_END,
        owner=ASKING,
    ),
    Vector(
        "D21",
        (FREEZE,),
        "2026-10-03T08:00:00.000Z",
        met=_theirs("DEC", "2026-10-02", decided("ACCEPT"), to="FRZ_REQ"),
    ),
    Vector(
        "D21.act",
        (
            FREEZE,
            _theirs(
                "DEC",
                "2026-10-02",
                decided("ACCEPT"),
                to="FRZ_REQ",
                instrument="EU_FRZ",
            ),
        ),
        "2026-10-04T08:00:00.000Z",
        met=_theirs("AST_RPT", "2026-10-03", to="FRZ_REQ"),
    ),
    Vector(
        "D22",
        (CONFISCATE,),
        "2026-11-16" + DAY_END,
        met=_theirs("DEC", "2026-11-02", decided("ACCEPT"), to="CNF_REQ"),
        why="15 November is a Sunday",
    ),
    Vector(
        "D22.act",
        (
            CONFISCATE,
            _theirs(
                "DEC",
                "2026-11-02",
                decided("ACCEPT"),
                to="CNF_REQ",
                instrument="EU_FRZ",
            ),
        ),
        "2026-12-17" + DAY_END,
        met=_theirs("AST_RPT", "2026-12-01", to="CNF_REQ"),
    ),
    Vector(
        "D23",
        (
            said("PAR_REQ", "2026-10-01", measures("A70"), instrument="COE1957"),
            _theirs(
                "PAR_RSP",
                "2026-10-06",
                {"result": "ARRESTED"},
                to="PAR_REQ",
                instrument="COE1957",
            ),
        ),
        "2026-10-24" + DAY_END,
        owner=ASKING,
    ),
    Vector(
        "D24",
        (
            said("TTP_REQ", "2026-09-01", measures("A05")),
            _theirs("TTP_STS", "2026-10-01", {"status": "RELEASED"}, to="TTP_REQ"),
        ),
        "2026-10-16" + DAY_END,
        owner=ASKING,
    ),
    Vector(
        "D25",
        (
            said(
                "SVC_REQ",
                "2026-09-01",
                {"service": {"hearing_at": "2026-12-01T10:00:00+01:00"}},
                instrument="COE1959",
            ),
        ),
        "2026-10-12" + DAY_END,
        owner=ASKING,
    ),
    Vector(
        "D26",
        (REQUEST,),
        "",
        met=_theirs("RSP", "2026-12-01", answered(), to="MLA_REQ"),
    ),
    Vector(
        "D28",
        (
            REQUEST,
            _theirs(
                "BRN", "2026-10-08", {"known_at": "2026-10-07T12:00:00Z"}, to="MLA_REQ"
            ),
        ),
        "2026-10-10T12:00:00.000Z",
    ),
    Vector(
        "D27.ack",
        (REQUEST,),
        "2026-10-06" + DAY_END,
        met=_theirs("ACK", "2026-10-02", to="MLA_REQ"),
    ),
    Vector(
        "D27.emergency",
        (said("EMR_REQ", "2026-10-01", measures("A49"), urgency="EMERGENCY"),),
        "2026-10-01T10:00:00.000Z",
        met=_theirs("ACK", "2026-10-01T08:30", to="EMR_REQ"),
    ),
    Vector(
        "D27.clarification",
        (REQUEST, _theirs("CLR_REQ", "2026-10-05", to="MLA_REQ")),
        "2026-10-19" + DAY_END,
        owner=ASKING,
        met=_ours("CLR_RSP", "2026-10-09", to="CLR_REQ"),
    ),
    Vector(
        "D27.status",
        (REQUEST,),
        "2026-10-31" + DAY_END,
        met=_theirs("RSP", "2026-10-20", answered(), to="MLA_REQ"),
    ),
    Vector(
        "D27.evidence",
        (
            REQUEST,
            _theirs(
                "EVD", "2026-10-06", {"manifest": [{"item_id": "I1"}]}, to="MLA_REQ"
            ),
        ),
        "2026-10-13" + DAY_END,
        owner=ASKING,
        met=_ours("EVD_ACK", "2026-10-07", to="EVD"),
    ),
    Vector(
        "D27.disposal",
        (REQUEST, _theirs("RET_REQ", "2026-10-06", to="MLA_REQ")),
        "2026-11-05" + DAY_END,
        owner=ASKING,
        met=_ours("RET_CNF", "2026-10-20", to="RET_REQ"),
    ),
    Vector(
        "G01",
        (said("MLA_REQ", "2026-10-01", measures("A11") | {"needed_by": "2026-10-31"}),),
        "2026-10-31" + DAY_END,
        met=_theirs("RSP", "2026-10-20", answered(final=False), to="MLA_REQ"),
    ),
    Vector(
        "G02",
        (REQUEST, _ours("CNS_REQ", "2026-10-05", {"reply_by": "2026-10-12"})),
        "2026-10-12" + DAY_END,
        met=_theirs("CNS_RSP", "2026-10-08", to="CNS_REQ"),
    ),
    Vector(
        "G03",
        (said("SVC_REQ", "2026-10-01", {"service": {"serve_before": "2026-11-20"}}),),
        "2026-11-20" + DAY_END,
        met=_theirs("SVC_RSP", "2026-11-02", to="SVC_REQ"),
    ),
    Vector(
        "G04",
        (
            RECORD,
            _theirs("CR_RDL", "2026-10-12", {"answer_by": "2026-11-30"}, to="CR_REQ"),
        ),
        "2026-11-30" + DAY_END,
        met=_theirs("CR_RSP", "2026-11-02", to="CR_REQ"),
    ),
    Vector(
        "G05",
        (
            REQUEST,
            _theirs(
                "EVD",
                "2026-10-06",
                {"available_until": "2026-11-01T12:00:00Z"},
                to="MLA_REQ",
            ),
        ),
        "2026-11-01T12:00:00.000Z",
        owner=ASKING,
        met=_ours("EVD_ACK", "2026-10-07", to="EVD"),
    ),
    Vector(
        "G06",
        (
            said("HRG_REQ", "2026-10-01", measures("A03")),
            _theirs(
                "HRG_CNF",
                "2026-10-12",
                {"slot": {"start": "2026-11-20T09:00:00+02:00"}},
                to="HRG_REQ",
            ),
        ),
        "2026-11-20T07:00:00.000Z",
        met=_theirs("HRG_REC", "2026-11-20T12:00", to="HRG_REQ"),
    ),
    Vector(
        "G07",
        (
            said("PRS_REQ", "2026-09-01", instrument="BUDAPEST"),
            _theirs(
                "PRS_RSP",
                "2026-09-02",
                {"results": [{"expires_on": "2026-11-30"}]},
                to="PRS_REQ",
            ),
        ),
        "2026-11-30" + DAY_END,
        owner=ASKING,
        met=_ours("MLA_REQ", "2026-10-01", measures("A44")),
    ),
    Vector(
        "G08",
        (
            REQUEST,
            _theirs(
                "DEC",
                "2026-10-12",
                {
                    "decisions": [
                        {
                            "measure_id": "M1",
                            "outcome": "POSTPONE",
                            "review_on": "2027-01-15",
                        }
                    ]
                },
                to="MLA_REQ",
            ),
        ),
        "2027-01-15" + DAY_END,
        met=_theirs("DEC.2", "2027-01-11", decided("ACCEPT"), to="MLA_REQ"),
    ),
    Vector(
        "G09",
        (
            REQUEST,
            _theirs("RET_REQ", "2026-10-06", {"by": "2026-12-24"}, to="MLA_REQ"),
        ),
        "2026-12-24" + DAY_END,
        owner=ASKING,
        met=_ours("RET_CNF", "2026-10-20", to="RET_REQ"),
    ),
    Vector(
        "G10",
        (
            REQUEST,
            _theirs("DPC", "2026-10-06", {"confirm_by": "2026-10-20"}, to="MLA_REQ"),
        ),
        "2026-10-20" + DAY_END,
        owner=ASKING,
        met=_ours("ACK", "2026-10-07", to="DPC"),
    ),
    Vector(
        "G11",
        (said("TTP_REQ", "2026-10-01", {"transfer": {"latest_return": "2026-12-20"}}),),
        "2026-12-20" + DAY_END,
        owner=ASKING,
        met=_ours("TTP_STS", "2026-12-10", {"status": "RETURNED"}, to="TTP_REQ"),
    ),
    Vector(
        "G12",
        (
            REQUEST,
            _theirs(
                "RSP",
                "2026-10-06",
                {"manifest": [{"item_id": "I1", "return_by": "2027-02-01"}]},
                to="MLA_REQ",
            ),
        ),
        "2027-02-01" + DAY_END,
        owner=ASKING,
        met=_ours("RET_CNF", "2026-12-10"),
    ),
    Vector(
        "G13",
        (
            said(
                "EMR_REQ",
                "2026-10-01",
                {"emergency": {"ex_post_validation_due": "2026-10-03T08:00:00Z"}},
            ),
        ),
        "2026-10-03T08:00:00.000Z",
        owner=ASKING,
        met=_ours("AMD", "2026-10-02", to="EMR_REQ"),
    ),
    Vector(
        "G15",
        (
            said("PAR_REQ", "2026-10-01", measures("A70")),
            _theirs("PAR_RSP", "2026-10-06", {"papers_by": "2026-11-10"}, to="PAR_REQ"),
        ),
        "2026-11-10" + DAY_END,
        owner=ASKING,
    ),
    Vector(
        "G16",
        (
            FREEZE,
            _theirs(
                "AST_RPT",
                "2026-10-06",
                {"assets": [{"review_on": "2027-01-06"}]},
                to="FRZ_REQ",
            ),
        ),
        "2027-01-06" + DAY_END,
        met=_theirs("AST_RPT.2", "2027-01-04", to="FRZ_REQ"),
    ),
    Vector(
        "G17",
        (
            FREEZE,
            _theirs(
                "AST_RPT",
                "2026-10-06",
                {"assets": [{"term": "2027-04-06"}]},
                to="FRZ_REQ",
            ),
        ),
        "2027-04-06" + DAY_END,
        owner=ASKING,
        met=_ours("CNF_REQ", "2027-03-01", measures("A35")),
    ),
    Vector(
        "G18",
        (REQUEST, _ours("USE_REQ", "2026-10-06", {"needed_by": "2026-11-06"})),
        "2026-11-06" + DAY_END,
        met=_theirs("USE_RSP", "2026-10-20", to="USE_REQ"),
    ),
)


def _found(vector: Vector, *more: Said) -> Deadline:
    last = max(one.accepted_at for one in (*vector.case, *more))
    (found,) = [
        one
        for one in deadlines_of((*vector.case, *more), Terms(), last)
        if one.rule.name == vector.rule
    ]
    return found


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.rule)
def test_a_rule_ends_when_it_was_counted_to(vector: Vector) -> None:
    found = _found(vector)

    assert (format_time(found.due) if found.due else "") == vector.due
    assert found.owner == vector.owner
    assert {found.owner, found.other} == {ASKING, ASKED}
    assert found.is_pending or found.rule.met_by_start


@pytest.mark.parametrize(
    "vector", [one for one in VECTORS if one.met], ids=lambda vector: vector.rule
)
def test_what_meets_a_rule(vector: Vector) -> None:
    assert vector.met is not None
    found = _found(vector, vector.met)

    assert found.state.value == "met"
    assert found.met_by == vector.met.id
    assert found.met_at == vector.met.accepted_at
    assert not found.is_late


def test_every_rule_has_a_vector() -> None:
    # G14 is G01 with the day on the envelope; it is tried below.
    assert {one.rule for one in VECTORS} == {rule.name for rule in RULES} - {"G14"}


def test_an_answer_is_due_while_it_is_of_use() -> None:
    request = said("MLA_REQ", "2026-10-01", measures("A11"))
    request.entry["expires_at"] = "2026-12-01T00:00:00Z"
    (found,) = [
        one
        for one in deadlines_of([request], Terms(), at("2026-10-02"))
        if one.rule.id == "G14"
    ]

    assert found.due == at("2026-12-01T00:00")
    assert found.owner == ASKED


UNITS = {
    "c": Unit.CALENDAR_DAYS,
    "w": Unit.WORKING_DAYS,
    "h": Unit.HOURS,
    "": Unit.DATE,
}
# The list tells a range, or adds a word.
LENGTHS = {
    "10-45": 10,
    "10 (project)": 10,
    "50 (declaration)": 50,
    "none": 0,
}


@pytest.mark.parametrize("code", code_list("DEADLINE").rows)
def test_the_rules_say_what_the_code_list_says(code: str) -> None:
    listed = code_list("DEADLINE").rows[code]
    rule = rule_called(code)

    assert rule is not None
    length = listed["length"]
    assert rule.length == (LENGTHS[length] if length in LENGTHS else int(length))
    assert rule.unit is UNITS[listed["unit"]]
    assert rule.is_suspended is (listed["suspended by CLR_REQ"] == "yes")
    assert listed["instrument"] in rule.instruments or listed["by"] == "ANY"
    if code not in {"D14", "D28"}:
        sides = {"RQD": Side.REQUESTED, "REQ": Side.REQUESTING}
        assert rule.owner is sides[listed["by"]]
    extension = listed["ext"]
    if extension.isdigit():
        assert rule.extension.most_days == int(extension)


def test_the_rules_of_law_are_those_of_the_code_list_in_its_order() -> None:
    ids = list(dict.fromkeys(rule.id for rule in LEGAL_RULES))

    assert ids == list(code_list("DEADLINE").rows)


def test_every_rule_says_what_it_is() -> None:
    names = [rule.name for rule in RULES]
    types = set(code_list("MSG_TYPE").rows)

    assert len(names) == len(set(names))
    for rule in RULES:
        assert rule.title_en
        assert rule.title_fr
        assert rule.source
        assert rule.mark in Mark
        assert rule.instruments <= set(code_list("INSTRUMENT").rows)
        assert rule.start.types <= types
        assert rule.met is None or rule.met.types <= types
        assert bool(rule.length) is (rule.unit is not Unit.DATE)
        assert (rule.nature is Nature.TARGET) == (rule.id in {"D20", "D27"})
