"""The one way a node's connection fails."""


class Broken(Exception):
    """A connection failed. `words` are Kong's; `quiet` says that it only was closed, which Kong hardly mentions."""

    def __init__(self, words: str, *, quiet: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.quiet = quiet
