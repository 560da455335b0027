"""Cases, as calls; the companion of `calls`."""

from gateway.admin import case_shapes
from gateway.client.call import Call, call_of


def list_cases(query: case_shapes.CaseQuery) -> Call[case_shapes.CasePage]:
    """Return a page of cases, which may be short and not the last."""
    return call_of("list_cases", case_shapes.CasePage, query=query)


def show_case(case: str, peer: str = "") -> Call[case_shapes.Case]:
    """Return a case; `peer` names with whom, where it is exchanged with several."""
    query = case_shapes.OneCaseQuery(peer=peer)
    return call_of("show_case", case_shapes.Case, query=query, id=case)
