"""rctango: which Exchange receive connector answers any SMTP connection, and what that means."""

from rctango._version import __version__

__all__ = ["__version__"]
