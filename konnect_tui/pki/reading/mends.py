"""What was not clean PEM in a file, in sentences for the operator."""


class Mends:
    """Collects sentences, each once, in the order in which they came up."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}

    def add(self, sentence: str) -> None:
        """Say this too."""
        self._sentences[sentence] = None

    def told(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self._sentences)
