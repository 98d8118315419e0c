"""Which addresses an environment may be taken from."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.service.mirror_url import (
    MirrorURL,
    is_reachable_by_design,
    networks_of_host,
    networks_of_routes,
    read_url,
    resolve,
)
from lectern.errors import RepoError

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://git.example.org/b.git", MirrorURL("https://git.example.org/b.git", "git.example.org", 443)),
        (" http://10.1.2.3:3000/x ", MirrorURL("http://10.1.2.3:3000/x", "10.1.2.3", 3000)),
        ("https://[2001:db8::1]:8443/x", MirrorURL("https://[2001:db8::1]:8443/x", "2001:db8::1", 8443)),
    ],
)  # fmt: skip
def test_public_and_campus_addresses_are_taken(text, url):
    assert read_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "file:///srv/environments/geo.git",
        "/srv/environments/geo.git",
        "ext::sh -c id",
        "ssh://git@example.org/x",
        "git@example.org:x.git",
        "https://ada:secret@example.org/x.git",
        "https://example.org/x.git?token=1",
        "https://exam ple.org/x",
        "https://example.org/x\nfoo",
        "https://-oProxyCommand=id/x",
        "https://example.org:99999/x",
        "--upload-pack=id",
        "",
    ],
)
def test_other_addresses_are_refused_and_no_password_is_repeated(text):
    with pytest.raises(RepoError) as caught:
        read_url(text)

    assert caught.value.hint
    assert "secret" not in str(caught.value)


@given(st.text())
def test_no_text_is_too_strange(text):
    try:
        read = read_url(text)
    except RepoError:
        return
    assert read.url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("127.0.0.1", False), ("::1", False), ("169.254.169.254", False), ("fe80::1", False),
        ("0.0.0.0", False), ("::ffff:127.0.0.1", False), ("224.0.0.1", False),
        ("10.0.0.5", True), ("93.184.216.34", True),
    ],
)  # fmt: skip
def test_this_machine_and_its_clouds_answers_are_no_mirrors(address, may):
    assert is_reachable_by_design(ipaddress.ip_address(address)) is may


def test_the_networks_of_a_container_are_those_of_its_routes():
    assert [str(network) for network in networks_of_routes(ROUTES)] == ["172.18.0.1/32", "172.18.0.0/16"]


async def test_a_name_that_leads_to_this_machine_is_refused():
    with pytest.raises(RepoError, match="Lectern's own machine"):
        await resolve(read_url("http://localhost:8081/x"), ())


async def test_an_address_in_a_network_of_the_container_is_refused():
    with pytest.raises(RepoError, match="Lectern's own machine"):
        await resolve(read_url("http://172.18.0.7:8081/x"), networks_of_routes(ROUTES))


@pytest.mark.parametrize("host", ["[::ffff:172.18.0.7]", "[::ffff:ac12:7]"])
async def test_such_an_address_is_refused_however_it_is_written(host):
    with pytest.raises(RepoError, match="Lectern's own machine"):
        await resolve(read_url(f"http://{host}/x"), networks_of_routes(ROUTES))


async def test_a_campus_address_beside_the_containers_networks_is_taken():
    assert await resolve(read_url("http://10.1.2.3/x"), networks_of_routes(ROUTES)) == ["10.1.2.3"]


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("http://192.0.2.7:8000", ["192.0.2.7/32"]),
        ("https://[2001:db8::7]", ["2001:db8::7/128"]),
        ("https://[::ffff:192.0.2.7]", ["192.0.2.7/32"]),
        ("https://no..where", []),
        ("https://[half", []),
    ],
)
def test_where_people_reach_lectern_is_looked_up(address, networks):
    assert list(map(str, networks_of_host(address))) == networks
