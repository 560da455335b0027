"""The pages of webhooks: added with a secret shown once, tested, replayed, removed."""

import re

import pytest

from gateway.console.handlers.webhooks import WHY
from gateway.core.webhooks import Disabled, parse_secret
from tests.support.admin_api import AdminNode
from tests.support.browsing import look

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/console/webhooks"
FORM = [
    ("name", "cms"),
    ("url", "https://cms.invalid/hook"),
    ("events", "message.opened"),
    ("events", "message.delivered"),
]


async def test_every_reason_has_its_words() -> None:
    assert WHY.keys() == {one.value for one in Disabled}


async def test_an_endpoint_lives_on_its_pages(node: AdminNode) -> None:
    empty = await look(node, PATH, "security")
    assert "No system is told of changes." in empty.text
    added = await look(node, PATH, "security", form=FORM)
    (secret,) = set(re.findall(r"whsec_[A-Za-z0-9+/=]+", added.text))
    assert len(parse_secret(secret).raw) == 32
    page = await look(node, f"{PATH}/cms", "security")
    assert (page.status, page.count("h1")) == (200, 1)
    assert "whsec_" not in page.text
    assert "message.delivered, message.opened" in page.text
    tested = await look(node, f"{PATH}/cms/test", "operator", form={})
    assert tested.headers["location"].startswith(f"{PATH}/cms")
    after = await look(node, f"{PATH}/cms", "operator")
    assert "name resolution: cms.invalid is not known" in after.text
    # Who keeps it running sees no button for what only security may do.
    assert after.actions == [f"{PATH}/cms/test", f"{PATH}/cms/replay"]
    for since in ("", "day", "nonsense"):
        form = {"since": since}
        replayed = await look(node, f"{PATH}/cms/replay", "operator", form=form)
        assert replayed.status == 303
    rotated = await look(
        node, f"{PATH}/cms/rotate", "security", form={"overlap_hours": "24"}
    )
    assert "whsec_" in rotated.text
    assert secret not in rotated.text
    shown = await look(node, f"{PATH}/cms", "security")
    assert "Signed with two secrets until" in shown.text
    listed = await look(node, PATH, "operator")
    assert "cms.invalid" in listed.text
    assert listed.actions == []
    removed = await look(node, f"{PATH}/cms/remove", "security", form={})
    assert removed.headers["location"].startswith(PATH)
    assert (await look(node, f"{PATH}/cms", "security")).status == 404


async def test_what_is_wrong_is_said(node: AdminNode) -> None:
    private = [("name", "x"), ("url", "https://127.0.0.1/")]
    refused = await look(node, PATH, "security", form=private)
    assert refused.status == 400
    assert "private network" in refused.text
    odd = await look(node, f"{PATH}/x/rotate", "security", form={"overlap_hours": "x"})
    assert odd.status in {400, 422}
    assert (await look(node, PATH, "caseworker")).status == 404
