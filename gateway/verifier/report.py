"""What a check has found: lines for people, one document for programs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.core.canonical import JsonObject
from gateway.core.errors import GatewayError, VerificationError

_SUBJECT_COLUMNS = 12
_TEXT_COLUMNS = 78


class Outcome(StrEnum):
    """What one check, or all of them together, came to."""

    OK = "ok"
    FAILED = "failed"  # the evidence contradicts itself or what is known
    INCOMPLETE = "incomplete"  # nothing wrong, but less than was asked for
    INFO = "info"  # told, not checked


_EXIT_CODES = {Outcome.OK: 0, Outcome.FAILED: 7, Outcome.INCOMPLETE: 8}
_VERDICTS = {
    Outcome.OK: "VERIFIED",
    Outcome.FAILED: "FAILED",
    Outcome.INCOMPLETE: "INCOMPLETE",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One finding.

    Attributes:
        subject: What was looked at, such as `ENTRIES`.
        text: What was found, for people.
        outcome: What it comes to.
        code: Stable identifier of the finding, for programs.
    """

    subject: str
    text: str
    outcome: Outcome
    code: str


class FailedCheckError(VerificationError):
    """A check that ended early; the room turns it into a line of the report."""

    def __init__(self, line: Line) -> None:
        super().__init__(f"{line.subject}: {line.text}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about one piece of evidence.

    Attributes:
        kind: `log`, `bundle`, `proof` or `card`.
        lines: In the order of the checks.
        not_shown: What the evidence leaves open even where all checks passed.
        leaf: The proven entry as it was logged; of proofs only.
    """

    kind: str
    lines: tuple[Line, ...]
    not_shown: tuple[str, ...] = ()
    leaf: JsonObject | None = None

    @property
    def outcome(self) -> Outcome:
        """The overall result: a single failure decides; so does having no check."""
        outcomes = {line.outcome for line in self.lines}
        if Outcome.FAILED in outcomes or Outcome.OK not in outcomes:
            return Outcome.FAILED
        if Outcome.INCOMPLETE in outcomes:
            return Outcome.INCOMPLETE
        return Outcome.OK

    @property
    def exit_code(self) -> int:
        """Exit code of the command: 0 ok, 7 failed, 8 incomplete."""
        return _EXIT_CODES[self.outcome]

    def render(self) -> str:
        """Return the report for people, a line each, with a line feed at the end."""
        lines = [_render_line(line) for line in self.lines]
        lines.append(_render_verdict(self))
        return "".join(f"{line}\n" for line in lines)

    def to_json(self) -> JsonObject:
        """Return the report as one stable document."""
        document: JsonObject = {
            "kind": self.kind,
            "result": self.outcome.value,
            "exit_code": self.exit_code,
            "lines": [
                {
                    "subject": line.subject,
                    "text": line.text,
                    "outcome": line.outcome.value,
                    "code": line.code,
                }
                for line in self.lines
            ],
            "not_shown": list(self.not_shown),
        }
        if self.leaf is not None:
            document["leaf"] = self.leaf
        return document


@dataclass(slots=True)
class Findings:
    """Gathers the lines of a report."""

    lines: list[Line] = field(default_factory=list)
    has_failed: bool = False

    def add(self, subject: str, text: str, outcome: Outcome, code: str) -> None:
        """Add a line."""
        self.add_line(Line(subject, text, outcome, code))

    def add_line(self, line: Line) -> None:
        """Add a line that a check has made."""
        self.lines.append(line)
        self.has_failed = self.has_failed or line.outcome is Outcome.FAILED

    def ok(self, subject: str, text: str, code: str) -> None:
        """Add a check that passed."""
        self.add(subject, text, Outcome.OK, code)

    def info(self, subject: str, text: str, code: str) -> None:
        """Add something that is told and not checked."""
        self.add(subject, text, Outcome.INFO, code)

    def incomplete(self, subject: str, text: str, code: str) -> None:
        """Add something that is missing for a full answer."""
        self.add(subject, text, Outcome.INCOMPLETE, code)

    def failed(self, subject: str, text: str, code: str) -> None:
        """Add a check that failed."""
        self.add(subject, text, Outcome.FAILED, code)

    def report(
        self,
        kind: str,
        *,
        not_shown: Sequence[str] = (),
        leaf: JsonObject | None = None,
    ) -> Report:
        """Return the report of what was gathered."""
        return Report(kind, tuple(self.lines), tuple(not_shown), leaf)


def failure(subject: str, text: str, code: str) -> FailedCheckError:
    """Return the error that ends a check with a failed line."""
    return FailedCheckError(Line(subject, text, Outcome.FAILED, code))


def failure_from(subject: str, error: GatewayError) -> FailedCheckError:
    """Return the error that ends a check because the core refused something."""
    return failure(subject, str(error), error.code)


def printable(text: str) -> str:
    """Return text from evidence with all that could trick a terminal spelled out."""
    return "".join(
        char if char.isprintable() else f"\\u{{{ord(char):x}}}" for char in text
    )


def _render_line(line: Line) -> str:
    text = f"{line.subject:<{_SUBJECT_COLUMNS}} {line.text}"
    mark = "" if line.outcome is Outcome.INFO else line.outcome.name
    width = _SUBJECT_COLUMNS + _TEXT_COLUMNS
    return printable(f"{text:<{width}} {mark}".rstrip())


def _render_verdict(report: Report) -> str:
    verdict = _VERDICTS[report.outcome]
    text = f"{'RESULT':<{_SUBJECT_COLUMNS}} {verdict}."
    if not report.not_shown:
        return text
    return f"{text} Not shown by this check: {'; '.join(report.not_shown)}."
