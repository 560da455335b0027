"""Trying a message out: all that submitting would find, with nothing stored or logged.

The same steps as in `submit`, up to the one that keeps something; each step that
refuses ends the trial with what was found up to it.
"""

from dataclasses import dataclass

from gateway.core.errors import InvalidFormError
from gateway.flows.digests import digest_of_request
from gateway.flows.exchange import Exchange
from gateway.flows.submission import Submission
from gateway.flows.submit import Submit
from gateway.mla.document import split_author_fields
from gateway.mla.problems import Problem


@dataclass(frozen=True, slots=True)
class Tried:
    """What submitting a message would find.

    Attributes:
        problems: Everything, in the order of the checks; also what an override reason
            would lift.
        ignored: Fields of the given document that only the node gives.
        waits_for: Markings, or the type, for which a second person would have to let it
            go; none if it would leave at once.
    """

    problems: tuple[Problem, ...]
    ignored: tuple[str, ...]
    waits_for: tuple[str, ...] = ()


class Trial:
    """Tries messages out."""

    def __init__(self, exchange: Exchange, submit: Submit) -> None:
        self._exchange = exchange
        self._submit = submit

    async def check(self, submission: Submission) -> Tried:
        """Return what submitting a message would find.

        Raises:
            NotFoundError: The addressee is not a configured peer, or the submitter
                has no such upload.
            VersionError: No version is spoken on both sides.
            ConflictError: An upload is not complete.
            TooLargeError: The form is over its limit.
        """
        peer = self._submit.peer(submission.to)
        digest_of_request(submission.message, submission.to, submission.files)
        _, ignored = split_author_fields(submission.message)
        found: list[Problem] = []
        try:
            prepared, place = await self._submit.prepared(peer, submission, "")
            found += place.found
            head = await self._submit.head_of(peer, place)
            now = self._exchange.clock.now()
            judged = await self._submit.judged(peer, prepared, head, now)
            found += judged.found
        except InvalidFormError as error:
            told = [one for one in error.problems if isinstance(one, Problem)]
            found += [one for one in told if one not in found]
        waits_for = self._submit.waits_for(submission)
        return Tried(tuple(found), tuple(ignored), waits_for)
