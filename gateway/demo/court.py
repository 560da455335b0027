"""A pack for a mock court: what an opposing expert gets, and nothing else.

Two authorities exchange a small case; each opens what the other sent, and both logs are
cosigned. In the midst of it one of them changes the keys of its log, and in the end the
other erases the case. Then the pack is written: a bundle of either side, both logs, the
cards, the fingerprints to compare, the page for a court, and the verifier if it was
built.

    python -m gateway.demo.court FOLDER [--verifier FILE]
"""

import argparse
import json
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from gateway.demo.script import Line, lines
from gateway.demo.stage import Authority, DemoError, Node, free_ports

_ESTONIA = Authority("moj.ee", "EE", "Ministry of Justice")
_PORTUGAL = Authority("pgr.pt", "PT", "Prosecutor General's Office")
_PURPOSE = "preparing the answer"
_ERASURE = ("--basis", "retention-end", "--reason", "the case was closed")
_CASE = "cyb-0001"
_PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"
_GROUP = 4

# A request, that it came, what was decided on which terms, the answer with two files,
# and that these arrived.
_PLAYED = ("MLA_REQ", "ACK", "DEC", "CND_RSP", "RSP", "EVD_ACK")

_README = """\
A pack for a mock court.

{first} asked {second} for help in one case: a request, a decision, an answer with two
files, and that they arrived. In between {first} changed the keys of its log; in the
end {second} erased the case. You are the expert of the side that doubts it all.

  fingerprints.txt     what the two authorities read out to you by telephone
  cards/               their cards; compare these with the fingerprints, then use them
  bundle-{first}.zip   evidence about the case as {first} has it, with what was sealed
  bundle-{second}      the same as {second} has it, a folder: erased, proofs are left
  log-{first}, log-{second}
                       both logs as a whole, up to the newest head with witnesses
  mla-verify.pyz       the verifier: python3 mla-verify.pyz --help
  evidence.md          what each file proves, what it does not, and how to check it

Begin with
  python3 mla-verify.pyz cards/{first}.card --fingerprint "NUMBER OF {first}"
  python3 mla-verify.pyz bundle-{first}.zip --keys cards/{first}.card \\
    --keys cards/{second}.card
then do to a copy of any file what you like, and see what is said.
"""


@dataclass(slots=True)
class _Case:
    """The case as it is played.

    Attributes:
        id: Of the case, once the first message was sent.
        messages: Ids of the messages, in order; by sample id.
        manifests: What was sealed, as whoever opened it has it.
    """

    place: Path
    id: str = ""
    messages: dict[str, str] = field(default_factory=dict)
    manifests: list[Path] = field(default_factory=list)


def make_pack(out: Path, *, verifier: Path | None = None) -> None:
    """Write a pack into a new folder.

    Args:
        out: The folder; it must not be there yet.
        verifier: The one-file verifier, if it is to be in the pack.

    Raises:
        DemoError: A command did not do what it should, or there is such a folder.
    """
    if out.exists():
        raise DemoError(f"{out}: exists, nothing is overwritten")
    place = Path(tempfile.mkdtemp(prefix="mla-gateway-court-"))
    ports = free_ports(4)
    first = Node(_ESTONIA, place / "ee", ports[0], ports[1])
    second = Node(_PORTUGAL, place / "pt", ports[2], ports[3])
    try:
        case = _play(place, first, second)
        out.mkdir(mode=0o700)
        _write(out, case, first, second)
        _write_beside(out, first, second, verifier)
    finally:
        for node in (first, second):
            node.stop()
        shutil.rmtree(place, ignore_errors=True)


def _play(place: Path, first: Node, second: Node) -> _Case:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Node.init, (first, second)))
        list(pool.map(Node.start, (first, second)))
        pairs = ((first, second), (second, first))
        list(pool.map(lambda pair: _enrol(place, *pair), pairs))
    case = _Case(place)
    *before, thanks = _script()
    for line in before:
        sides = (first, second) if line.is_from_requester else (second, first)
        _exchange(case, line, *sides)
    _cosign(first, second)
    _change_keys(place, first)
    # A witness cosigns a log thrice at once, then every five minutes: too long to wait.
    second.stop()
    second.start()
    _exchange(case, thanks, first, second)
    second.run("erase", "--case", case.id, *_ERASURE, "--yes")
    _cosign(first, second)
    return case


def _script() -> list[Line]:
    """Return what the two say to each other."""
    chosen: dict[str, Line] = {}
    for line in lines():
        if line.case == _CASE and not line.generated_bytes:
            chosen.setdefault(line.msg_type, line)
    # Of the receipts, that of the request.
    request = chosen["MLA_REQ"].sample_id
    for line in lines():
        if line.msg_type == "ACK" and line.answers == request:
            chosen["ACK"] = line
    return [chosen[kind] for kind in _PLAYED]


