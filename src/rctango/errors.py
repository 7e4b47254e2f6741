"""The errors this package raises on purpose; nothing else ever leaves a public function."""

__all__ = ["AddressError", "ConfigError", "EvidenceError", "RctangoError"]


class RctangoError(Exception):
    """The base of every error of this package."""


class AddressError(RctangoError, ValueError):
    """A text is no address, range or binding.

    Attributes:
        text: the text that was rejected.
        reason: why, as a clause without a full stop.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text!r}: {reason}")
        self.text = text
        self.reason = reason


class EvidenceError(RctangoError):
    """An artifact, or the rest of it, cannot be read.

    Attributes:
        source: the artifact's name.
        locator: where in it: a line, a byte offset or an object; empty for the whole.
        reason: why, as a clause without a full stop.
    """

    def __init__(self, source: str, locator: str, reason: str) -> None:
        place = f"{source}, {locator}" if locator else source
        super().__init__(f"{place}: {reason}")
        self.source = source
        self.locator = locator
        self.reason = reason


class ConfigError(RctangoError):
    """The configuration file is wrong.

    Attributes:
        source: the file's name.
        problems: every bad value as (path to the value, what is wrong with it).
    """

    def __init__(self, source: str, problems: tuple[tuple[str, str], ...]) -> None:
        lines = [f"{path}: {what}" if path else what for path, what in problems]
        super().__init__(f"{source}: " + "; ".join(lines))
        self.source = source
        self.problems = problems
