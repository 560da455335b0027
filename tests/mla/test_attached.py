"""Every attached file is described by one item, as it was measured, and no other."""

import hashlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.limits import MAX_ATTACHMENTS, MAX_FORM_PROBLEMS
from gateway.core.values import HexDigest
from gateway.mla.attached import (
    AttachedFile,
    attachment_problems,
    describe,
    item_ids,
)
from gateway.mla.envelope_fields import Form
from gateway.mla.problems import Problem, ProblemCode, select
from gateway.mla.spellings import is_id
from gateway.mla.validate import check_completed, validate
from tests.support.forms import (
    evidence_message,
    sample,
    sample_cases,
    with_value,
    without,
)

SCHEMA, REF, HASH = ProblemCode.SCHEMA, ProblemCode.REF, ProblemCode.HASH
MANIFEST = "/payload/manifest"
MEASURED = ("item_id", "media_type", "size_bytes", "digests", "digest_over")
OTHER_DIGEST = HexDigest("00" * 32)


def _ids() -> Callable[[], str]:
    numbers = iter(range(10_000))
    return lambda: f"01990000-0000-7000-8000-{next(numbers):012x}"


def _file(name: str, content: bytes = b"x") -> AttachedFile:
    return AttachedFile(
        name=name,
        media_type="text/csv",
        size=len(content),
        sha256=HexDigest(hashlib.sha256(content).hexdigest()),
    )


def _sample_files() -> list[AttachedFile]:
    return [
        _file(str(row["file_name"]), str(row["content_text"]).encode())
        for found in select(sample_cases()[0], "evidence/*")
        if isinstance(row := found.value, dict)
    ]


FILES = _sample_files()


def _unmeasured(document: JsonObject) -> JsonObject:
    for index in range(len(FILES)):
        for name in MEASURED:
            document = without(document, f"{MANIFEST}/{index}/{name}")
    return document


def _described(
    document: JsonObject, files: list[AttachedFile]
) -> tuple[JsonObject, list[Problem]]:
    return describe(document, files, new_id=_ids())


def _told(problems: list[Problem]) -> list[tuple[str, ProblemCode]]:
    assert all(problem.blocking for problem in problems)
    return [(p.pointer.removeprefix(f"{MANIFEST}/"), p.code) for p in problems]


def _item(document: JsonObject, index: int) -> JsonObject:
    return cast("JsonObject", select(document, f"{MANIFEST}/*")[index].value)


# --- adding what was measured ---


def test_what_was_measured_is_added_to_the_item_of_the_same_name() -> None:
    form = _unmeasured(evidence_message())
    before = deepcopy(form)

    document, problems = _described(form, FILES[::-1])

    assert problems == []
    assert form == before
    for index, file in enumerate(FILES):
        item = _item(document, index)
        assert is_id(str(item["item_id"]))
        assert item["media_type"] == file.media_type
        assert item["size_bytes"] == file.size
        assert item["digests"] == [{"alg": "SHA-256", "value": file.sha256}]
        assert item["digest_over"] == "PLAIN"
    assert validate(document, form=Form.AUTHOR) == []
    check_completed(document)


def test_what_the_author_gave_is_kept() -> None:
    form = with_value(evidence_message(), f"{MANIFEST}/0/media_type", "text/plain")
    form = with_value(form, f"{MANIFEST}/0/digest_over", "CIPHER")

    assert _described(form, FILES) == (form, [])


def test_other_digests_of_the_author_are_kept_beside_the_measured_one() -> None:
    form = without(evidence_message(), f"{MANIFEST}/0/digests/0")
    (_, given), *_ = select(form, f"{MANIFEST}/*/digests/*")

    document, problems = _described(form, FILES)

    assert problems == []
    measured = {"alg": "SHA-256", "value": FILES[0].sha256}
    assert _item(document, 0)["digests"] == [given, measured]


def test_an_id_that_is_none_is_replaced_and_every_item_has_one() -> None:
    form = with_value(evidence_message(), f"{MANIFEST}/0/item_id", "first")
    form = without(form, f"{MANIFEST}/1/item_id")
    form = with_value(form, f"{MANIFEST}/1/channel", "COURIER")

    document, problems = _described(form, FILES[:1])

    assert problems == []
    assert [_item(document, index)["item_id"] for index in (0, 1)] == [
        "01990000-0000-7000-8000-000000000000",
        "01990000-0000-7000-8000-000000000001",
    ]


