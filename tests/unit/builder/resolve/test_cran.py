import gzip
import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lectern.builder.declaration import Item
from lectern.builder.lock import Lock, read_lock
from lectern.builder.resolve.cran import lock_r
from lectern.builder.resolve.r_lock import RLock
from lectern.builder.resolve.r_version import version_key
from lectern.errors import ResolveError
from tests.support.cran_mirror import CranMirror, Package

DEBIAN = {
    "r-base-core": "4.5.0-3",
    "r-cran-ggplot2": "3.5.1+dfsg-1",
    "r-cran-mass": "7.3-65-1",
    "r-cran-rlang": "1.1.5-3",
    "r-cran-rcpp": "1.0.14-1",
    "r-bioc-biobase": "2.66.0-2",
}
C_FILES = {"src/count.c": "int count(void) { return 1; }\n"}


@pytest.fixture
def mirror(tmp_path):
    with CranMirror(tmp_path / "mirror").serving() as mirror:
        mirror.add(
            Package("rpart.plot", "3.1.2", {"Depends": "R (>= 3.4.0), rpart.like", "Imports": "graphics"}),
            Package("rpart.like", "4.1-24", {"Imports": "Counter (>= 0.3), stats"}),
            Package("Counter", "0.3-1", {"LinkingTo": "Rcpp"}, C_FILES),
            Package("visdat", "0.6.0", {"Imports": "rlang (>= 1.1.0), ggplot2"}),
            Package("ggplot2", "4.0.1", {"Imports": "rlang (>= 1.1.6)"}),
            Package("rlang", "1.1.7", {}, C_FILES),
            Package("eager", "1.0", {"Imports": "rlang (>= 1.1.6)"}),
        )
        yield mirror


@pytest.fixture
def lock(mirror, tmp_path):
    """Give `lock_r` on the tests' CRAN; items are `name` or `name version`, line by line."""

    def lock(*lines, **more):
        wanted = [
            Item(*[*line.split(" ", 1), ""][:2], where=f"environment.yml:{number}")
            for number, line in enumerate(lines, 1)
        ]
        given = {
            "debian": DEBIAN,
            "r_version": "4.5.0",
            "cran": mirror.cran,
            "cran_binaries": "",
            "cache": tmp_path / "cache",
        }
        return lock_r(wanted, **(given | more))

    return lock


@pytest.fixture
def refusal(lock):
    def refusal(*lines, **more):
        with pytest.raises(ResolveError) as caught:
            lock(*lines, **more)
        assert caught.value.hint
        return caught.value

    return refusal


def _installed(locked):
    return [(package.name, package.version) for package in locked.cran]


def test_what_debian_has_needs_no_cran(lock, mirror):
    locked = lock("r-ggplot2", "r-mass =7.3_65", "bioconductor-biobase", "r-base >=4.4", "parallel")

    assert locked == RLock(debian=("r-bioc-biobase", "r-cran-ggplot2", "r-cran-mass"))
    assert mirror.requests == []


def test_what_debian_lacks_comes_from_cran_with_all_that_it_needs_in_order(lock):
    locked = lock("r-rpart.plot")

    assert _installed(locked) == [("Counter", "0.3-1"), ("rpart.like", "4.1-24"), ("rpart.plot", "3.1.2")]
    assert [package.wave for package in locked.cran] == [1, 2, 3]
    assert locked.debian == ("r-cran-rcpp",)


def test_a_package_is_locked_by_the_hash_of_its_file(lock):
    (package,) = lock("counter").cran

    assert package.path == "src/contrib/Counter_0.3-1.tar.gz"
    assert package.mirror == "cran"
    assert (
        package.sha256
        == hashlib.sha256(Package("Counter", "0.3-1", {"LinkingTo": "Rcpp"}, C_FILES).packed()).hexdigest()
    )


def test_only_a_source_package_with_code_needs_a_compiler(lock):
    assert lock("visdat").system == ()
    assert lock("counter").system == ("r-base-dev",)


def test_debians_package_serves_a_dependency_where_its_version_will_do(lock):
    locked = lock("visdat")

    assert _installed(locked) == [("visdat", "0.6.0")]
    assert locked.debian == ("r-cran-ggplot2", "r-cran-rlang")


