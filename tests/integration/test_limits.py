"""What a participant's container may not do."""

import pytest

from lectern.settings import parse_memory
from tests.support.participant import KernelDiedError


@pytest.fixture(scope="module")
def ada(stack):
    with stack.at_work("limits") as someone:
        yield someone


@pytest.fixture(scope="module")
def container(stack, ada):
    return stack.workspace(ada.name)


def test_the_memory_limit_is_the_setting_and_swap_adds_nothing(stack, container):
    limit = parse_memory(stack.environment["LECTERN_MEMORY"])

    assert container["HostConfig"]["Memory"] == limit
    assert container["HostConfig"]["MemorySwap"] == limit
    assert f"MEM_LIMIT={limit}" in container["Config"]["Env"]


def test_there_is_no_way_to_more_rights(container):
    host = container["HostConfig"]

    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert any(option.startswith("no-new-privileges") for option in host["SecurityOpt"])
    assert not any("docker.sock" in mount.get("Source", "") for mount in container["Mounts"])


def test_processes_and_logs_are_bounded(container):
    assert container["HostConfig"]["PidsLimit"] == 512
    assert container["HostConfig"]["LogConfig"]["Config"].keys() >= {"max-size", "max-file"}


def test_cells_do_not_run_as_root(ada):
    assert ada.run("import os; print(os.getuid(), os.geteuid())").text.split() == ["1000", "1000"]


def test_a_cell_beyond_the_limit_ends_its_kernel_and_nothing_else(stack, ada):
    limit = parse_memory(stack.environment["LECTERN_MEMORY"])
    kernel = ada.start_kernel()

    with pytest.raises(KernelDiedError):
        ada.execute(kernel, f"x = b'x' * {2 * limit}")

    assert ada.run("1 + 1").text == "2"
    assert ada.http.get("/hub/health").status_code == 200
    assert stack.workspace(ada.name)["State"]["Running"]
