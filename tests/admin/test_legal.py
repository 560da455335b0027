"""Treaties and service profiles over the API."""

from datetime import date
from types import MappingProxyType

import pytest

from gateway.client import calls
from gateway.client.legal_calls import list_treaties, show_profile, show_treaties
from gateway.core.errors import NotFoundError, UsageError
from gateway.core.operators import Role
from gateway.mla.treaty.country import (
    CountryEntry,
    Effect,
    Reservation,
    Treaty,
    TreatyTable,
)
from tests.support.admin_api import PT, AdminNode
from tests.support.legal import FixedLegalFiles, profile_record

# The card that the tests make for `pgr.pt` says EE.
ENTRY = CountryEntry(
    country="EE",
    checked_on=date(2026, 11, 1),
    treaties=(
        Treaty(instrument="UNTOC", since=date(2004, 6, 9)),
        Treaty(instrument="UNCYBER", is_in_force=False, note="signed"),
    ),
    reservations=(
        Reservation(
            instrument="UNTOC",
            article="18(14)",
            text="Words.",
            effect=Effect.EXCLUDES,
            assist=frozenset({"A47"}),
        ),
    ),
    languages=("pt",),
)


async def fill(node: AdminNode, *entries: CountryEntry) -> None:
    """Put a treaty table and a service profile into force."""
    entry = {one.country: one for one in entries}
    files = FixedLegalFiles(
        TreatyTable(MappingProxyType(entry), "of today"), profile_record("et", "en")
    )
    node.services.legal._files = files
    await node.services.legal.load()


async def test_an_empty_table_lists_the_countries_of_peers(node: AdminNode) -> None:
    async with node.client("observer") as client:
        answer = await client.send(list_treaties())
        shown = await client.send(show_treaties("EE"))

    (line,) = answer.items
    assert (line.country, line.listed, line.peers) == ("EE", False, (PT,))
    assert (shown.listed, shown.peers[0].peer) == (False, PT)
    assert shown.peers[0].profile is None


async def test_the_table_is_told_with_terms_and_standing(node: AdminNode) -> None:
    await fill(node, ENTRY, CountryEntry(country="FR"))
    async with node.client("caseworker") as client:
        answer = await client.send(list_treaties())
        some = await client.send(list_treaties("UNTOC"))
        shown = await client.send(show_treaties("ee"))

    assert answer.revision == "of today"
    assert [one.country for one in answer.items] == ["EE", "FR"]
    assert [one.country for one in some.items] == ["EE"]
    assert answer.items[0].in_force == ("UNTOC",)
    assert [one.in_force for one in shown.treaties] == [True, False]
    assert shown.treaties[0].since == "2004-06-09"
    assert shown.reservations[0].effect == "excludes"
    assert shown.reservations[0].assist == ("A47",)
    assert shown.checked_on == "2026-11-01"


async def test_what_nobody_knows_of_is_not_found(node: AdminNode) -> None:
    async with node.client("caseworker") as client:
        with pytest.raises(NotFoundError, match="says nothing of FR"):
            await client.send(show_treaties("FR"))
        with pytest.raises(UsageError, match="two letters"):
            await client.send(show_treaties("FRA"))
        with pytest.raises(UsageError, match="INSTRUMENT"):
            await client.send(list_treaties("NO_SUCH"))


async def test_our_profile_is_told_and_whether_the_card_says_it(
    node: AdminNode,
) -> None:
    async with node.client("operator") as client:
        await node.services.our_card.renew_if_due()
        before = await client.send(show_profile())
        await fill(node)
        after = await client.send(show_profile())

    assert (before.profile, before.published) == (None, True)
    assert after.profile is not None
    assert after.profile.languages == ("et", "en")
    assert after.profile.weekend == ("SAT", "SUN")
    assert not after.published


@pytest.mark.parametrize("role", sorted(Role))
async def test_everybody_may_look(node: AdminNode, role: Role) -> None:
    async with node.client(role.value) as client:
        assert (await client.send(list_treaties())).items


async def test_a_peer_is_shown_with_its_service(node: AdminNode) -> None:
    async with node.client("operator") as client:
        shown = await client.send(calls.show_peer(PT))

    assert shown.service is not None
    assert (shown.service.profile, shown.service.conflicts) == (None, ())