def test_cran_serves_a_dependency_that_debian_has_too_old(lock):
    locked = lock("visdat", "eager")

    assert _installed(locked) == [("rlang", "1.1.7"), ("eager", "1.0"), ("visdat", "0.6.0")]
    assert locked.debian == ("r-cran-ggplot2",)


def test_order_and_case_of_the_names_never_matter(lock):
    assert lock("r-visdat", "eager", "r-counter") == lock("COUNTER", "Visdat", "EAGER")


def test_a_second_lock_downloads_nothing_again(lock, mirror):
    first = lock("rpart.plot")
    mirror.requests.clear()

    assert lock("rpart.plot") == first
    assert [path for path, _ in mirror.requests] == ["/cran/latest/src/contrib/PACKAGES.gz"]


def test_a_pin_that_debian_fits_takes_debians(lock):
    assert lock("r-ggplot2 =3.5").debian == ("r-cran-ggplot2",)


def test_a_pin_that_debian_does_not_fit_takes_crans(lock):
    locked = lock("r-ggplot2 >=4")

    assert _installed(locked) == [("rlang", "1.1.7"), ("ggplot2", "4.0.1")]


@pytest.mark.parametrize("pin", ["==0.5.3", "=0.5.3", "=0.5", "<0.6,>=0.5", "0.5.3|0.5.9"])
def test_a_pin_of_a_past_version_takes_it_from_the_archive(lock, mirror, pin):
    for version in ("0.5.2", "0.5.3", "0.6.0"):
        mirror.add(Package("visdat", version, {"Imports": "Counter"}))

    locked = lock(f"visdat {pin}")

    assert _installed(locked) == [("Counter", "0.3-1"), ("visdat", "0.5.3")]
    assert locked.cran[1].path == "src/contrib/Archive/visdat/visdat_0.5.3.tar.gz"


def test_a_pin_that_nothing_fits_says_what_there_is(refusal, mirror):
    mirror.add(Package("ggplot2", "4.0.2"))

    problem = refusal("r-mass", "r-ggplot2 =2.2")

    assert problem.where == "environment.yml:2"
    assert "environment.yml:2 wants =2.2" in problem.what
    assert "Debian has 3.5.1; CRAN has 4.0.2; its archive 4.0.1" in problem.what


def test_a_pin_against_a_dependency_names_both(refusal):
    problem = refusal("eager", "r-rlang ==1.1.5")

    assert "environment.yml:2 wants ==1.1.5, eager 1.0 wants >=1.1.6" in problem.what


def test_a_package_for_a_newer_r_gives_way_to_the_last_that_runs(lock, mirror):
    mirror.add(Package("visdat", "0.7.0", {"Depends": "R (>= 4.6)"}))

    locked = lock("visdat")

    assert _installed(locked) == [("visdat", "0.6.0")]
    assert locked.notices == (
        "environment.yml:1: `visdat` 0.6.0 of CRAN's archive: later ones do not run on R 4.5.0",
    )


def test_a_package_that_never_ran_on_this_r_is_refused(refusal, mirror):
    mirror.add(Package("modern", "1.0", {"Depends": "R (>= 4.6)"}))

    assert "CRAN has 1.0 (R >=4.6)" in refusal("modern").what


def test_all_that_is_absent_is_told_at_once_with_its_line(refusal):
    problem = refusal(
        "rpart.plt", "r-mass", "qqqqqqq", "r-base =3.6", "bioconductor-deseq2", "r-mass latest", "a/b"
    )

    lines = problem.what.splitlines()
    assert lines[0] == "6 R packages cannot be had:"
    assert lines[1] == (
        "  environment.yml:1: no R package `rpart.plt` in Debian or on CRAN; did you mean `rpart.plot`?"
    )
    assert "environment.yml:3: no R package `qqqqqqq`" in lines[2]
    assert "environment.yml:4: `r-base=3.6`: this installation has R 4.5.0" in lines[3]
    assert "environment.yml:5: `deseq2` is a package of Bioconductor that Debian lacks" in lines[4]
    assert "environment.yml:6: `r-mass`: `latest` is no version" in lines[5]
    assert "environment.yml:7: `a/b` is no name of an R package" in lines[6]


