"""Figures that a node gives of itself."""

from prometheus_client.parser import text_string_to_metric_families

from gateway.client import calls
from gateway.client.blocking import BlockingClient


class NoFigureError(Exception):
    """The node has no such figure."""


def value_of(client: BlockingClient, sample: str) -> float:
    """Return the sum over all labels of a sample of `GET /metrics`.

    Raises:
        NoFigureError: There is none of that name.
    """
    text = client.send(calls.metrics()).decode()
    found = [
        float(one.value)
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if one.name == sample
    ]
    if not found:
        raise NoFigureError(f"metric {sample}: not there")
    return sum(found)
