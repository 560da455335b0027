"""Erasing and pruning: shown first, asked, and only then done."""

from gateway.admin import retention_shapes as shapes
from tests.support.command_line import AT, MESSAGE_ID, OTHER_ID, run_at
from tests.support.scripted_api import ScriptedApi

GROUND = ("--basis", "retention-10y", "--reason", "end of the period")
PLAN = shapes.Erasure(
    items=(
        shapes.ErasureItem(id=MESSAGE_ID, box="in", state="opened"),
        shapes.ErasureItem(
            id=OTHER_ID, box="out", state="queued", obstacle="under-way"
        ),
    ),
    until=AT,
    content_bytes=4_000,
    files=1,
    file_bytes=70_000,
    disclosures=2,
)
DONE = shapes.Erasure(
    items=(shapes.ErasureItem(id=MESSAGE_ID, box="in", state="erased", index=9),),
    until=AT,
    rings=1,
    erased=True,
)
PRUNING = shapes.Pruning(minimum=256, entries=200, disclosures=700)


def test_a_dry_run_shows_what_would_go_and_what_stands_against_it(
    api: ScriptedApi,
) -> None:
    api.answers["erase_messages"] = PLAN

    done = run_at(api, "erase", MESSAGE_ID, OTHER_ID, *GROUND, "--dry-run")

    assert done.exit_code == 0
    assert "under-way" in done.stdout
    assert "1 can't be erased now, so nothing would be" in done.stderr
    assert api.last.body == shapes.EraseRequest(
        basis="retention-10y",
        reason="end of the period",
        ids=(MESSAGE_ID, OTHER_ID),
        preview=True,
    )


def test_without_a_terminal_nothing_is_erased_unless_told_so(api: ScriptedApi) -> None:
    api.answers["erase_messages"] = PLAN

    done = run_at(api, "erase", "--case", "case-7", *GROUND)

    assert done.exit_code == 2
    assert "--yes" in done.stderr
    assert isinstance(api.last.body, shapes.EraseRequest)
    assert api.last.body.preview


def test_with_yes_it_is_done_at_once(api: ScriptedApi) -> None:
    api.answers["erase_messages"] = DONE

    done = run_at(api, "erase", "--case", "case-7", *GROUND, "--yes")

    assert (done.exit_code, done.stdout) == (0, "")
    assert f"1 erased; the last copy is gone after {AT}" in done.stderr
    assert api.last.body == shapes.EraseRequest(
        basis="retention-10y", reason="end of the period", case="case-7"
    )


def test_either_messages_or_a_case(api: ScriptedApi) -> None:
    for words in ((), (MESSAGE_ID, "--case", "case-7")):
        done = run_at(api, "erase", *words, *GROUND, "--yes")
        assert done.exit_code == 2
        assert "either messages or --case" in done.stderr


def test_pruning_is_shown_and_done(api: ScriptedApi) -> None:
    api.answers["prune_log"] = PRUNING
    words = ("audit", "prune", "--below", "256", "--basis", "ten years")

    shown = run_at(api, *words, "--dry-run")
    asked = run_at(api, *words)

    assert "nothing was removed yet" in shown.stdout
    assert asked.exit_code == 2
    api.answers["prune_log"] = shapes.Pruning(
        minimum=256, entries=200, disclosures=700, indices=(301,), pruned=True
    )
    done = run_at(api, *words, "--yes")
    assert "PRUNED" in done.stdout
    assert "301" in done.stdout
    assert api.last.body == shapes.PruneRequest(below=256, basis="ten years")
