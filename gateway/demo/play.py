"""The performance: set up, exchange, open, prove, forge, and look around."""

import filecmp
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.demo.large_item import FILE_NAME
from gateway.demo.script import Line, lines
from gateway.demo.stage import (
    Authority,
    DemoError,
    Node,
    free_ports,
    run_command,
    run_unchecked,
)

_GEORGIA = Authority("ca01.ge.example", "GE", "Office for Cross-Border Letters")
_PORTUGAL = Authority("ca01.pt.example", "PT", "Bureau of International Legal Aid")
_PURPOSE = "Demonstration: preparing the answer to the request"
_EXIT_VERIFICATION_FAILED = 7
_SHOWN_FIELDS = ("msg_type", "from", "to", "sender_ref", "purpose", "urgency")
_SHOWN_DISCLOSURES = 3
_GENERATED_AT_ONCE = 1024 * 1024


def main(*, exit_when_done: bool) -> int:
    """Play the demonstration; return the exit code.

    Args:
        exit_when_done: Stop the nodes and remove everything at the end, instead of
            staying up until interrupted.
    """
    folder = Path(tempfile.mkdtemp(prefix="mla-gateway-demo-"))
    ports = free_ports(4)
    nodes = (
        Node(_GEORGIA, folder / "ge", ports[0], ports[1]),
        Node(_PORTUGAL, folder / "pt", ports[2], ports[3]),
    )
    try:
        _Play(folder, *nodes).perform()
        if not exit_when_done:
            _stay_up(folder, nodes)
    except DemoError as error:
        print(f"demo failed: {error}", file=sys.stderr)
        for node in nodes:
            _print_log(node)
        return 1
    except KeyboardInterrupt:
        pass
    finally:
        for node in nodes:
            node.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


