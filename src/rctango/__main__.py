"""``python -m rctango``."""

from rctango.cli import run

if __name__ == "__main__":
    run()