def test_the_check_of_the_form_names_what_is_missing_of_a_file_without_an_item() -> (
    None
):
    document, problems = _described(without(evidence_message(), f"{MANIFEST}/1"), FILES)

    assert problems == []
    item = _item(document, 1)
    assert set(item) == {*MEASURED, "file_name", "channel"}
    assert (item["file_name"], item["channel"]) == (FILES[1].name, "GATEWAY")
    missing = {problem.pointer for problem in validate(document, form=Form.AUTHOR)}
    assert f"{MANIFEST}/1/title" in missing
    assert f"{MANIFEST}/1/custody" in missing
    assert all(pointer.startswith(f"{MANIFEST}/1/") for pointer in missing)


def test_a_form_without_manifest_gets_one_for_its_files() -> None:
    document, problems = _described(sample("RSP"), FILES)

    assert problems == []
    assert list(item_ids(document)) == [file.name for file in FILES]
    assert _described(sample("RSP"), []) == (sample("RSP"), [])


@pytest.mark.parametrize("name", ["STS", "ACK", "ERR", "EVD_ACK", "CLS"])
def test_a_type_without_manifest_takes_no_files(name: str) -> None:
    form: JsonObject = {"msg_type": name, "payload": {}}

    document, problems = _described(form, FILES)

    assert document == form
    assert [(p.pointer, p.code) for p in problems] == [("/payload", SCHEMA)]
    assert name in problems[0].sentence
    assert _described(form, []) == (form, [])


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/payload", "text"),
        (MANIFEST, "text"),
        (f"{MANIFEST}/0", "text"),
        (f"{MANIFEST}/0/digests", "text"),
        (f"{MANIFEST}/0/size_bytes", "text"),
        ("/msg_type", "NONSENSE"),
    ],
)
def test_what_is_malformed_is_left_to_the_check_of_the_form(
    pointer: str, value: JsonValue
) -> None:
    form = with_value(evidence_message(), pointer, value)
    named = [file for file in FILES if file.name in item_ids(form)]

    document, problems = _described(form, named)

    assert (document, problems) == (form, [])
    assert pointer in {problem.pointer for problem in validate(document)}


# --- what does not fit ---


def _changed(pointer: str, value: JsonValue) -> JsonObject:
    return with_value(evidence_message(), f"{MANIFEST}/{pointer}", value)


@pytest.mark.parametrize(
    ("rule", "document", "files", "expected"),
    [
        (
            "another size",
            _changed("0/size_bytes", 7),
            FILES,
            [("0/size_bytes", HASH)],
        ),
        (
            "another digest",
            _changed("1/digests/0/value", OTHER_DIGEST),
            FILES,
            [("1/digests/0/value", HASH)],
        ),
        (
            "an item without its file",
            evidence_message(),
            FILES[:1],
            [("1/file_name", REF)],
        ),
        (
            "two files of one name",
            evidence_message(),
            [*FILES, FILES[0]],
            [("0/file_name", SCHEMA)],
        ),
        (
            "two items of one name",
            _changed("1/file_name", FILES[0].name),
            FILES[:1],
            [("1/file_name", SCHEMA)],
        ),
        (
            "a file whose item goes by courier",
            _changed("1/channel", "COURIER"),
            FILES,
            [("1/channel", SCHEMA)],
        ),
        (
            "a name that leads elsewhere",
            _changed("0/file_name", "../list.csv"),
            [replace(FILES[0], name="../list.csv"), FILES[1]],
            [("0/file_name", SCHEMA)],
        ),
    ],
)
def test_items_and_files_that_do_not_fit_are_named_before_and_after_the_way(
    rule: str,
    document: JsonObject,
    files: list[AttachedFile],
    expected: list[tuple[str, ProblemCode]],
) -> None:
    described, problems = _described(document, files)

    assert _told(problems) == expected, rule
    assert _told(attachment_problems(document, files)) == expected, rule
    assert described == document, rule


def test_a_file_without_an_item_is_found_after_the_way() -> None:
    document = evidence_message()

    problems = attachment_problems(document, [*FILES, _file("more.csv")])

    assert [(p.pointer, p.code) for p in problems] == [(MANIFEST, SCHEMA)]
    assert "attachment 3" in problems[0].sentence
    assert "more.csv" not in problems[0].sentence


def test_an_item_without_the_digest_that_is_compared_is_found_after_the_way() -> None:
    document = without(evidence_message(), f"{MANIFEST}/0/digests/0")

    assert _told(attachment_problems(document, FILES)) == [("0/digests", SCHEMA)]


def test_files_without_manifest_are_found_after_the_way() -> None:
    problems = attachment_problems(sample("RSP"), FILES)

    assert [problem.pointer for problem in problems] == [MANIFEST, MANIFEST]


