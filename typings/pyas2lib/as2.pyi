"""The part of pyas2lib's interface that we use; the library ships no types."""

from collections.abc import Callable

class Organization:
    def __init__(
        self,
        *,
        as2_name: str,
        sign_key: bytes,
        decrypt_key: bytes,
        domain: str,
    ) -> None: ...

class Partner:
    def __init__(
        self,
        *,
        as2_name: str,
        verify_cert: bytes,
        encrypt_cert: bytes,
        validate_certs: bool,
        sign: bool,
        digest_alg: str,
        encrypt: bool,
        enc_alg: str,
        mdn_mode: str,
        mdn_digest_alg: str,
    ) -> None: ...

class Message:
    message_id: str
    mic: bytes
    signed: bool
    encrypted: bool
    def __init__(
        self,
        sender: Organization | None = ...,
        receiver: Partner | None = ...,
    ) -> None: ...
    @property
    def content(self) -> bytes: ...
    @property
    def headers(self) -> dict[str, str]: ...
    def build(self, data: bytes, *, filename: str, content_type: str) -> None: ...
    def parse(
        self,
        raw_content: bytes,
        find_org_cb: Callable[[str], Organization | None],
        find_partner_cb: Callable[[str], Partner | None],
        find_message_cb: Callable[[str, str], Message | bool],
    ) -> tuple[str, tuple[Exception | None, str | None], Mdn | None]: ...

class Mdn:
    @property
    def content(self) -> bytes: ...
    @property
    def headers(self) -> dict[str, str]: ...
    def parse(
        self,
        raw_content: bytes,
        find_message_cb: Callable[[str, str], Message | None],
    ) -> tuple[str, str | None]: ...
