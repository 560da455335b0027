"""Opening the store of a home, and running its writer as long as it is open."""

import structlog

log = structlog.get_logger()

EXIT_STORAGE_FAILED = 70
