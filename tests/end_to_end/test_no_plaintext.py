"""No plaintext lies about: not in databases, not in logs, not in any other file."""

import base64
import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.admin import opening_shapes, shapes
from gateway.admin.upload_shapes import UploadRequest
from gateway.client import calls
from gateway.core.errors import GatewayError
from gateway.mla.envelope_fields import Form
from tests.support.evidence import request_with
from tests.support.forms import in_form, sample, with_value
from tests.support.processes import RunningNode, running_pair, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(120)]

IN_TEXT = "canary xylophone in the payload"
IN_REF = "CANARY-QUOKKA-REF"
IN_PURPOSE = "canary zeppelin in the purpose"
IN_FILE = "canary wombat inside the evidence"
IN_NAME = "canary-platypus-in-the-name.txt"
CANARIES = (IN_TEXT, IN_REF, IN_PURPOSE, IN_FILE, IN_NAME)

FACTS = "/payload/facts/summary/0/text"


def spellings(canary: str) -> Iterator[bytes]:
    """Yield the bytes under which a canary could be found."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        raw = canary.encode(encoding)
        yield raw
        for shift in range(3):
            # What the neighbours change are the first and the last group of base64.
            yield base64.b64encode(b"\0" * shift + raw)[4:-4]
            yield base64.urlsafe_b64encode(b"\0" * shift + raw)[4:-4]


def hits(folder: Path) -> list[str]:
    """Return which files hold which canary."""
    wanted = [(canary, spelled) for canary in CANARIES for spelled in spellings(canary)]
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found += [
                f"{path}: {canary}" for canary, spelled in wanted if spelled in content
            ]
    return found


def form_with_canaries() -> shapes.Document:
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form.pop("case_id", None)
    for pointer, canary in (("/sender_ref", IN_REF), (FACTS, IN_TEXT)):
        form = with_value(form, pointer, canary)
    return dict(form)


def log_everything(one: RunningNode) -> None:
    """Start a node again with the most talkative log there is."""
    one.node.stop()
    settings = one.node.home / "gateway.toml"
    text = settings.read_text()
    assert '# level = "info"' in text
    settings.write_text(text.replace('# level = "info"', 'level = "debug"'))
    one.start()


def exchange(ee: RunningNode, pt: RunningNode) -> None:
    """Bring a message to its end."""
    request = shapes.SubmitRequest(
        to=pt.id,
        message=form_with_canaries(),
        purpose=IN_PURPOSE,
    )
    message_id = ee.send(calls.submit(request, idempotency_key="canary")).id
    until(lambda: ee.state(message_id) == "delivered", "delivery")
    for one in (pt, ee):
        opened = one.send(
            calls.open_message(
                message_id, opening_shapes.OpenRequest(purpose=IN_PURPOSE)
            ),
        )
        assert opened.message["sender_ref"] == IN_REF
        query = shapes.MessageQuery(sender_ref=IN_REF)
        assert [row.id for row in one.send(calls.list_messages(query)).items] == [
            message_id
        ]
    until(lambda: ee.state(message_id) == "opened", "the opening is told")
    pt.send(calls.confirm_message(message_id))


def exchange_evidence(ee: RunningNode, pt: RunningNode, folder: Path) -> None:
    """Send a file, leave another one half sent, and read what arrived."""
    folder.mkdir()
    path = folder / IN_NAME
    path.write_text(IN_FILE * 2_000_000)
    message = folder / "message.json"
    message.write_text(json.dumps(request_with(IN_NAME)))
    words = ("send", "--to", pt.id, "--message", str(message), "--attach", str(path))
    sent = ee.node.ask(*words, "--wait", "60")
    out = folder / "opened"
    message_id = str(sent["id"])
    pt.node.run("open", message_id, "--purpose", IN_PURPOSE, "--out", str(out))
    assert (out / IN_NAME).read_bytes() == path.read_bytes()
    new = UploadRequest(name=IN_NAME, size=len(IN_FILE) * 3_000_000)
    upload = ee.send(calls.create_upload(new))
    content = io.BytesIO(IN_FILE.encode() * 1_000_000)
    length = len(IN_FILE) * 1_000_000
    ee.client.upload(calls.append_upload(upload.id, 0), content, length)


def be_refused(ee: RunningNode, pt: RunningNode) -> None:
    """Submit what is refused in different depths."""
    form = form_with_canaries()
    for bent in (
        {**form, "instrument": [IN_TEXT]},
        {**form, IN_TEXT: IN_PURPOSE},
        {**form, "msg_type": IN_REF},
        {**form, "refs": [IN_REF]},
    ):
        request = shapes.SubmitRequest(to=pt.id, message=bent, purpose=IN_PURPOSE)
        with contextlib.suppress(GatewayError):
            ee.send(calls.submit(request, idempotency_key=""))
    with pytest.raises(GatewayError):
        ee.send(calls.show_message(IN_REF))


def test_the_search_finds_what_lies_open(tmp_path: Path) -> None:
    for number, spelled in enumerate(spellings(IN_TEXT)):
        (tmp_path / f"{number}").write_bytes(b"before" + spelled + b"behind")
    assert len({hit.partition(":")[0] for hit in hits(tmp_path)}) == number + 1


def test_content_references_and_purposes_lie_in_no_file_of_either_home(
    tmp_path: Path,
) -> None:
    with running_pair(tmp_path) as (ee, pt):
        for one in (ee, pt):
            log_everything(one)
        exchange(ee, pt)
        exchange_evidence(ee, pt, tmp_path / "in the clear")
        be_refused(ee, pt)
        # While the nodes run there are write-ahead logs and caches as well.
        found = hits(ee.node.home) + hits(pt.node.home)
    found += hits(ee.node.home) + hits(pt.node.home)
    for one in (ee, pt):
        # Where the processes' standard error goes.
        assert '"level":"debug"' in one.node.log_file.read_text()
    print(f"plaintext_hits {len(found)}")  # noqa: T201 - a figure
    assert not found
