from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern import names
from lectern.errors import LecternError
from lectern.release import NotAReleaseError, Release, read_release

WORDS = st.lists(st.text(max_size=20), max_size=4).map(tuple)
RELEASES = st.builds(
    Release,
    environment=st.text(),
    commit=st.text(),
    identity=st.text(),
    base=st.text(),
    recipe=st.text(),
    kernels=WORDS,
    languages=WORDS,
    built_at=st.datetimes(timezones=st.just(UTC)),
    smoke_test=st.text(),
)


@given(RELEASES)
def test_labels_give_the_release_back(release):
    assert read_release(release.to_labels(), image="x") == release


@given(RELEASES)
def test_every_label_is_a_text(release):
    assert all(isinstance(value, str) for value in release.to_labels().values())


@given(RELEASES, st.data())
def test_an_image_that_lacks_a_label_is_no_release(release, data):
    labels = release.to_labels()
    del labels[data.draw(st.sampled_from(sorted(labels)))]

    with pytest.raises(NotAReleaseError) as caught:
        read_release(labels, image="lectern/env/x:published")

    assert caught.value.where == "lectern/env/x:published"


@given(
    RELEASES,
    st.sampled_from([names.KERNELS, names.LANGUAGES, names.BUILT_AT]),
    st.sampled_from(["", "{", "1", '"word"', "[1]", "null", "yesterday"]),
)
def test_an_unreadable_label_is_an_error_with_a_hint(release, label, text):
    with pytest.raises(LecternError) as caught:
        read_release(release.to_labels() | {label: text}, image="x")

    assert caught.value.hint
