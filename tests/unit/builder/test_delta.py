"""When a change of packages is a thin layer, and when /opt/env is made anew."""

from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.delta import MAX_LINKS, next_chain


def _lock(*releases: str) -> str:
    return "".join(f"{release} \\\n    --hash=sha256:0\n" for release in releases)


FIRST = _lock("numpy==2.0", "pandas==3.1", "scipy==1.9", "ipykernel==7.0", "rich==1.0")
MORE = FIRST + _lock("tqdm==4.0")
CHAINS = st.lists(st.integers(0, 30), max_size=20).map(lambda n: [_lock(f"x==1.{i}", "y==1") for i in n])


def test_a_package_more_is_one_link_more():
    assert next_chain((FIRST,), MORE) == (FIRST, MORE)


def test_nothing_new_adds_nothing():
    assert next_chain((FIRST, MORE), MORE) == (FIRST, MORE)


def test_going_back_needs_no_layer():
    assert next_chain((FIRST, MORE), FIRST) == (FIRST,)


def test_the_first_lock_stands_alone():
    assert next_chain((), FIRST) == (FIRST,)


def test_when_much_was_replaced_a_chain_begins_anew():
    other = _lock("numpy==2.1", "pandas==3.2", "scipy==1.9", "ipykernel==7.0", "rich==1.0")

    assert next_chain((FIRST,), other) == (other,)


def test_a_chain_does_not_grow_for_ever():
    chain: tuple[str, ...] = ()
    for minor in range(3 * MAX_LINKS):
        chain = next_chain(chain, FIRST + _lock(*(f"extra{n}==1" for n in range(minor))))
        assert len(chain) <= MAX_LINKS


@given(CHAINS)
def test_every_chain_ends_with_the_lock_that_is_wanted(locks):
    chain: tuple[str, ...] = ()
    for lock in locks:
        chain = next_chain(chain, lock)

        assert chain[-1] == lock
        assert len(set(chain)) == len(chain)
