"""The command line: arguments to the application, and its results to an exit code."""

from __future__ import annotations

import sys

import typer

from rctango.cli.commands import app
from rctango.cli.output import complain, prepare_streams
from rctango.errors import EvidenceError, RctangoError

__all__ = ["app", "run"]

_EXIT_USAGE = 2
_EXIT_NO_EVIDENCE = 3
_EXIT_DEFECT = 4
_EXIT_INTERRUPTED = 130


def run() -> None:
    """Run the command line and leave the process with the exit code of the contract."""
    prepare_streams()
    try:
        app(standalone_mode=True)
    except EvidenceError as error:
        complain(str(error))
        code = _EXIT_NO_EVIDENCE
    except RctangoError as error:
        complain(str(error))
        code = _EXIT_USAGE
    except KeyboardInterrupt:
        complain("interrupted")
        code = _EXIT_INTERRUPTED
    except typer.Exit as leaving:
        code = leaving.exit_code
    except Exception as error:  # noqa: BLE001 - the last resort: a defect must give exit code 4
        complain(f"a defect of rctango: {type(error).__name__}: {error}")
        code = _EXIT_DEFECT
    sys.exit(code)
