"""Treaties and service profiles, as calls; the companion of `calls`."""

from gateway.admin import legal_shapes
from gateway.client.call import Call, call_of


def list_treaties(instrument: str = "") -> Call[legal_shapes.TreatyOverview]:
    """Return our treaty table in short; of countries where an instrument binds."""
    query = legal_shapes.TreatiesQuery(instrument=instrument)
    return call_of("list_treaties", legal_shapes.TreatyOverview, query=query)


def show_treaties(country: str) -> Call[legal_shapes.Country]:
    """Return what is in force with a country, and on which terms."""
    return call_of("show_treaties", legal_shapes.Country, country=country)


def show_profile() -> Call[legal_shapes.OwnProfile]:
    """Return what we publish of our service."""
    return call_of("show_profile", legal_shapes.OwnProfile)