def test_a_dependency_that_is_nowhere_is_told_with_who_needs_it(refusal, mirror):
    mirror.add(Package("lonely", "1.0", {"Imports": "DESeq2"}))

    assert refusal("lonely").what == "`lonely` needs `DESeq2`, which neither Debian nor CRAN has"


def test_a_metapackage_is_not_expanded_but_what_the_repo_uses_is_proposed(refusal):
    problem = refusal("r-essentials", used={"dplyr", "ggplot2"})

    assert "`r-essentials`" in problem.what
    assert "`r-dplyr` `r-ggplot2`" in problem.hint


def test_an_unreachable_cran_says_who_needed_it_and_what_to_set(lock, refusal):
    nowhere = "http://127.0.0.1:9"

    assert lock("r-mass", cran=nowhere).debian == ("r-cran-mass",)
    problem = refusal("r-mass", "r-visdat", "r-ggplot2 =4", cran=nowhere)
    assert problem.where == "LECTERN_CRAN"
    assert f"({nowhere} does not answer)" in problem.what
    assert "`visdat` (environment.yml:2), `ggplot2` (environment.yml:3)" in problem.what
    assert "mass" not in problem.what
    assert "set LECTERN_CRAN in .env" in problem.hint


def test_an_unreachable_mirror_of_ready_made_packages_is_called_by_its_own_setting(refusal):
    problem = refusal("r-visdat", cran_binaries="http://127.0.0.1:9")

    assert problem.where == "LECTERN_CRAN_BINARIES"
    assert "set LECTERN_CRAN_BINARIES" in problem.hint


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"\x1f\x8b\x08\x00cut off", gzip.compress(b"\n")],
    ids=["empty", "page", "cut off", "no packages"],
)
def test_an_index_that_is_none_is_refused(refusal, mirror, content):
    mirror.replace("cran/latest/src/contrib/PACKAGES.gz", content)

    assert "PACKAGES.gz" in refusal("visdat").what


# Named by hand: a packed archive holds the time, so its bytes name another test in each process.
@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", Package("visdat", "0.6.0", {"Title": "Other"}).packed()],
    ids=["empty", "page", "another package"],
)
def test_a_file_that_is_not_what_the_index_says_is_refused(refusal, mirror, content):
    mirror.replace("cran/latest/src/contrib/visdat_0.6.0.tar.gz", content)

    assert "visdat_0.6.0.tar.gz" in refusal("visdat").what


def test_a_file_that_is_gone_is_told(refusal, mirror):
    (mirror.root / "cran/latest/src/contrib/visdat_0.6.0.tar.gz").unlink()

    assert "src/contrib/visdat_0.6.0.tar.gz is not on the mirror" in refusal("visdat").what


def test_packages_that_need_each_other_are_refused(refusal, mirror):
    mirror.add(Package("hen", "1.0", {"Imports": "egg"}), Package("egg", "1.0", {"Imports": "hen"}))

    assert "packages need each other" in refusal("hen").what


def test_a_ready_made_package_is_taken_as_such_and_needs_no_compiler(lock, mirror):
    package = Package("Counter", "0.3-1", {}, C_FILES)
    mirror.add_binary(
        package, package.packed(Built="R 4.5.0; x86_64-pc-linux-gnu; 2026-01-01 00:00:00 UTC; unix")
    )

    locked = lock("counter", "visdat", cran_binaries=mirror.binaries)

    assert [(p.name, p.kind, p.mirror) for p in locked.cran] == [
        ("Counter", "binary", "cran_binaries"),
        ("visdat", "source", "cran"),
    ]
    assert locked.system == ()


def test_a_mirror_of_ready_made_packages_may_send_source(lock, mirror):
    mirror.add(Package("Counter", "0.3-1", {}, C_FILES), day="__linux__/trixie/latest")

    locked = lock("counter", cran_binaries=mirror.binaries)

    assert [(p.kind, p.mirror) for p in locked.cran] == [("source", "cran_binaries")]
    assert locked.system == ("r-base-dev",)


def test_a_package_made_for_another_r_is_refused(refusal, mirror):
    package = Package("Counter", "0.3-1")
    mirror.add_binary(package, package.packed(Built="R 4.4.3; ; 2026-01-01 00:00:00 UTC; unix"))

    problem = refusal("counter", cran_binaries=mirror.binaries)

    assert "is made for R 4.4.3, not R 4.5" in problem.what


