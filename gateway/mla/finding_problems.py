"""What looking at a file means for the form that names it: problems and advice.

A digest that is another, and a signature that does not hold, forbid sending. Whatever
a person may judge otherwise, or the node could not look at, is advice.
"""

from collections.abc import Iterator, Mapping

from gateway.core.canonical import JsonObject
from gateway.mla.findings import (
    FileFindings,
    NotChecked,
    Result,
    SignatureFinding,
    SignatureResult,
)
from gateway.mla.problems import Found, Problem, ProblemCode, child, select, text_at

_OF_SIGNATURES: Mapping[str, str] = {
    SignatureResult.BROKEN: "a signature in it does not hold, expected none or a good "
    "one",
    SignatureResult.UNREADABLE: "what looks like a signature can't be read, expected "
    "none or a good one",
    SignatureResult.UNTRUSTED: "signed under no authority of the trust list, advised "
    "to check who signed",
    SignatureResult.PARTIAL: "something was added after a signature, advised to check "
    "what it covers",
}
_NOT_CHECKED: Mapping[str, str] = {
    NotChecked.NO_LIBRARY: "signature libraries are not installed",
    NotChecked.TOO_LARGE: "the file is too large",
    NotChecked.TOO_SLOW: "it took too long",
    NotChecked.NO_PROCESS: "no process could be started for it",
    NotChecked.NO_FILE: "the file it is over is not attached",
    NotChecked.NO_DIGEST: "its algorithm needs another digest of the item it is over",
    NotChecked.FURTHER: "of several in an XML file only the first is",
}


def finding_problems(
    document: JsonObject, name: str, findings: FileFindings
) -> list[Problem]:
    """Return what was found of a file as problems of the item that names it.

    Args:
        document: The form; any JSON object.
        name: The file.
        findings: What looking at it has shown.
    """
    for item in select(document, "/payload/manifest/*"):
        if text_at(item.value, "file_name") == name:
            return list(_problems(item, findings))
    return []


def _problems(item: Found, findings: FileFindings) -> Iterator[Problem]:
    for digest in select(item.value, "digests/*"):
        if text_at(digest.value, "alg") in findings.differing:
            pointer = child(item.pointer + digest.pointer, "value")
            sentence = "value: another than measured, expected that of the attachment"
            yield Problem(pointer, ProblemCode.HASH, sentence)
    at_name = child(item.pointer, "file_name")
    for signature in findings.signatures:
        words = _words(signature)
        if words:
            sentence = f"file_name: {words}"
            yield Problem(at_name, ProblemCode.SIG, sentence, signature.is_bad)
    yield from _hints(item, findings)


def _hints(item: Found, findings: FileFindings) -> Iterator[Problem]:
    """Yield what a person should look at; the form itself tells of custody."""
    pointer = child(item.pointer, "file_name")
    for remark in findings.remarks:
        if remark.code != ProblemCode.CHAIN and findings.structure != Result.GOOD:
            sentence = f"file_name: {remark.sentence}"
            code = ProblemCode(remark.code)
            yield Problem(pointer, code, sentence, blocking=False)
    if findings.media_type:
        pointer = child(item.pointer, "media_type")
        sentence = "media_type: the content begins like another, advised to check"
        yield Problem(pointer, ProblemCode.SCHEMA, sentence, blocking=False)


def _words(signature: SignatureFinding) -> str:
    if signature.result == SignatureResult.NOT_CHECKED:
        return f"a signature was not checked: {_NOT_CHECKED[signature.reason]}"
    return _OF_SIGNATURES.get(signature.result, "")