class _Play:
    def __init__(self, folder: Path, first: Node, second: Node) -> None:
        self._folder = folder
        self._first = first
        self._second = second
        # Sample id -> id on the way, and who sent it; key of the case -> its id.
        self._sent: dict[str, tuple[str, Node]] = {}
        self._cases: dict[str, str] = {}
        # The last message with evidence, who opened it, and where it lies in the clear.
        self._with_evidence: tuple[str, Node, Path] | None = None

    def perform(self) -> None:
        """Play everything, in order."""
        self._set_up()
        self._enrol(self._first, self._second)
        self._enrol(self._second, self._first)
        for number, line in enumerate(lines()):
            self._speak(line, is_first=number == 0)
        self._show_queues()
        self._cosign()
        self._prove()

    def _set_up(self) -> None:
        _heading("Two authorities, each with its own keys, database and log")
        nodes = (self._first, self._second)
        with ThreadPoolExecutor(len(nodes)) as pool:
            list(pool.map(Node.init, nodes))
            seconds = list(pool.map(Node.start, nodes))
        for node, its_seconds in zip(nodes, seconds, strict=True):
            _say(f"{node.authority.id} is ready after {its_seconds:.1f} s")

    def _enrol(self, node: Node, peer: Node) -> None:
        card = self._folder / f"{peer.authority.id}.card"
        if not card.exists():
            peer.run("peer", "card", "--out", str(card))
        fingerprint = str(peer.ask("peer", "fingerprint")["fingerprint"])
        node.run("peer", "add", str(card), "--fingerprint", fingerprint)
        _say(f"{node.authority.id} trusts {peer.authority.id}, fingerprint compared:")
        for half in (fingerprint[:32], fingerprint[32:]):
            _say("    " + " ".join(half[i : i + 4] for i in range(0, 32, 4)))

    def _speak(self, line: Line, *, is_first: bool) -> None:
        """Send one message, wait until it is delivered, open it at the other side."""
        sender, receiver = self._sides(line)
        form = self._addressed(line)
        files = self._files(line)
        words = ["--to", receiver.authority.id, "--message", "-", "--wait", "120"]
        for file in files:
            words += ["--attach", str(file)]
        sent = sender.ask("send", *words, text=json.dumps(form), shows=bool(files))
        if sent["state"] not in {"delivered", "opened"}:
            raise DemoError(f"{line.msg_type}: is {sent['state']}, not delivered")
        message_id = str(sent["id"])
        message = self._open(line, message_id, receiver, files)
        receiver.run("confirm", message_id)
        self._sent[line.sample_id] = (message_id, sender)
        self._cases[line.case] = str(message["case_id"])
        _say(
            f"{sender.authority.country} → {receiver.authority.country}  "
            f"{line.msg_type:<8} {message_id}  logged at {sent['index']}, "
            "delivered, opened, taken",
        )
        if is_first:
            _show_json("opened by a named person, for a stated purpose", message)

    def _addressed(self, line: Line) -> dict[str, object]:
        """Return the form of a message with the ids that were given on the way."""
        form: dict[str, object] = dict(line.form)
        if line.case in self._cases:
            form["case_id"] = self._cases[line.case]
        else:
            _heading(f"Case {line.case}: {line.title}")
        if line.answers:
            form["in_reply_to"] = self._sent[line.answers][0]
        if line.refs:
            form["refs"] = [self._sent[one][0] for one in line.refs]
        return form

    def _files(self, line: Line) -> list[Path]:
        """Write the evidence files of a message as its author has them."""
        folder = self._folder / "evidence" / line.sample_id
        folder.mkdir(parents=True)
        written = []
        for file in line.files:
            path = folder / file.name
            path.write_bytes(file.content)
            written.append(path)
        if line.generated_bytes:
            written.append(_generate(folder / FILE_NAME, line.generated_bytes))
        return written

    def _open(
        self,
        line: Line,
        message_id: str,
        receiver: Node,
        files: list[Path],
    ) -> dict[str, object]:
        """Open a message at the other side, and compare what has arrived."""
        words = ["open", message_id, "--purpose", _PURPOSE]
        out = self._folder / "opened" / line.sample_id
        if files:
            out.parent.mkdir(exist_ok=True)
            words += ["--out", str(out)]
        message = receiver.ask(*words, shows=bool(files))["message"]
        if not isinstance(message, dict):
            raise DemoError(f"{line.msg_type}: opened without a message")
        if not line.generated_bytes and message["payload"] != line.form["payload"]:
            raise DemoError(f"{line.msg_type}: arrived with another payload")
        for file in files:
            if not filecmp.cmp(file, out / file.name, shallow=False):
                raise DemoError(f"{file.name}: arrived with other bytes")
        if files:
            self._with_evidence = message_id, receiver, out
        return message

    def _sides(self, line: Line) -> tuple[Node, Node]:
        """Return sender and receiver; every second case asks the other way round."""
        requester, requested = self._first, self._second
        if line.case.endswith("2"):
            requester, requested = requested, requester
        if line.is_from_requester:
            return requester, requested
        return requested, requester

    def _show_queues(self) -> None:
        _heading("What the operators see: metadata, never content")
        for node in (self._first, self._second):
            _say(f"{node.authority.id}:")
            print(_indented(node.run("list")))

    def _cosign(self) -> None:
        _heading("Each log is vouched for by the other side")
        for node in (self._first, self._second):
            signed = node.ask("audit", "round", "--wait", "60")
            by = signed["cosigned_by"]
            if not isinstance(by, list) or not by:
                raise DemoError(f"{node.authority.id}: nobody has cosigned its log")
            names = ", ".join(map(str, by))
            _say(f"{node.authority.id}: size {signed['size']} is cosigned by {names}")

    def _prove(self) -> None:
        message_id, sender = next(iter(self._sent.values()))
        receiver = self._second if sender is self._first else self._first
        _heading("Receipts: proofs that stand without the nodes")
        cards = {
            node: self._folder / f"{node.authority.id}.card"
            for node in (sender, receiver)
        }
        folder = self._folder / "receipts"
        sender.run("receipt", message_id, "--out", str(folder))
        proofs = sorted(folder.glob("*.tlog-proof"))
        if not proofs:
            raise DemoError("no receipts were written")
        keys = [word for card in cards.values() for word in ("--keys", str(card))]
        for proof in proofs:
            _say(proof.name)
            print(_indented(run_command("verify", str(proof), *keys)))
        self._prove_evidence(cards)
        _heading("Both logs, exported and verified offline")
        for node in (sender, receiver):
            exported = self._folder / f"log-{node.authority.country.lower()}"
            node.run("audit", "export", "--out", str(exported))
            keys = ["--keys", str(cards[node])]
            report = run_command("verify", str(exported), *keys)
            print(_indented(_without_most_disclosures(report)))
            self._show_forgery(exported, keys)

    def _prove_evidence(self, cards: Mapping[Node, Path]) -> None:
        """Write the dispute bundle of a message with evidence, and verify it."""
        if self._with_evidence is None:
            raise DemoError("no evidence was sent")
        message_id, node, opened = self._with_evidence
        _heading("A dispute bundle: one file that proves a message and its evidence")
        bundle = self._folder / "dispute.zip"
        manifest = str(opened / "manifest.json")
        node.run("evidence", message_id, "--manifest", manifest, "--out", str(bundle))
        keys = [word for card in cards.values() for word in ("--keys", str(card))]
        words = ("verify", str(bundle), *keys, "--attachments", str(opened))
        print(_indented(run_command(*words)))

    def _show_forgery(self, exported: Path, keys: Iterable[str]) -> None:
        """Change one byte of a copied log entry: it must be found."""
        forged = exported.with_name(exported.name + "-forged")
        shutil.copytree(exported, forged)
        bundle = next(iter(sorted((forged / "tile" / "entries").rglob("*"))))
        while bundle.is_dir():
            bundle = next(iter(sorted(bundle.iterdir())))
        raw = bytearray(bundle.read_bytes())
        place = raw.index(b'"k":"') + 5
        raw[place] ^= 1
        bundle.write_bytes(raw)
        done = run_unchecked("verify", str(forged), *keys)
        if done.returncode != _EXIT_VERIFICATION_FAILED:
            raise DemoError("a forged log was not found out")
        _say("the same with one bit of one entry changed:")
        print(_indented(_without_most_disclosures(done.stdout)))


