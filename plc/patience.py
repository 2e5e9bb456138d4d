"""How long a PLC that does not scan is believed, and how long to wait before it is called again. Pure."""

from __future__ import annotations

from sorter.flow import Us

RETRY_US, RETRY_MOST_US = 100_000, 2_000_000
STILL_POLLS = 3


class Patience:
    """Counts polls that saw no new scan; the pause between attempts doubles until a scan is seen again."""

    def __init__(self, poll_us: Us, now_us: Us) -> None:
        self._poll_us = poll_us
        self._still = 0
        self._moved_us = self._retry_at_us = now_us
        self._pause_us = RETRY_US

    def connected(self, now_us: Us) -> None:
        """A connection stands; whether it lasts is not known yet."""
        self._still, self._moved_us = 0, now_us

    def moved(self, now_us: Us) -> None:
        """A new scan was seen."""
        self.connected(now_us)
        self._pause_us = RETRY_US

    def exhausted(self, now_us: Us) -> bool:
        """One more poll saw no new scan: True after more than three, and not sooner than three polls take."""
        self._still += 1
        return self._still > STILL_POLLS and now_us - self._moved_us > STILL_POLLS * self._poll_us

    def failed(self, now_us: Us) -> None:
        """The link is down: pause, at most two seconds."""
        self._retry_at_us = now_us + self._pause_us
        self._pause_us = min(2 * self._pause_us, RETRY_MOST_US)

    def may_retry(self, now_us: Us) -> bool:
        """The pause is over."""
        return now_us >= self._retry_at_us
