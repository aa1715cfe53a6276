"""`python -m demo_services`: run the demo systems, or one of their services."""

import os
import signal
import sys

from demo_services.lifetime import die_with_parent

# The stable names of the semantic conventions; instrumentations read it when they are imported.
os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")

if "--die-with-parent" in sys.argv:  # before the imports below take their second
    die_with_parent(signal.SIGTERM)

import asyncio

from demo_services.command import parse
from demo_services.journal import open_journal
from demo_services.run import run


def main() -> int:
    """Run, and return the exit code."""
    options = parse(sys.argv[1:])
    open_journal()
    try:
        asyncio.run(run(options))
    except (OSError, RuntimeError) as error:
        print(f"demo: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
