"""Looks for pairs of mistakes of which each hides behind the other's right counterpart.

    python -m tests.find_pairs [GROUP ...] [--seeds N]
    python -m tests.find_pairs --pair "NAME" "NAME" --mix close+slip [--seeds N]

Prints lines for `mutant_pairs.PAIRS`: the seed is clean without a mistake and with either, and not with both.
Most pairs do no harm together, so both are tried first, and alone only where that was told: a tenth of a CPU
second a seed. Two mistakes in one defence never hide each other: think of the harm, and of all that is in its
way, then try these.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import cache
from itertools import combinations, product

from tests.mutant_pairs import LAYERS, trial
from tests.mutants import BY_NAME, applied
from tests.mutants_told import MORE
from tests.mutants_words import WORDS

EVERY = BY_NAME | {mutant.name: mutant for mutant in (*MORE, *WORDS, *LAYERS)}

GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "stop": (
        ("keeps a start through an e-stop", "offers orders into an e-stop", "starts in an e-stop",
         "fires after an abort", "keeps its tracks over an abort"),
        ("e-stop", "e-stop+stop-start", "e-stop+jump")),
    "boot": (
        ("old orders survive a boot", "obeys blocks for another boot", "does not know a new boot",
         "keeps pictures over a boot", "forgets the belt at a boot without a word", "obeys any session",
         "uses old pictures", "uses ids again"),
        ("reboot", "reboot+vision-late", "reboot+write-late")),
    "ring": (
        ("drops events silently", "hides lost events", "opens the infeed while its ring is full",
         "keeps the infeed open on a late disk", "never suspends"),
        ("ring-overflow", "ring-overflow+second-master", "slow-sync+stop")),
    "tracks": (
        ("windows overlap", "one window for all", "no re-basing", "misses are never too many",
         "believes a jumping encoder", "believes a standing encoder", "arms what must ride to the end"),
        ("close+slip", "jump", "stall+reverse", "inserted+removed", "touching+close")),
    "disk": (
        ("does not write failed pages anew", "says stored when it is not", "orders before they are stored",
         "counts a failed write as done", "writes on after a failure", "acknowledges what is not stored",
         "throws unsent orders away", "never mends the journal"),
        ("eio-sync+power-cut", "slow-sync+kill", "enospc+kill")),
    "restart": (
        ("orders for parcels of an older start", "decides for parcels of an older start",
         "does not say that it restarted", "loses the effects of a crash",
         "forgets what its predecessor stored", "takes an event again"),
        ("kill", "power-cut", "crash-in-recovery+kill")),
    "records": (
        ("calls everything sorted", "believes the alternate", "tells results twice",
         "records what was told, not what was done", "keeps a parcel that has left"),
        ("stuck-wheel+no-fire", "full", "removed+inserted")),
    "reads": (
        ("uses old pictures", "gives codes to the parcel before", "drops disputed reads' dispute",
         "decides by time alone", "holds nothing", "keeps the first advice", "unclear means the first town"),
        ("vision-late+vision-twice", "vision-conflict", "intercept+advice-late")),
    "late": (
        ("takes late orders", "decides after the deadline", "decides by time alone"),
        ("vision-late", "vision-late+slow", "silent+vision-late")),
}  # fmt: skip
"""Mistakes near each other, and the mixes of faults against which their right counterparts stand."""


@cache
def breaks(names: tuple[str, ...], seed: int, mix: str) -> bool:
    """Whether a promise is broken with these mistakes in the product."""
    with applied([EVERY[name] for name in names]):
        return bool(trial(seed, mix).violations)


def hides(pair: tuple[str, str], seed: int, mix: str) -> bool:
    """Neither alone is told by this seed, both together are."""
    alone: tuple[tuple[str, ...], ...] = ((), pair[:1], pair[1:])
    return breaks(pair, seed, mix) and not any(breaks(names, seed, mix) for names in alone)


def look(pair: tuple[str, str], mixes: Iterable[str], seeds: int) -> None:
    """Print the first place that tells these two together."""
    places = product(range(1, seeds + 1), mixes)
    if found := next((where for where in places if hides(pair, *where)), None):
        print(f'    ("{pair[0]}", "{pair[1]}"): {found},', flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", help="default: all")
    parser.add_argument("--pair", nargs=2, metavar="NAME")
    parser.add_argument("--mix", default="heavy")
    parser.add_argument("--seeds", type=int, default=4)
    args = parser.parse_args()
    if args.pair:
        look((args.pair[0], args.pair[1]), [args.mix], args.seeds)
        return
    for group in args.groups or GROUPS:
        names, mixes = GROUPS[group]
        for pair in combinations(names, 2):
            look(pair, mixes, args.seeds)


if __name__ == "__main__":
    main()
