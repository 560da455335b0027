"""What `doctor` says of `treaties.toml` and `profile.toml`."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.admin.node_shapes import Check
from gateway.config.profile_file import profile_file_problems
from gateway.config.reading import Problem
from gateway.config.treaty_file import treaty_file_problems
from gateway.core.values import UnixMs
from gateway.flows.legal import LegalDesk
from gateway.keystore.home import HomeLayout

_OLD = timedelta(days=366)


async def legal_checks(home: HomeLayout, legal: LegalDesk, now: UnixMs) -> list[Check]:
    """Return one line a check; files are read again, as the next start would."""
    problems = await asyncio.to_thread(_problems, home)
    today = datetime.fromtimestamp(now // 1000, UTC).date()
    old = [
        entry.country
        for entry in legal.table.entries.values()
        if entry.checked_on is not None and today - entry.checked_on > _OLD
    ]
    checks = [
        Check(
            name="treaty table",
            level="warn",
            text=f"over a year since these entries were compared: {', '.join(old)}",
            remedy="compare them with the sources, and set checked_on",
        )
        for _ in old[:1]
    ]
    checks += [
        Check(
            name="treaty table",
            level="fail",
            text=f"{problem}; neither a reload nor a start takes the file",
            remedy="mla-gateway treaty check, mla-gateway profile check",
        )
        for problem in problems
    ]
    count = len(legal.table.entries)
    said = f"{count} countries" if count else "empty: nothing is said of any country"
    service = "published" if legal.record is not None else "none published"
    return checks or [
        Check(
            name="treaty table", level="ok", text=f"{said}; service profile: {service}"
        ),
    ]


def _problems(home: HomeLayout) -> list[str]:
    return [
        *_of(home.treaties, treaty_file_problems),
        *_of(home.profile, profile_file_problems),
    ]


def _of(file: Path, judge: Callable[[Path], list[Problem]]) -> Iterator[str]:
    if file.exists():
        yield from map(str, judge(file))
