import re
import warnings

from hypothesis import given
from hypothesis import strategies as st

with warnings.catch_warnings():
    # repo2docker imports a module that has moved.
    warnings.simplefilter("ignore", DeprecationWarning)
    from lectern.builder.publishing import identity

MANIFESTS = st.dictionaries(
    st.text(), st.text() | st.integers() | st.dictionaries(st.text(), st.text()), max_size=5
)


@given(MANIFESTS)
def test_an_identity_is_a_sha256(manifest):
    assert re.fullmatch(r"[0-9a-f]{64}", identity(manifest))


@given(MANIFESTS)
def test_the_order_of_a_manifest_never_matters(manifest):
    assert identity(dict(reversed(manifest.items()))) == identity(manifest)


@given(MANIFESTS, MANIFESTS)
def test_two_manifests_share_an_identity_only_when_they_are_equal(one, other):
    assert (identity(one) == identity(other)) == (one == other)


def test_an_identity_stays_the_same_from_one_version_of_lectern_to_the_next():
    assert identity({"b": ["é", 1], "a": {"numpy": "2.0"}}) == (
        "cae988602ecf2ec94958a31d30aa89b8a81086e422b16931752b550fedf19398"
    )
