"""What proves who somebody is: passwords."""

from typing import Protocol


class Passwords(Protocol):
    """Hashing and comparing passwords, off the loop and few at a time."""

    async def hash(self, password: str) -> str:
        """Return the argon2id string of a password.

        Raises:
            QuotaError: Too many are being hashed.
        """
        ...

    async def matches(self, hashed: str, password: str) -> bool:
        """Tell whether a password is that of an argon2id string.

        Takes as long where there is none to compare with; it is never right then.

        Raises:
            QuotaError: Too many are being hashed.
        """
        ...
