import re

from lectern.builder.resolve.debian_successors import Successor, find_successor, table


def test_a_package_of_an_earlier_release_has_a_successor():
    assert find_successor("libgl1-mesa-glx") == Successor("libgl1", replaces=True)
    assert find_successor("openjdk-11-jdk") == Successor("openjdk-21-jdk", replaces=False)
    assert find_successor("git") is None


def test_another_pythons_packages_are_debians_own_pythons():
    assert find_successor("python3.10-dev") == Successor("python3-dev", replaces=True)
    assert find_successor("python3.11") == Successor("python3", replaces=True)
    assert find_successor("python3.11-numpy") is None


def test_no_successor_is_itself_succeeded():
    for name, successor in table().items():
        assert re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name)
        assert find_successor(successor.package) is None, name
