"""What the engine tells of its networks."""

from types import SimpleNamespace

import pytest
from docker.errors import APIError

from lectern.builder.engine import Engine
from lectern.errors import EngineError


@pytest.fixture
def engine_telling(monkeypatch):
    """Give an engine whose client answers with a function's result."""

    def make(networks):
        client = SimpleNamespace(ping=lambda: True, api=SimpleNamespace(networks=networks))
        monkeypatch.setattr("lectern.builder.engine.docker.from_env", lambda **_: client)
        return Engine("lectern")

    return make


def test_subnets_and_gateways_are_told_and_networks_without_are_passed_over(engine_telling):
    engine = engine_telling(
        lambda: [
            {"Name": "bridge", "IPAM": {"Config": [{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}]}},
            {"Name": "two", "IPAM": {"Config": [{"Subnet": "172.20.0.0/16"}, {"Subnet": "fd00:1::/64"}]}},
            {"Name": "host", "IPAM": {"Config": []}},
            {"Name": "none", "IPAM": {"Config": None}},
            {"Name": "odd", "IPAM": None},
        ]
    )

    assert engine.subnets() == ["172.17.0.0/16", "172.17.0.1", "172.20.0.0/16", "fd00:1::/64"]


def test_an_engine_that_does_not_tell_is_an_error_with_a_next_step(engine_telling):
    def refuse():
        raise APIError("no")

    with pytest.raises(EngineError) as caught:
        engine_telling(refuse).subnets()

    assert caught.value.hint