def _enrol(place: Path, node: Node, peer: Node) -> None:
    card = place / f"{peer.authority.id}-for-{node.authority.id}.card"
    peer.run("peer", "card", "--out", str(card))
    fingerprint = str(peer.ask("peer", "fingerprint")["fingerprint"])
    words = ("--fingerprint", fingerprint, "--how", "read out by telephone")
    node.run("peer", "add", str(card), *words)


def _exchange(case: _Case, line: Line, sender: Node, receiver: Node) -> None:
    """Send a message, open it for a person at the other side, and take it."""
    form = dict(line.form)
    if line.answers:
        form |= {"in_reply_to": case.messages[line.answers], "case_id": case.id}
    words = ["--to", receiver.authority.id, "--message", "-", "--wait", "60"]
    folder = case.place / "files" / line.sample_id
    folder.mkdir(parents=True)
    for file in line.files:
        (folder / file.name).write_bytes(file.content)
        words += ["--attach", str(folder / file.name)]
    sent = sender.ask("send", *words, text=json.dumps(form))
    if sent["state"] not in {"delivered", "opened"}:
        raise DemoError(f"{line.msg_type}: is {sent['state']}, not delivered")
    message_id = str(sent["id"])
    case.messages[line.sample_id] = message_id
    opened = case.place / "opened" / message_id
    opened.parent.mkdir(exist_ok=True)
    words = ["open", message_id, "--purpose", _PURPOSE, "--out", str(opened)]
    message = receiver.ask(*words)["message"]
    if not isinstance(message, dict):
        raise DemoError(f"{line.msg_type}: opened without a message")
    case.id = str(message["case_id"])
    case.manifests.append(opened / "manifest.json")
    receiver.run("confirm", message_id)


def _change_keys(place: Path, node: Node) -> None:
    """Put new log keys in the place of the old ones, which are destroyed."""
    for words in (("log",), ("log", "--finish", "--early")):
        request = place / f"request-{len(words)}"
        statement = place / f"statement-{len(words)}.tlog-proof"
        node.run("keys", "rotate", *words, "--out", str(request))
        node.run("root", "sign", str(request), "--out", str(statement))
        node.run("keys", "statement", str(statement))
        node.stop()
        node.start()


def _cosign(*nodes: Node) -> None:
    with ThreadPoolExecutor(len(nodes)) as pool:
        words = ("audit", "round", "--wait", "60")
        list(pool.map(lambda node: node.run(*words), nodes))


def _write(out: Path, case: _Case, first: Node, second: Node) -> None:
    """Write what each side hands over."""
    (out / "cards").mkdir()
    manifests = [word for path in case.manifests for word in ("--manifest", str(path))]
    bundle = ("--out", str(out / f"bundle-{first.authority.id}.zip"), *manifests)
    folder = ("--folder", str(out / f"bundle-{second.authority.id}"))
    with ThreadPoolExecutor(2) as pool:
        done = (
            pool.submit(_hand_over, out, first, "--case", case.id, *bundle),
            pool.submit(_hand_over, out, second, *case.messages.values(), *folder),
        )
        for one in done:
            one.result()


def _hand_over(out: Path, node: Node, *words: str) -> None:
    """Write the bundle, the log and the card of one side."""
    name = node.authority.id
    node.run("evidence", *words)
    node.run("audit", "export", "--out", str(out / f"log-{name}"))
    node.run("peer", "card", "--out", str(out / "cards" / f"{name}.card"))


def _write_beside(out: Path, first: Node, second: Node, verifier: Path | None) -> None:
    """Write what the expert has from elsewhere, and how to begin."""
    told = [
        f"{node.authority.id}  {_grouped(node.ask('peer', 'fingerprint'))}"
        for node in (first, second)
    ]
    (out / "fingerprints.txt").write_text("".join(f"{line}\n" for line in told))
    names = {"first": first.authority.id, "second": second.authority.id}
    (out / "README.txt").write_text(_README.format(**names))
    if _PAGE.exists():
        shutil.copy(_PAGE, out / "evidence.md")
    if verifier is not None:
        shutil.copy(verifier, out / "mla-verify.pyz")


def _grouped(told: dict[str, object]) -> str:
    digits = str(told["fingerprint"])
    starts = range(0, len(digits), _GROUP)
    return " ".join(digits[start : start + _GROUP] for start in starts)


def main() -> int:
    """Write a pack; return the exit code."""
    parser = argparse.ArgumentParser(description="Write a pack for a mock court.")
    parser.add_argument("folder", type=Path, help="New folder for the pack.")
    parser.add_argument("--verifier", type=Path, help="The one-file verifier.")
    asked = parser.parse_args()
    try:
        make_pack(asked.folder, verifier=asked.verifier)
    except DemoError as error:
        print(f"no pack: {error}", file=sys.stderr)
        return 1
    print(f"{asked.folder}: begin with README.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
