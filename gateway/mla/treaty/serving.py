"""Whether a message suits what its addressee says of its own service."""

from collections.abc import Iterator

from gateway.core.canonical import JsonObject
from gateway.mla.problems import Problem, ProblemCode, child, select, text_at
from gateway.mla.treaty.services import ServiceProfile

_TRAVELS_HERE = frozenset({"GATEWAY", "GATEWAY_CHUNKED"})
_MIB = 1024 * 1024


def service_problems(
    document: JsonObject, whose: str, profile: ServiceProfile
) -> Iterator[Problem]:
    """Yield what a service profile says against a message, its language apart.

    Args:
        document: The message, its items measured.
        whose: The authority whose profile it is.
        profile: What it says of itself.
    """
    yield from _too_much(document, whose, profile)
    yield from _other_channels(document, whose, profile)
    for pointer, measure in select(document, "/payload/measures/*"):
        kind = text_at(measure, "assist")
        if kind is not None and not profile.is_competent(kind):
            yield Problem(
                child(pointer, "assist"),
                ProblemCode.ADDR,
                f"assist: no office of {whose} says that it is competent for it",
                blocking=False,
            )


def _too_much(
    document: JsonObject, whose: str, profile: ServiceProfile
) -> Iterator[Problem]:
    limit = profile.max_evidence_bytes
    if not limit:
        return
    size = sum(
        found.value
        for item in select(document, "/payload/manifest/*")
        if text_at(item.value, "channel") in _TRAVELS_HERE
        for found in select(item.value, "size_bytes")
        if isinstance(found.value, int)
    )
    if size > limit:
        yield Problem(
            "/payload/manifest",
            ProblemCode.SIZE,
            f"manifest: {size // _MIB + 1} MiB of evidence, expected at most "
            f"{limit // _MIB} MiB with one message to {whose}; send it in parcels or "
            "by another channel",
        )


def _other_channels(
    document: JsonObject, whose: str, profile: ServiceProfile
) -> Iterator[Problem]:
    accepted = profile.channels
    if not accepted:
        return
    for pointer, item in select(document, "/payload/manifest/*"):
        channel = text_at(item, "channel")
        is_ours = channel in _TRAVELS_HERE and _TRAVELS_HERE & set(accepted)
        if channel is not None and channel not in accepted and not is_ours:
            yield Problem(
                child(pointer, "channel"),
                ProblemCode.BASIS,
                f"channel: not one that {whose} takes things by, expected "
                f"{' or '.join(accepted)}",
                blocking=False,
            )
