"""Who ends when: no process may outlive the one that started it, however that one ended."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals) -> None:
    """Let the kernel send this process `number` when its parent ends, also by SIGKILL.

    Linux only; elsewhere it does nothing. The kernel means the parent's *thread*: start children
    from a thread that lives as long as the children shall.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number))


def bound_to_parent() -> Callable[[], None]:
    """Make a `preexec_fn` for a child that has to die with this process."""
    parent = os.getpid()

    def bind() -> None:
        die_with_parent(signal.SIGKILL)
        if os.getppid() != parent:  # it ended between the fork and the line above
            os._exit(1)

    return bind