def test_items_sent_on_another_way_need_no_file_and_no_name_of_their_own() -> None:
    document = _changed("0/channel", "COURIER")
    document = with_value(document, f"{MANIFEST}/1/channel", "COURIER")
    document = with_value(document, f"{MANIFEST}/1/file_name", FILES[0].name)

    assert attachment_problems(document, []) == []


def test_no_sentence_quotes_a_value() -> None:
    private = "Harrowvale.csv"
    rows = [_file(private, b"1"), _file(private, b"22")]
    documents = [
        evidence_message(),
        _changed("0/file_name", private),
        with_value(_changed("0/file_name", private), f"{MANIFEST}/0/size_bytes", 98765),
    ]

    for document in documents:
        for files in ([], rows, rows[:1]):
            for problem in attachment_problems(document, files):
                assert "Harrowvale" not in problem.sentence
                assert "98765" not in problem.sentence


def test_no_more_problems_are_told_than_of_a_form() -> None:
    files = [_file(f"{number}.csv") for number in range(MAX_ATTACHMENTS)]

    assert len(attachment_problems(sample("RSP"), files)) == MAX_FORM_PROBLEMS


def test_ids_are_those_of_items_that_travel_here() -> None:
    document = evidence_message()
    first, second = (str(_item(document, index)["item_id"]) for index in (0, 1))

    assert item_ids(document) == {FILES[0].name: first, FILES[1].name: second}
    detached = with_value(document, f"{MANIFEST}/0/channel", "OBJECT_STORE")
    assert item_ids(detached) == {FILES[1].name: second}


# --- whatever comes ---

NAMES = st.sampled_from(["a.csv", "b.csv", "../c", "", " d", "con", "\ud800"])
DIGESTS = st.sampled_from([OTHER_DIGEST, FILES[0].sha256])
MANY_FILES = st.lists(
    st.builds(
        AttachedFile,
        name=NAMES | st.text(),
        media_type=st.text(),
        size=st.integers(0, 3),
        sha256=DIGESTS,
    ),
    max_size=4,
)
ANY_JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
ITEM: st.SearchStrategy[JsonValue] = st.fixed_dictionaries(
    {},
    optional={
        "file_name": NAMES | ANY_JSON,
        "item_id": ANY_JSON,
        "size_bytes": st.integers(0, 3) | ANY_JSON,
        "digests": st.lists(
            st.fixed_dictionaries(
                {}, optional={"alg": st.just("SHA-256") | ANY_JSON, "value": DIGESTS}
            )
            | ANY_JSON
        )
        | ANY_JSON,
        "channel": st.sampled_from(["GATEWAY", "COURIER", "NONE"]) | ANY_JSON,
    },
)
DOCUMENT = st.fixed_dictionaries(
    {},
    optional={
        "msg_type": st.sampled_from(["EVD", "RSP", "ACK"]) | ANY_JSON,
        "payload": st.fixed_dictionaries(
            {}, optional={"manifest": st.lists(ITEM | ANY_JSON) | ANY_JSON}
        )
        | ANY_JSON,
    },
)


@settings(max_examples=400)
@given(DOCUMENT, MANY_FILES)
def test_whatever_a_document_holds_nothing_is_raised(
    document: JsonObject, files: list[AttachedFile]
) -> None:
    before = deepcopy(document)

    described, problems = _described(document, files)

    assert document == before
    assert problems == attachment_problems(described, files)
    assert all(problem.blocking for problem in problems)
    attachment_problems(document, files)
    assert set(item_ids(document)) <= set(item_ids(described))


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=4), st.data())
def test_what_was_described_passes_and_any_other_file_is_found(
    contents: list[bytes], data: st.DataObject
) -> None:
    files = [_file(f"{n}.csv", content) for n, content in enumerate(contents)]
    row = _item(_unmeasured(evidence_message()), 0)
    items: list[JsonValue] = [row | {"file_name": file.name} for file in files]
    form = with_value(evidence_message(), MANIFEST, items)

    document, problems = _described(form, data.draw(st.permutations(files)))

    assert problems == []
    assert validate(document) == []
    assert attachment_problems(document, files) == []
    assert set(item_ids(document)) == {file.name for file in files}

    index = data.draw(st.integers(0, len(files) - 1))
    file = files[index]
    other = data.draw(
        st.sampled_from(
            [
                replace(file, name="other.csv"),
                replace(file, size=file.size + 1),
                replace(file, sha256=OTHER_DIGEST),
            ]
        )
    )
    changed = [*files[:index], other, *files[index + 1 :]]
    assert attachment_problems(document, changed)
    assert attachment_problems(document, [*files, other])
    assert attachment_problems(document, [*files[:index], *files[index + 1 :]])
