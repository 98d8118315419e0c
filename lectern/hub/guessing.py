"""How long who guesses has to wait. Pure: the clock is given, memory is bounded.

Two counts. A *name* has a few free tries, then each further wrong password doubles the wait. An *address*
pays one point for each new name, unknown name or wrong code that fails from there, so a classroom behind one
address pays for its typing errors once a person, while a script pays for everything. An address over its
budget waits for codes and for unknown names only: whoever has an account, and has not failed, still gets in.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: Wrong passwords for one name that cost no waiting, and the longest wait afterwards.
NAME_TRIES = 5
NAME_WAIT_MAX_S = 300

#: An address's wait is shorter: people who did nothing wrong may share it.
ADDRESS_WAIT_MAX_S = 30

#: A failure is forgiven after so long; a name's and an address's.
NAME_FORGIVEN_AFTER_S = 300
ADDRESS_FORGIVEN_AFTER_S = 30

#: Names and addresses that are remembered, each; the one that failed longest ago is forgotten first.
REMEMBERED = 10_000


@dataclass
class _Count:
    failures: float = 0.0
    at_s: float = 0.0  # when `failures` was counted
    blocked_until_s: float = 0.0


class _Counts:
    """Failures by key, forgiven as time goes on, in bounded memory."""

    def __init__(self, *, free: int, wait_max_s: float, forgiven_after_s: float) -> None:
        self._free = free
        self._wait_max_s = wait_max_s
        self._forgiven_after_s = forgiven_after_s
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def failures(self, key: str, now_s: float) -> float:
        count = self._counts.get(key)
        if count is None:
            return 0.0
        return max(0.0, count.failures - (now_s - count.at_s) / self._forgiven_after_s)

    def wait_s(self, key: str, now_s: float) -> float:
        count = self._counts.get(key)
        return max(0.0, count.blocked_until_s - now_s) if count else 0.0

    def fail(self, key: str, now_s: float) -> None:
        failures = self.failures(key, now_s) + 1
        count = self._counts.pop(key, _Count())
        count.failures, count.at_s = failures, now_s
        if failures >= self._free:
            # The exponent is bounded: a float holds no more.
            wait_s = min(self._wait_max_s, 2.0 ** min(failures - self._free, 30))
            count.blocked_until_s = now_s + wait_s
        self._counts[key] = count
        while len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)

    def pay_back(self, key: str, points: float, now_s: float) -> None:
        count = self._counts.get(key)
        if count is not None:
            count.failures, count.at_s = max(0.0, self.failures(key, now_s) - points), now_s

    def forget(self, key: str) -> None:
        self._counts.pop(key, None)


class Guesses:
    """All failures that count.

    Parameters
    ----------
    people : int
        How many are expected behind one address; each may fail three times before the address waits.
    clock : Callable[[], float]
        Seconds, monotonic.
    """

    def __init__(self, people: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._names = _Counts(
            free=NAME_TRIES, wait_max_s=NAME_WAIT_MAX_S, forgiven_after_s=NAME_FORGIVEN_AFTER_S
        )
        self._addresses = _Counts(
            free=3 * people + 30, wait_max_s=ADDRESS_WAIT_MAX_S, forgiven_after_s=ADDRESS_FORGIVEN_AFTER_S
        )

    def __len__(self) -> int:
        """Give how many names and addresses are remembered."""
        return len(self._names) + len(self._addresses)

    def begin_login(self, name: str, address: str, *, is_known: bool, is_elsewhere: bool = False) -> int:
        """Give the seconds until a password for a name may be tried; 0: now, and it counts as a failure.

        It is counted before it is known: of many tries at once none gets by while others are looked at.
        An address pays for each name once.

        Parameters
        ----------
        name, address : str
            Whose password is tried, and from where.
        is_known : bool
            Whether the hub knows the name.
        is_elsewhere : bool
            Whether an institution may know it: then its tries count too.
        """
        now_s, key = self._clock(), _key(name)
        if not is_known:
            if wait_s := self._addresses.wait_s(address, now_s):
                return math.ceil(wait_s)
            if not is_elsewhere:
                self._addresses.fail(address, now_s)
                return 0
        if wait_s := self._names.wait_s(key, now_s):
            return math.ceil(wait_s)
        if self._names.failures(key, now_s) == 0:
            self._addresses.fail(address, now_s)
        self._names.fail(key, now_s)
        return 0

    def login_succeeded(self, name: str, address: str) -> None:
        """Forget a name's failures and give its address back what the name had cost, and no more."""
        self._addresses.pay_back(address, 1, self._clock())
        self._names.forget(_key(name))

    def code_wait_s(self, address: str) -> int:
        """Give the seconds until a code from an address is looked at; 0: now."""
        return math.ceil(self._addresses.wait_s(address, self._clock()))

    def code_failed(self, address: str) -> None:
        """Count a code, or a one-time link, that nobody made."""
        self._addresses.fail(address, self._clock())


def _key(name: str) -> str:
    return name[:64]
