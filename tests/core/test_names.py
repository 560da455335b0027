"""Names of an authority's logs, and which log follows which (specification, 8.1)."""

import pytest

from gateway.core.identity.names import (
    audit_origin,
    is_audit_origin,
    next_origin,
    root_origin,
    succeeds,
    witness_name,
)
from gateway.core.values import parse_authority_id

MOJ = parse_authority_id("moj.ee")
PGR = parse_authority_id("pgr.pt")


def test_an_authority_names_its_logs_and_its_witness() -> None:
    assert root_origin(MOJ) == "moj.ee/root"
    assert audit_origin(MOJ) == "moj.ee/audit/1"
    assert witness_name(MOJ) == "moj.ee/witness"


def test_a_log_is_succeeded_by_that_of_the_next_epoch() -> None:
    first = audit_origin(MOJ)
    assert next_origin(first) == audit_origin(MOJ, 2)
    assert succeeds(next_origin(first), first)


@pytest.mark.parametrize(
    ("origin", "earlier"),
    [
        ("moj.ee/audit/1", "moj.ee/audit/1"),
        ("moj.ee/audit/1", "moj.ee/audit/2"),
        ("pgr.pt/audit/2", "moj.ee/audit/1"),
        ("moj.ee/audit/02", "moj.ee/audit/1"),
        ("moj.ee/root", "moj.ee/audit/1"),
    ],
    ids=["same", "earlier", "of another", "not a number", "no audit log"],
)
def test_no_other_log_succeeds_it(origin: str, earlier: str) -> None:
    assert not succeeds(origin, earlier)


def test_an_audit_log_is_that_of_its_authority() -> None:
    assert is_audit_origin("moj.ee/audit/12", MOJ)
    assert not is_audit_origin("moj.ee/audit/12", PGR)
    assert not is_audit_origin("moj.ee/audit/0", MOJ)
