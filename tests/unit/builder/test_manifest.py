"""What a manifest says, and that its hash is an identity."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.manifest import (
    NotAManifestError,
    cyclonedx,
    differences,
    identity,
    packages,
    read_manifest,
)

MANIFESTS = st.dictionaries(
    st.text(), st.text() | st.integers() | st.dictionaries(st.text(), st.text()), max_size=5
)
SMALL = {
    "debian": ["libc6:amd64=2.41-12", "gcc-14-base:amd64=1:14.2-1"],
    "python": ["pandas==3.1.1", "course-tools @ git+https://git.example/tools@0f3c"],
    "conda": ["numpy=2.0.0=py313h1"],
    "r": ["ggplot2=3.5.1"],
    "server": ["jupyterlab==4.6.6"],
}


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


def test_each_part_has_names_and_versions():
    assert packages(SMALL, "debian") == {"libc6:amd64": "2.41-12", "gcc-14-base:amd64": "1:14.2-1"}
    assert packages(SMALL, "python") == {
        "pandas": "3.1.1",
        "course-tools": "git+https://git.example/tools@0f3c",
    }
    assert packages(SMALL, "conda") == {"numpy": "2.0.0=py313h1"}
    assert packages(SMALL, "julia") == {}


def test_differences_are_told_by_package():
    after = SMALL | {"python": ["pandas==3.2.0", "tqdm==4.0"], "r": []}

    assert [str(change) for change in differences(SMALL, after)] == [
        "- course-tools git+https://git.example/tools@0f3c (python)",
        "~ pandas 3.1.1 → 3.2.0 (python)",
        "+ tqdm 4.0 (python)",
        "- ggplot2 3.5.1 (r)",
    ]


def test_equal_manifests_do_not_differ():
    assert differences(SMALL, SMALL) == ()


def test_the_bill_of_materials_names_each_package_by_its_url():
    bill = json.loads(cyclonedx(SMALL, environment="statistics"))

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == identity(SMALL)[:12]
    urls = {component["purl"] for component in bill["components"]}
    assert {"pkg:pypi/pandas@3.1.1", "pkg:cran/ggplot2@3.5.1", "pkg:pypi/jupyterlab@4.6.6"} <= urls
    assert len(urls) == sum(len(part) for part in SMALL.values())


def test_equal_environments_have_one_bill_of_materials():
    assert cyclonedx(SMALL, environment="a") == cyclonedx(dict(reversed(SMALL.items())), environment="a")


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"debian": "libc6"}', b"\xff\xfe\x00"])
def test_what_is_no_manifest_is_named(text):
    with pytest.raises(NotAManifestError, match=r"statistics:.*no manifest"):
        read_manifest(text, where="statistics")
