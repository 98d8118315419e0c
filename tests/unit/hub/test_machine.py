"""What the machine has, as kernel and engine tell it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.machine import EngineView, MachineMemory, available_bytes, parse_meminfo, read_memory

GIB = 1 << 30


def test_total_and_available_are_read_in_bytes():
    text = "MemTotal:       24684084 kB\nMemFree:        20419912 kB\nMemAvailable:   23917116 kB\n"

    assert parse_meminfo(text) == MachineMemory(24684084 * 1024, 23917116 * 1024)


def test_this_machine_has_memory():
    memory = read_memory()

    assert 0 < memory.available <= memory.total


@given(st.text())
def test_any_other_text_is_refused(text):
    with pytest.raises(ValueError, match="no Mem"):
        parse_meminfo(text)


def test_the_kernel_is_believed_on_a_machine_of_its_own():
    kernel = MachineMemory(total=8 * GIB, available=6 * GIB)

    assert available_bytes(kernel, EngineView(8 * GIB, servers=20), per_server=GIB) == 6 * GIB


def test_memory_that_was_plugged_in_counts_before_the_engine_is_asked_again():
    kernel = MachineMemory(total=16 * GIB, available=14 * GIB)

    assert available_bytes(kernel, EngineView(16 * GIB, servers=0), per_server=GIB) == 14 * GIB


def test_in_a_part_of_a_machine_servers_are_counted():
    kernel = MachineMemory(total=128 * GIB, available=100 * GIB)

    left = available_bytes(kernel, EngineView(16 * GIB, servers=10), per_server=GIB)

    assert left == 6 * GIB - (700 << 20)
