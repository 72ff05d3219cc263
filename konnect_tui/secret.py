"""What must not be seen: private keys, tokens, passphrases, passwords."""


class Secret:
    """Bytes that must not be seen. No representation of it, however it is printed, shows them."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes) -> None:
        self._data = data

    def reveal(self) -> bytes:
        """The bytes: for a 0600 file, OpenSSL, a keyring or an Authorization header, and nothing else."""
        return self._data

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._data == other._data

    def __hash__(self) -> int:
        return hash(self._data)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")
