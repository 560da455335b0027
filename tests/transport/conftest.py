from pathlib import Path

import pytest

from gateway.transport.tls import TlsIdentity
from gateway.transport.trust import TlsTrust
from tests.support.certificates import Ca


@pytest.fixture(scope="session")
def ours() -> Ca:
    """The authority whose listener is tried."""
    return Ca("moj.aa")


@pytest.fixture(scope="session")
def theirs() -> Ca:
    """The authority that calls."""
    return Ca("moj.bb")


@pytest.fixture
def our_identity(ours: Ca, tmp_path: Path) -> TlsIdentity:
    return ours.issue().identity(tmp_path)


@pytest.fixture
def trust(ours: Ca, theirs: Ca) -> TlsTrust:
    """Trust of either side; a node may well call itself in tests."""
    return TlsTrust.load([ours.peer(), theirs.peer()])
