"""Whose address a request comes from."""

import pytest

from lectern.hub.addresses import client_address

PROXY, CLIENT, SITE_PROXY = "172.18.0.2", "198.51.100.7", "192.0.2.80"


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        (PROXY, CLIENT, CLIENT),
        (PROXY, f"203.0.113.9, {CLIENT}", CLIENT),
        (PROXY, f"{PROXY}, {CLIENT}", CLIENT),
        (PROXY, f"{CLIENT}, {SITE_PROXY}", CLIENT),
        (PROXY, "", PROXY),
        (PROXY, "not an address", PROXY),
        (PROXY, f"{CLIENT}, not an address", PROXY),
        (CLIENT, "203.0.113.9", CLIENT),
        (PROXY, "2001:DB8::1", "2001:db8::1"),
    ],
    ids=[
        "by our proxy", "written by the client before it", "the proxy's own written before it",
        "by a proxy before ours", "nothing forwarded", "nonsense", "nonsense last",
        "by somebody who is no proxy", "IPv6",
    ],
)  # fmt: skip
def test_only_what_a_proxy_of_ours_says_counts(peer, forwarded_for, address):
    assert client_address(peer, forwarded_for, proxies={PROXY, SITE_PROXY}) == address
