"""Another memory limit for servers that run."""

from types import SimpleNamespace

from lectern.hub.memory import change_memory
from lectern.hub.start_errors import StartError


def _server(name, answer=None, *, ready=True):
    async def change(_):
        if answer:
            raise answer

    return SimpleNamespace(user=SimpleNamespace(name=name), ready=ready, change_memory=change)


async def test_one_server_that_is_gone_costs_nobody_else_anything(caplog):
    servers = [
        _server("ada"),
        _server("bert", OSError("no such container")),
        _server("cleo", StartError("cleo uses more already.")),
        _server("dora", ready=False),
    ]

    changed = await change_memory(servers, 1 << 30)

    assert changed.names == ("ada",)
    assert [str(one.what) for one in changed.refused] == [
        "bert's server could not be changed: is it still there?",
        "cleo uses more already.",
    ]
    assert "no such container" in caplog.text
