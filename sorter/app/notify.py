"""Words to whoever watches this process: systemd, or our own supervisor, by the protocol of sd_notify(3).

Nothing here waits or raises: nobody may be listening.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

ADDRESS, PATIENCE = "NOTIFY_SOCKET", "WATCHDOG_USEC"


class Notifier:
    """The watched process's end; mute when nobody watches.

    period_s  time between two signs of life, a quarter of the watcher's patience; None = nobody wants any
    """

    def __init__(
        self, environ: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._address = environ.get(ADDRESS, "")
        self._clock = clock
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if self._address else None
        if self._socket is not None:
            self._socket.setblocking(False)
        patience = environ.get(PATIENCE, "")
        self.period_s = int(patience) / 4e6 if patience.isascii() and patience.isdigit() else None
        self._due_s = 0.0

    def ready(self, status: str) -> None:
        """Started: it controls from now on."""
        self.say(f"READY=1\nSTATUS={status}")

    def turned(self) -> None:
        """The loop went round once: says so, as often as the watcher needs it."""
        if self.period_s is not None and (now_s := self._clock()) >= self._due_s:
            self._due_s = now_s + self.period_s
            self.say("WATCHDOG=1")

    def stopping(self) -> None:
        """It ends in order."""
        self.say("STOPPING=1")

    def say(self, words: str) -> None:
        """Send as it is."""
        if self._socket is not None and words:
            with suppress(OSError):
                self._socket.sendto(words.encode(), _socket_address(self._address))

    def close(self) -> None:
        """Nothing more is said."""
        if self._socket is not None:
            self._socket.close()


class Listener:
    """The watcher's end: an address of its own in the kernel, which leaves no file behind. Linux only.

    address  for the NOTIFY_SOCKET of whoever is watched
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("")
        self.address = "@" + self._socket.getsockname()[1:].decode("ascii")

    def hear(self, wait_s: float) -> list[str]:
        """The lines of the next word, none when there is none within wait_s."""
        self._socket.settimeout(wait_s)
        try:
            return self._socket.recv(4096).decode("utf-8", "replace").splitlines()
        except (TimeoutError, BlockingIOError):
            return []

    def close(self) -> None:
        """The address is free."""
        self._socket.close()


def _socket_address(text: str) -> str:
    return "\0" + text[1:] if text.startswith("@") else text
