"""Names of an authority's logs and witness (specification, section 8.1)."""

import re

from gateway.core.values import AuthorityId

_EPOCH = re.compile(r"[1-9][0-9]{0,8}\Z")


def root_origin(authority: AuthorityId) -> str:
    """Return the origin of the root log, which is the name of the root keys too."""
    return f"{authority}/root"


def audit_origin(authority: AuthorityId, epoch: int = 1) -> str:
    """Return the origin of an audit log; a new epoch only after loss or compromise."""
    return f"{authority}/audit/{epoch}"


def succeeds(origin: str, earlier: str) -> bool:
    """Tell whether an audit log is of a later epoch of the same authority."""
    authority, _, epoch = origin.rpartition("/audit/")
    before, _, earlier_epoch = earlier.rpartition("/audit/")
    return (
        authority == before
        and _EPOCH.match(epoch) is not None
        and _EPOCH.match(earlier_epoch) is not None
        and int(epoch) > int(earlier_epoch)
    )


def next_origin(origin: str) -> str:
    """Return the origin of the audit log that succeeds one."""
    authority, _, epoch = origin.rpartition("/audit/")
    return f"{authority}/audit/{int(epoch) + 1}"


def witness_name(authority: AuthorityId) -> str:
    """Return the name under which an authority cosigns other logs."""
    return f"{authority}/witness"


def is_audit_origin(origin: str, authority: AuthorityId) -> bool:
    """Tell whether `origin` is that of an audit log of this authority."""
    prefix = f"{authority}/audit/"
    return (
        origin.startswith(prefix)
        and _EPOCH.match(origin.removeprefix(prefix)) is not None
    )