def _generate(path: Path, size: int) -> Path:
    """Write a file that looks like a disk image: bytes that do not repeat."""
    with path.open("wb") as file:
        for _ in range(size // _GENERATED_AT_ONCE):
            file.write(os.urandom(_GENERATED_AT_ONCE))
    return path


def _stay_up(folder: Path, nodes: tuple[Node, Node]) -> None:
    _heading("Both nodes stay up; look around, and end with Ctrl-C")
    for node in nodes:
        address = node.run("operator", "invite", "admin").strip()
        _say(f"{node.authority.id}: console, to set a password once: {address}")
        _say(f"{node.authority.id}: admin API at http://127.0.0.1:{node.admin_port}")
        for words in ("list", "audit tail", "stats", "doctor"):
            _say(f"    mla-gateway --home {node.home} {words}")
    _say(f"files are in {folder} and are removed at the end")
    signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _print_log(node: Node) -> None:
    if node.log_file.exists():
        print(f"--- log of {node.authority.id}", file=sys.stderr)
        print(node.log_file.read_text()[-4000:], file=sys.stderr)


def _heading(text: str) -> None:
    print(f"\n== {text}", flush=True)


def _say(text: str) -> None:
    print(f"   {text}", flush=True)


def _show_json(caption: str, message: dict[str, object]) -> None:
    _say(f"{caption}:")
    shown = [
        f'  "{name}": {json.dumps(message[name], ensure_ascii=False)},'
        for name in _SHOWN_FIELDS
        if name in message
    ]
    print(_indented("\n".join(["{", *shown, "  …", "}"])))


def _without_most_disclosures(report: str) -> str:
    """Return the report of a verified log with a few of its disclosures."""
    lines = report.splitlines()
    told = [number for number, line in enumerate(lines) if line.startswith("DISCLOSED")]
    left_out = told[_SHOWN_DISCLOSURES:]
    if left_out:
        lines[left_out[0]] = f"DISCLOSED    … and {len(left_out)} more"
    hidden = set(left_out[1:])
    return "\n".join(line for number, line in enumerate(lines) if number not in hidden)


def _indented(text: str) -> str:
    return "\n".join(f"      {line}" for line in text.rstrip().splitlines())
