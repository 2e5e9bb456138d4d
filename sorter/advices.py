"""The advice that a controller remembers: the newest word on each waybill; beyond a number the oldest goes.

One dict for all would be made anew as a whole each time its table is full of what went, and would search past
everything that went to find its oldest: at 300,000 waybills the loop stands for more than 10 ms at a time,
each word costs some 40 us, and tables of megabytes come and go in the heap. So the words lie in books: small
dicts, each of the next so many words; the loop pays for one of them at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sorter.flow import Advised

BOOKS = 16
"""What is kept fills so many: a look-up that finds nothing asks each, and the longest stall is one book's."""


class Advices(Mapping[str, Advised]):
    """Waybill -> the newest advice on it, in the order in which they were told; `kept` waybills at most."""

    def __init__(self, kept: int, told: Sequence[Advised] = ()) -> None:
        """told: what is remembered already, one word on a waybill, the oldest first."""
        self._kept, self._count = kept, len(told)
        self._words = -(-kept // BOOKS)
        # The oldest part lies the newest first: the last of a dict is taken without a search.
        self._oldest: dict[str, Advised] = {}
        parts = (told[n : n + self._words] for n in range(0, len(told), self._words))
        self._books = [{advised.waybill: advised for advised in part} for part in parts] or [{}]

    def tell(self, advised: Advised) -> bool:
        """The newest stands last; True when that made the oldest be forgotten."""
        if not self._taken_out(advised.waybill):
            self._count += 1
        if len(self._books[-1]) >= self._words:
            self._open()
        self._books[-1][advised.waybill] = advised
        if self._count <= self._kept:
            return False
        self._forget()
        return True

    def _taken_out(self, waybill: str) -> bool:
        for book in reversed(self._books):
            if waybill in book:
                del book[waybill]
                return True
        return self._oldest.pop(waybill, None) is not None

    def _open(self) -> None:
        """A new book; of too many the two neighbours that words told anew left emptiest become one."""
        books = self._books
        if len(books) >= 2 * BOOKS:
            first = min(range(len(books) - 1), key=lambda n: len(books[n]) + len(books[n + 1]))
            books[first : first + 2] = [books[first] | books[first + 1]]
        books.append({})

    def _forget(self) -> None:
        # The last book stays: it holds `_words` at most, and more than `_kept` words are there.
        while not self._oldest:
            self._oldest = dict(reversed(self._books.pop(0).items()))
        self._oldest.popitem()
        self._count -= 1

    def __getitem__(self, waybill: str) -> Advised:
        for book in reversed(self._books):
            if (found := book.get(waybill)) is not None:
                return found
        return self._oldest[waybill]

    def __iter__(self) -> Iterator[str]:
        yield from reversed(self._oldest)
        for book in self._books:
            yield from book

    def oldest_first(self) -> Iterator[Advised]:
        """All of them, in the order in which they were told."""
        yield from reversed(self._oldest.values())
        for book in self._books:
            yield from book.values()

    def __len__(self) -> int:
        return self._count
