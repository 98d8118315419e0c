"""How long who guesses has to wait. Pure: the clock is given, memory is bounded.

Three counts. A *name at a place* has a few free tries, then each further wrong password doubles the wait; a
place is an address, or a browser that logged in by that name before. A *name* alone has many more tries,
which only a guesser at many addresses uses up. An *address* pays one point for each name, unknown name or
wrong code that fails from there, and for each try after a name's free ones, so a classroom behind one address
pays for its typing errors once a person, while a script pays for everything. An address over its budget waits
for codes, unknown names and names that failed there: whoever has an account, and has not failed, gets in.

A browser that logged in by a name before has a count of its own for it: nobody else's failures slow it.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

#: Wrong passwords for one name at one place that cost no waiting, and the longest wait afterwards.
NAME_TRIES = 5
NAME_WAIT_MAX_S = 300

#: The same for one name from everywhere: more than a few addresses reach with what they may try.
NAME_TRIES_EVERYWHERE = 100

#: An address's wait is shorter: people who did nothing wrong may share it.
ADDRESS_WAIT_MAX_S = 30

#: A failure is forgiven after so long; a name's at a place, from everywhere, and an address's.
NAME_FORGIVEN_AFTER_S = 300
NAME_FORGIVEN_EVERYWHERE_AFTER_S = 60
ADDRESS_FORGIVEN_AFTER_S = 30

#: Names at places, names and addresses that are remembered, each; what failed longest ago is forgotten first.
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
        self._counts: OrderedDict[Hashable, _Count] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def failures(self, key: Hashable, now_s: float) -> float:
        count = self._counts.get(key)
        if count is None:
            return 0.0
        return max(0.0, count.failures - (now_s - count.at_s) / self._forgiven_after_s)

    def wait_s(self, key: Hashable, now_s: float) -> float:
        count = self._counts.get(key)
        return max(0.0, count.blocked_until_s - now_s) if count else 0.0

    def fail(self, key: Hashable, now_s: float) -> None:
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

    def pay_back(self, key: Hashable, points: float, now_s: float) -> None:
        count = self._counts.get(key)
        if count is not None:
            count.failures, count.at_s = max(0.0, self.failures(key, now_s) - points), now_s

    def take_back(self, key: Hashable, now_s: float) -> None:
        """Forget one failure, and the wait if there is none without it."""
        self.pay_back(key, 1, now_s)
        count = self._counts.get(key)
        if count is not None and count.failures < self._free:
            count.blocked_until_s = 0.0

    def forget(self, key: Hashable) -> None:
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
        self._places = _Counts(
            free=NAME_TRIES, wait_max_s=NAME_WAIT_MAX_S, forgiven_after_s=NAME_FORGIVEN_AFTER_S
        )
        self._names = _Counts(
            free=NAME_TRIES_EVERYWHERE,
            wait_max_s=NAME_WAIT_MAX_S,
            forgiven_after_s=NAME_FORGIVEN_EVERYWHERE_AFTER_S,
        )
        self._addresses = _Counts(
            free=3 * people + 30, wait_max_s=ADDRESS_WAIT_MAX_S, forgiven_after_s=ADDRESS_FORGIVEN_AFTER_S
        )

    def __len__(self) -> int:
        """Give how many names at places, names and addresses are remembered."""
        return len(self._places) + len(self._names) + len(self._addresses)

    def begin_login(
        self, name: str, address: str, *, is_known: bool, is_elsewhere: bool = False, device: str = ""
    ) -> int:
        """Give the seconds until a password for a name may be tried; 0: now, and it counts as a failure.

        It is counted before it is known: of many tries at once none gets by while others are looked at.

        Parameters
        ----------
        name, address : str
            Whose password is tried, and from where.
        is_known : bool
            Whether the hub knows the name.
        is_elsewhere : bool
            Whether an institution may know it: then its tries count too.
        device : str
            The browser, where somebody logged in by this name on it before.
        """
        now_s, key, address = self._clock(), _key(name), _network(address)
        if not is_known and not is_elsewhere:
            if wait_s := self._addresses.wait_s(address, now_s):
                return math.ceil(wait_s)
            self._addresses.fail(address, now_s)
            return 0
        place = (key, device or address)
        failures = self._places.failures(place, now_s)
        wait_s = self._places.wait_s(place, now_s)
        if not device:
            wait_s = max(wait_s, self._names.wait_s(key, now_s))
            if failures or not is_known:
                wait_s = max(wait_s, self._addresses.wait_s(address, now_s))
        if wait_s:
            return math.ceil(wait_s)
        if _costs_a_point(failures):
            self._addresses.fail(address, now_s)
        self._places.fail(place, now_s)
        if not device:
            self._names.fail(key, now_s)
        return 0

    def login_succeeded(self, name: str, address: str, *, device: str = "") -> None:
        """Forget a name's failures at its place, and give its address back one point and no more.

        What failed for the name at other places stays: it was somebody else.
        """
        now_s, key, address = self._clock(), _key(name), _network(address)
        place = (key, device or address)
        self._addresses.pay_back(address, 1, now_s)
        if not device:
            self._names.pay_back(key, self._places.failures(place, now_s), now_s)
        self._places.forget(place)

    def take_back(
        self, name: str, address: str, *, is_known: bool, is_elsewhere: bool = False, device: str = ""
    ) -> None:
        """Forget a try that was begun and not looked at: what it cost, with the same words."""
        now_s, key, address = self._clock(), _key(name), _network(address)
        if not is_known and not is_elsewhere:
            self._addresses.take_back(address, now_s)
            return
        place = (key, device or address)
        self._places.take_back(place, now_s)
        if not device:
            self._names.take_back(key, now_s)
        if _costs_a_point(self._places.failures(place, now_s)):
            self._addresses.take_back(address, now_s)

    def code_wait_s(self, address: str) -> int:
        """Give the seconds until a code from an address is looked at; 0: now."""
        return math.ceil(self._addresses.wait_s(_network(address), self._clock()))

    def code_failed(self, address: str) -> None:
        """Count a code, or a one-time link, that nobody made."""
        self._addresses.fail(_network(address), self._clock())


def _network(address: str) -> str:
    """Give what counts as one address: of IPv6 each machine has 2⁶⁴, so there it is the network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4 or parsed.ipv4_mapped:  # noqa: PLR2004 - IP's version
        return address
    return str(ipaddress.IPv6Network((int(parsed), 64), strict=False))


def _costs_a_point(failures: float) -> bool:
    """Say whether a try costs its address something, by the failures before it."""
    return failures == 0 or failures >= NAME_TRIES


def _key(name: str) -> str:
    return name[:64]
