"""The queue of starts."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.admission import IDLE_BYTES, SETTLES_S, Admission, Budget, Priority, WaitedTooLongError

MIB = 1 << 20
BUDGET = Budget(reserved=512 * MIB, per_server=256 * MIB)


def gate_of(at_once, *, memory=1 << 40, clock=lambda: 0.0):
    return Admission(at_once, BUDGET, lambda _: memory, clock)


async def _settle():
    for _ in range(5):
        await asyncio.sleep(0)


class Class:
    """People who start servers at a gate, each until told to be ready."""

    def __init__(self, gate):
        self.gate, self.order, self.inside, self.most = gate, [], set(), 0
        self.ready, self.is_in, self.tasks = {}, {}, {}

    async def arrive(self, who, priority=Priority.CLICK, limit_s=None):
        self.ready[who], self.is_in[who] = asyncio.Event(), asyncio.Event()

        async def boot():
            async with self.gate.admitted(who, priority, limit_s):
                self.order.append(who)
                self.is_in[who].set()
                self.inside.add(who)
                self.most = max(self.most, len(self.inside))
                try:
                    await self.ready[who].wait()
                finally:
                    self.inside.discard(who)

        self.tasks[who] = asyncio.create_task(boot())
        await _settle()

    async def finish(self, who):
        self.ready[who].set()
        await _settle()

    async def give_up(self, who):
        self.tasks[who].cancel()
        await _settle()

    async def end(self):
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


@given(people=st.integers(1, 12), at_once=st.integers(1, 4), gives_up=st.sets(st.integers(0, 11)))
def test_everybody_who_stays_is_admitted_in_order_of_arrival(people, at_once, gives_up):
    async def story():
        room = Class(gate_of(at_once))
        everybody = [str(number) for number in range(people)]
        for who in everybody:
            await room.arrive(who)
        assert len(room.order) == min(at_once, people)
        leavers = {str(number) for number in gives_up if number < people} - set(room.order)
        for who in leavers:
            room.tasks[who].cancel()
        for who in everybody:
            await room.finish(who)
        await asyncio.gather(*room.tasks.values(), return_exceptions=True)
        assert room.order == [who for who in everybody if who not in leavers]
        assert room.most <= at_once

    asyncio.run(story())


@given(
    at_once=st.integers(1, 3),
    room_for=st.integers(0, 6),
    events=st.lists(
        st.tuples(
            st.sampled_from(["click", "ahead", "finish", "give up", "end", "hurry"]), st.integers(0, 9)
        ),
        max_size=40,
    ),
)
def test_whatever_happens_limits_hold_and_no_turn_is_lost(at_once, room_for, events):
    """Memory is given here by the promise alone: nothing that was admitted is seen in `available`."""

    async def story():
        memory = BUDGET.reserved + room_for * BUDGET.per_server
        room = Class(gate_of(at_once, memory=memory))
        running = set()
        for event, number in events:
            who = str(number)
            if event in ("click", "ahead") and who not in room.tasks:
                await room.arrive(who, Priority.CLICK if event == "click" else Priority.AHEAD)
            elif event == "finish" and who in room.inside:
                await room.finish(who)
                running.add(who)
            elif event == "give up" and who in room.tasks and who not in running:
                await room.give_up(who)
            elif event == "end" and who in running:
                room.gate.ended(who)
                running.discard(who)
                await _settle()
            elif event == "hurry":
                room.gate.hurry(who)
            promised = len(room.inside) * BUDGET.per_server + len(running) * (BUDGET.per_server - IDLE_BYTES)
            assert len(room.inside) <= at_once
            assert not room.inside or promised <= memory - BUDGET.reserved + BUDGET.per_server - IDLE_BYTES
            waiting = [who for who in room.tasks if room.gate.outlook(who)]
            has_room = memory - BUDGET.reserved - promised >= BUDGET.per_server
            assert not waiting or len(room.inside) == at_once or not has_room
            assert sorted(room.gate.outlook(who).place for who in waiting) == [*range(1, len(waiting) + 1)]
        await room.end()

    asyncio.run(story())


async def test_who_clicks_goes_before_servers_started_ahead():
    room = Class(gate_of(1))
    for who, priority in (
        ("ada", Priority.AHEAD),
        ("bob", Priority.AHEAD),
        ("eve", Priority.CLICK),
        ("joe", Priority.CLICK),
    ):
        await room.arrive(who, priority)

    for who in ("ada", "eve", "joe", "bob"):
        await room.finish(who)

    assert room.order == ["ada", "eve", "joe", "bob"]


async def test_a_server_that_is_started_ahead_hurries_once_somebody_waits_for_it():
    room = Class(gate_of(1))
    for who in ("ada", "bob", "eve"):
        await room.arrive(who, Priority.AHEAD)

    room.gate.hurry("eve")

    for who in ("ada", "eve", "bob"):
        await room.finish(who)
    assert room.order == ["ada", "eve", "bob"]


async def test_a_failed_start_gives_its_place_back():
    gate = gate_of(1)

    with pytest.raises(RuntimeError):
        async with gate.admitted("ada"):
            raise RuntimeError

    async with asyncio.timeout(1), gate.admitted("bob"):
        assert gate.outlook("bob") is None


async def test_who_waits_is_told_the_place_and_the_time_by_what_boots_took():
    now = [0.0]
    room = Class(gate_of(2, clock=lambda: now[0]))
    for who in ("ada", "bob", "eve", "joe", "max"):
        await room.arrive(who)
    now[0] = 4.0

    await room.finish("ada")

    assert [
        room.gate.outlook(who) and room.gate.outlook(who).place for who in ("bob", "eve", "joe", "max")
    ] == [
        None,
        None,
        1,
        2,
    ]
    assert room.gate.outlook("max").wait_s == 8
    assert not room.gate.outlook("max").lacks_memory
    await room.end()


async def test_a_turn_that_comes_as_its_owner_gives_up_is_handed_on():
    room = Class(gate_of(1))
    for who in ("ada", "bob", "eve"):
        await room.arrive(who)

    room.ready["ada"].set()  # ada's turn ends in the same tick as bob gives up
    room.tasks["bob"].cancel()
    await _settle()

    assert room.order == ["ada", "eve"]
    await room.end()


async def test_a_new_server_is_counted_with_what_its_participant_will_need_until_it_has_settled():
    now, memory = [0.0], BUDGET.reserved + 2 * BUDGET.per_server - IDLE_BYTES - 1
    room = Class(gate_of(3, memory=memory, clock=lambda: now[0]))
    await room.arrive("ada")
    await room.finish("ada")
    await room.arrive("bob")
    assert room.gate.outlook("bob").lacks_memory

    now[0] = SETTLES_S + 1
    await room.arrive("eve")  # any event looks again

    assert room.order == ["ada", "bob"]
    await room.end()


async def test_memory_that_becomes_free_is_noticed_without_any_other_event():
    memory = [0]
    room = Class(Admission(3, BUDGET, lambda _: memory[0]))
    await room.arrive("ada")
    assert room.gate.outlook("ada").lacks_memory

    memory[0] = 1 << 40

    async with asyncio.timeout(10):
        await room.is_in["ada"].wait()
    await room.end()


async def test_a_server_that_ended_leaves_its_memory_to_others():
    room = Class(gate_of(3, memory=BUDGET.reserved + 2 * BUDGET.per_server - IDLE_BYTES - 1))
    await room.arrive("ada")
    await room.finish("ada")
    await room.arrive("bob")

    room.gate.ended("ada")
    await _settle()

    assert room.order == ["ada", "bob"]
    await room.end()


async def test_the_wait_for_memory_has_an_end():
    gate = gate_of(1, memory=0)

    with pytest.raises(WaitedTooLongError):
        async with gate.admitted("ada", limit_s=0.01):
            pass

    assert gate.outlook("ada") is None