def test_a_date_takes_cran_as_it_was_and_says_that_debian_is_not(lock, mirror):
    mirror.add(Package("visdat", "0.5.0", {"Imports": "rlang"}), day="2024-05-01")

    locked = lock("visdat", snapshot="2024-05-01")

    assert _installed(locked) == [("visdat", "0.5.0")]
    assert locked.snapshot == "2024-05-01"
    assert locked.notices == ("R packages that Debian has are Debian's, not those of 2024-05-01",)


def test_a_date_on_a_mirror_without_dates_is_refused_where_cran_is_needed(lock, refusal, mirror):
    assert lock("r-mass", snapshot="2024-05-01", cran=mirror.url).debian == ("r-cran-mass",)
    problem = refusal("r-visdat", snapshot="2024-05-01", cran=mirror.url)
    assert "CRAN of 2024-05-01" in problem.what
    assert "LECTERN_CRAN" in problem.hint


def test_libraries_of_the_system_are_called_as_debian_calls_them(lock, mirror):
    needs = "libxml2 (>= 2.6.3): libxml2-dev (deb), GNU make, C++17; libFantasy 3"
    mirror.add(Package("xmlish", "1.0", {"SystemRequirements": needs}, C_FILES))

    locked = lock("xmlish")

    assert locked.system == ("libxml2-dev", "r-base-dev")
    (notice,) = locked.notices
    assert notice.startswith("xmlish 1.0 says that it needs `libFantasy 3`: ")


def test_a_lock_survives_json_and_knows_no_address(lock, mirror):
    locked = lock("rpart.plot")

    text = Lock(asked="a", base="b", debian=(), r=locked).to_json()

    assert read_lock(text, where="lectern.lock").r == locked
    assert "127.0.0.1" not in text
    assert "127.0.0.1" not in locked.step_file()
    assert mirror.url not in text


def test_the_steps_file_has_a_line_for_each_package(lock):
    lines = lock("rpart.plot").step_file().splitlines()

    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    assert lines[0].split()[2:] == ["cran", "src/contrib/Counter_0.3-1.tar.gz"]


def test_an_index_cannot_lead_out_of_the_mirrors_folder(refusal, mirror):
    contrib = mirror.root / "cran/latest/src/contrib"

    index = "Package: evil\nVersion: 1.0\nPath: ../../..\n"
    (contrib / "PACKAGES.gz").write_bytes(gzip.compress(index.encode()))

    assert "is no folder of a mirror" in refusal("evil").what


NAMES = ["alpha", "Beta", "gamma.x", "delta", "Epsilon"]
graphs = st.fixed_dictionaries(
    {
        # A package needs only later ones of the list, so none needs itself.
        name: st.dictionaries(st.sampled_from(NAMES[index + 1 :]), st.integers(1, 4))
        if NAMES[index + 1 :]
        else st.just({})
        for index, name in enumerate(NAMES)
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    graphs,
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 4)),
    st.sets(st.sampled_from(NAMES), min_size=1),
)
def test_whatever_needs_what_each_demand_is_met_and_each_package_comes_after_its_own(
    tmp_path_factory, graph, packaged, named
):
    folder = tmp_path_factory.mktemp("graph")
    debian = {f"r-cran-{name.lower()}": f"{version}.0-1" for name, version in packaged.items()}
    with CranMirror(folder / "mirror").serving() as mirror:
        for name, needs in graph.items():
            text = ", ".join(f"{other} (>= {version})" for other, version in needs.items())
            mirror.add(Package(name, "4.0", {"Imports": text}))

        locked = lock_r(
            [Item(name, "", f"install.R:{line}") for line, name in enumerate(sorted(named), 1)],
            debian=debian,
            r_version="4.5.0",
            cran=mirror.cran,
            cran_binaries="",
            cache=folder / "cache",
        )

    place = {package.name: package.wave for package in locked.cran}
    has = {name: f"{version}.0" for name, version in packaged.items()} | dict.fromkeys(place, "4.0")
    assert named <= place.keys() | {name for name in NAMES if f"r-cran-{name.lower()}" in locked.debian}
    for name, wave in place.items():
        for other, version in graph[name].items():
            assert version_key(has[other]) >= (version,)
            assert place.get(other, 0) < wave
            assert other in place or f"r-cran-{other.lower()}" in locked.debian
