import pytest

from lectern.builder.declaration import CondaSpec, Declaration
from lectern.builder.declare.exported import exported_platform, looks_exported


def _declaration(count, version="=1.2.3", build="", prefix="", names=()):
    specs = [CondaSpec(f"p{number}", version, build) for number in range(count)]
    return Declaration(conda=(*specs, *map(CondaSpec, names)), prefix=prefix)


@pytest.mark.parametrize(
    "declaration",
    [
        _declaration(80, "==1.2.3", "h1234_0"),
        _declaration(30, "==1.2.3", "h1234_0"),
        _declaration(80),
        _declaration(30, prefix="/home/x/env"),
        _declaration(80, names=["pip", "wheel"]),
    ],
)
def test_a_list_of_all_that_a_machine_had_is_seen(declaration):
    assert looks_exported(declaration)


@pytest.mark.parametrize(
    "declaration",
    [
        Declaration(),
        _declaration(15, "==1.2.3", prefix="/home/x/env"),
        _declaration(5, "==1.2.3", "h1234_0"),
        _declaration(55),
        _declaration(80, ""),
        _declaration(80, ">=1.2,<2"),
        _declaration(80, "=1|=2"),
        _declaration(40, names=[f"n{number}" for number in range(40)]),
    ],
)
def test_a_list_written_by_hand_is_none(declaration):
    assert not looks_exported(declaration)


@pytest.mark.parametrize(
    ("declaration", "platform"),
    [
        (_declaration(30, prefix="C:\\Users\\x"), "windows"),
        (_declaration(30, prefix="/Users/x/env"), "macos"),
        (_declaration(30, names=["pywin32"]), "windows"),
        (_declaration(30, names=["appnope"]), "macos"),
        (_declaration(30, names=["_libgcc_mutex"]), "linux"),
        (_declaration(30, prefix="/opt/conda"), ""),
    ],
)
def test_where_it_was_exported_is_guessed(declaration, platform):
    assert exported_platform(declaration) == platform
