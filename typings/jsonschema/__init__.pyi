"""The part of jsonschema's interface that we use; the library ships no types."""

from collections.abc import Mapping

class FormatChecker: ...

class Draft202012Validator:
    FORMAT_CHECKER: FormatChecker
    def __init__(
        self,
        schema: Mapping[str, object],
        *,
        format_checker: FormatChecker | None = None,
    ) -> None: ...
    @classmethod
    def check_schema(cls, schema: Mapping[str, object]) -> None: ...
    def is_valid(self, instance: object) -> bool: ...
