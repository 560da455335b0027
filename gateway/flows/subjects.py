"""Tags of the people in a message, and of a person who is looked for."""

from typing import Final

from gateway.core.canonical import JsonObject
from gateway.mla.subjects import WantedSubject, subject_keys
from gateway.ports.subjects import SubjectTag, SubjectTagger, WantedTag

NO_TAGS: Final[tuple[SubjectTag, ...]] = ()


class SubjectIndex:
    """Turns what people can be found by into tags.

    Args:
        tagger: The key of this node; None of a node that keeps no tags.
    """

    def __init__(self, tagger: SubjectTagger | None = None) -> None:
        self._tagger = tagger

    def tags_of(self, document: JsonObject) -> tuple[SubjectTag, ...]:
        """Return what the people of a document are to be found by."""
        if self._tagger is None:
            return NO_TAGS
        tag = self._tagger.tag
        return tuple(
            SubjectTag(one.kind, tag(one.kind, one.text), one.person, one.role)
            for one in subject_keys(document)
        )

    def wanted(self, subject: WantedSubject) -> tuple[WantedTag, ...]:
        """Return what to look for."""
        if self._tagger is None:
            return ()
        tag = self._tagger.tag
        keys = sorted(subject.keys())
        return tuple(WantedTag(kind, tag(kind, text)) for kind, text in keys)
