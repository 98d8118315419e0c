from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern import names
from lectern.errors import LecternError
from lectern.release import NotAReleaseError, Publication, Release, read_publication, read_release

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
    ref=st.text(),
    author=st.text(),
)
PUBLICATIONS = st.builds(Publication, by=st.text(), at=st.datetimes(timezones=st.just(UTC)))


@given(RELEASES)
def test_labels_give_the_release_back(release):
    assert read_release(release.to_labels(), image="x") == release


@given(RELEASES)
def test_every_label_is_a_text(release):
    assert all(isinstance(value, str) for value in release.to_labels().values())


@given(RELEASES, st.data())
def test_an_image_that_lacks_a_label_is_no_release(release, data):
    labels = release.to_labels()
    del labels[data.draw(st.sampled_from(sorted(labels.keys() - {names.REF, names.AUTHOR})))]

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


@given(RELEASES)
def test_a_release_of_before_there_were_refs_and_authors_is_read(release):
    labels = {
        key: value for key, value in release.to_labels().items() if key not in {names.REF, names.AUTHOR}
    }

    assert read_release(labels, image="x") == replace(release, ref="", author="")


@given(RELEASES, PUBLICATIONS)
def test_a_published_image_gives_back_release_and_publication(release, publication):
    labels = release.to_labels() | publication.to_labels()

    assert read_release(labels, image="x") == release
    assert read_publication(labels, image="x") == publication


@given(RELEASES)
def test_an_image_published_before_there_were_such_records_counts_from_its_build(release):
    assert read_publication(release.to_labels(), image="x") == Publication("", release.built_at)
