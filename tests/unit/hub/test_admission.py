"""The queue of starts."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.admission import Admission


async def _settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def _boot(gate, who, order, finished):
    async with gate.admitted(who):
        order.append(who)
        await finished[who].wait()


@given(people=st.integers(1, 12), at_once=st.integers(1, 4), gives_up=st.sets(st.integers(0, 11)))
def test_everybody_who_stays_is_admitted_in_order_of_arrival(people, at_once, gives_up):
    async def story():
        gate, order = Admission(at_once), []
        finished = {str(number): asyncio.Event() for number in range(people)}
        tasks = {who: asyncio.create_task(_boot(gate, who, order, finished)) for who in finished}
        await _settle()
        assert len(order) == min(at_once, people)
        leavers = {str(number) for number in gives_up if number < people} - set(order)
        for who in leavers:
            tasks[who].cancel()
        for event in finished.values():
            await _settle()
            event.set()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        assert order == [who for who in finished if who not in leavers]

    asyncio.run(story())


async def test_a_failed_start_gives_its_place_back():
    gate = Admission(1)

    with pytest.raises(RuntimeError):
        async with gate.admitted("ada"):
            raise RuntimeError

    async with asyncio.timeout(1), gate.admitted("bob"):
        assert gate.place("bob") == 0


async def test_who_waits_is_told_the_place():
    gate, order = Admission(1), []
    finished = {who: asyncio.Event() for who in ("ada", "bob", "eve")}
    tasks = [asyncio.create_task(_boot(gate, who, order, finished)) for who in finished]
    await _settle()

    places = [gate.place(who) for who in finished]

    assert places == [0, 1, 2]
    for event in finished.values():
        event.set()
    await asyncio.gather(*tasks)


async def test_a_turn_that_comes_as_its_owner_gives_up_is_handed_on():
    gate, order = Admission(1), []
    finished = {who: asyncio.Event() for who in ("ada", "bob", "eve")}
    ada, bob, eve = [asyncio.create_task(_boot(gate, who, order, finished)) for who in finished]
    await _settle()

    gate._leave()  # noqa: SLF001 - ada's turn ends in the same tick as bob gives up
    bob.cancel()
    await _settle()

    assert order == ["ada", "eve"]
    finished["eve"].set()
    ada.cancel()
    await asyncio.gather(ada, bob, eve, return_exceptions=True)
