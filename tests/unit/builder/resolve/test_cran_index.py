import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.resolve.cran_index import Index, read_archive_listing
from lectern.builder.resolve.cran_source import addresses
from lectern.builder.resolve.cran_tarball import read_tarball
from lectern.builder.resolve.r_version import is_version, version_key
from tests.support.cran_mirror import Package


def _index(text):
    return Index(gzip.compress(text.encode()), "cran")


def test_a_package_is_found_whatever_the_case_of_its_name():
    index = _index("Package: MASS\nVersion: 7.3-60\nDepends: R (>= 4.4.0),\n        stats\n")

    (offer,) = index.find("mass")

    assert (offer.name, offer.version, offer.path) == ("MASS", "7.3-60", "src/contrib/MASS_7.3-60.tar.gz")
    assert [need.name for need in offer.needs] == ["stats"]
    assert not offer.runs_on("4.3.3")
    assert offer.runs_on("4.5.0")


def test_a_package_may_be_offered_for_several_r_newest_first():
    text = "Package: mgcv\nVersion: 1.8\n\nPackage: mgcv\nVersion: 1.10\nPath: 4.6.0/Recommended\n"

    offers = _index(text).find("mgcv")

    assert [offer.path for offer in offers] == [
        "src/contrib/4.6.0/Recommended/mgcv_1.10.tar.gz",
        "src/contrib/mgcv_1.8.tar.gz",
    ]


@given(st.binary() | st.text().map(lambda text: gzip.compress(text.encode("utf-8", "replace"))))
def test_any_bytes_are_an_index_or_refused(packed):
    try:
        Index(packed, "cran")
    except ValueError as problem:
        assert "PACKAGES.gz" in str(problem)  # noqa: PT017 - both outcomes are right


@given(st.text())
def test_any_record_is_an_offer_or_refused(text):
    index = _index(f"Package: a\nVersion: 1.0\nImports: {text}\n\nPackage: b\n{text}\n\nPackage: c\n")
    for name in index.names:
        try:
            offers = index.find(name)
        except ValueError:
            continue
        assert all(is_version(offer.version) for offer in offers)


@pytest.mark.parametrize(
    "page",
    [
        '<a href="x_1.0.tar.gz">x</a><a href="x_1.10-1.tar.gz">x</a><a href="../">up</a>',
        "<A HREF='/src/contrib/Archive/x/x_1.0.tar.gz'><A HREF=x_1.10-1.tar.gz>",
        '<a href="x_1.0.tar.gz"><a href="x_1%2E10-1.tar.gz"><a href="y_3.tar.gz"><a href="xx_9.tar.gz">',
    ],
)
def test_a_listing_gives_the_versions_newest_first(page):
    assert read_archive_listing(page, "x") == ("1.10-1", "1.0")


@given(st.text() | st.text("<a href='\"x_.-0123tgz>/"), st.sampled_from(["x", "data.table"]))
def test_any_page_is_read_as_a_listing(page, name):
    versions = read_archive_listing(page, name)

    assert list(versions) == sorted(versions, key=version_key, reverse=True)


@given(st.binary())
def test_any_file_is_a_package_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("tar") / "x_1.0.tar.gz"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"x_1\.0\.tar\.gz"):
        read_tarball(path)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_refused(tmp_path, kept):
    path = tmp_path / "x_1.0.tar.gz"
    packed = Package("x", files={"R/x.R": "x <- 1\n" * 500}).packed()
    path.write_bytes(packed[: int(len(packed) * kept)])

    with pytest.raises(ValueError, match=r"x_1\.0\.tar\.gz"):
        read_tarball(path)


def test_a_description_inside_a_package_is_not_the_packages(tmp_path):
    path = tmp_path / "x_1.0.tar.gz"
    path.write_bytes(Package("x", files={"inst/x/DESCRIPTION": "Package: other\n"}).packed())

    assert read_tarball(path).fields["Package"] == "x"


def test_mirrors_are_asked_for_ready_made_packages_first():
    assert list(addresses("http://c", "http://b", "")) == ["cran_binaries", "cran"]
    assert addresses("http://c", "", "") == {"cran": "http://c"}


def test_a_date_goes_only_to_mirrors_that_have_days():
    posit = "https://m/cran/latest"
    binaries = "https://m/cran/__linux__/trixie/latest"

    assert addresses(posit, binaries, "2024-05-01") == {
        "cran_binaries": "https://m/cran/__linux__/trixie/2024-05-01",
        "cran": "https://m/cran/2024-05-01",
    }
    assert addresses("https://c", "", "2024-05-01") == {}
