"""R packages from a CRAN of the tests' own: locked, installed by the step, loaded by a participant."""

import pytest

from lectern.builder.declaration import Item
from lectern.builder.plan import Step
from lectern.builder.resolve.cran import lock_r
from lectern.builder.resolve.cran_mirror import user_agent
from lectern.builder.resolve.cran_source import addresses
from tests.support.cran_mirror import CranMirror, Package
from tests.support.step_image import NotBuiltError, debian, run, same, say, step_images

CACHE = "--mount=type=cache,id=lectern-test-cran,target=/root/.cache/lectern-cran"
DEBIAN = {"r-cran-mass": "7.3-65-1"}

COUNTER = Package(
    "Counter",
    "0.3-1",
    files={
        "NAMESPACE": "useDynLib(Counter)\nexport(count)\n",
        "R/count.R": 'count <- function(x) .Call("count", as.integer(x), PACKAGE = "Counter")\n',
        "src/count.c": "#include <Rinternals.h>\nSEXP count(SEXP x) { return ScalarInteger(LENGTH(x)); }\n",
    },
)
READY_MADE = Package(
    "ready",
    "2.0",
    files={
        "NAMESPACE": "useDynLib(ready)\nexport(twice)\n",
        "R/twice.R": 'twice <- function(x) .Call("twice", x, PACKAGE = "ready")\n',
        "src/twice.c": "#include <Rinternals.h>\nSEXP twice(SEXP x) { return ScalarReal(2 * asReal(x)); }\n",
    },
)
PLAIN = Package(
    "plain.words",
    "1.2",
    {"Imports": "Counter (>= 0.3), stats"},
    {
        "NAMESPACE": "importFrom(Counter, count)\nexport(words)\n",
        "R/words.R": 'words <- function(text) count(seq_along(strsplit(text, " ")[[1]]))\n',
    },
)
PENGUINS = Package(
    "birds", "0.1", {"LazyData": "true", "Depends": "R (>= 2.10)"}, {"data/birds.csv": "a\n1\n2\n"}
)
PAST = Package("moved", "0.9", files={"R/v.R": 'v <- function() "past"\n'})
PRESENT = Package("moved", "1.0", files={"R/v.R": 'v <- function() "present"\n'})


#: Makes a ready-made package of a source package, as mirrors of such do.
MAKE_READY = """
cd /tmp && cat >source.tar.gz && mkdir lib out && cd out
R CMD INSTALL --build --library=/tmp/lib ../source.tar.gz >&2 && cat ./*_R_*.tar.gz
"""


def r_says(image, code):
    return say(image, "Rscript", "-e", code)


@pytest.fixture(scope="module")
def images():
    with step_images() as images:
        yield images


@pytest.fixture(scope="module")
def with_r(images):
    """Give an image that has R and what compiles its packages."""
    step, files = debian("r-base-core", "r-base-dev", "r-cran-mass")
    return images.build(step, files=files)


@pytest.fixture(scope="module")
def mirror(tmp_path_factory, with_r):
    with CranMirror(tmp_path_factory.mktemp("mirror")).serving() as mirror:
        mirror.add(COUNTER, PLAIN, PENGUINS, PAST)
        mirror.add(PRESENT, READY_MADE)
        mirror.add_binary(READY_MADE, run(with_r, "bash", "-ec", MAKE_READY, stdin=READY_MADE.packed()))
        yield mirror


@pytest.fixture(scope="module")
def locked(mirror, tmp_path_factory):
    lines = ("r-plain.words", "birds", "moved", "ready", "r-mass")
    return lock_r(
        [
            Item(name, "==0.9" if name == "moved" else "", f"environment.yml:{number}")
            for number, name in enumerate(lines, 1)
        ],
        debian=DEBIAN,
        r_version="4.5.0",
        cran=mirror.cran,
        cran_binaries=mirror.binaries,
        cache=tmp_path_factory.mktemp("cache"),
    )


@pytest.fixture(scope="module")
def build(images, mirror, with_r):
    """Give a function that installs a lock on top of R."""

    def build(locked, lock=""):
        where = addresses(mirror.cran, mirror.binaries, locked.snapshot)
        pairs = tuple(f"{name}={address}" for name, address in where.items())
        return images.build(
            Step("install-cran.bash", pairs, same("cran.lock"), (CACHE,)),
            Step("configure-r.bash"),
            files={"cran.lock": lock or locked.step_file()},
            parent=with_r,
        )

    return build


@pytest.fixture(scope="module")
def image(build, locked):
    return build(locked)


def test_a_participant_loads_packages_of_every_kind(image):
    code = (
        'library(plain.words); library(MASS); cat(words("a b c"), nrow(birds::birds), moved::v(), '
        'ready::twice(21), as.character(packageVersion("moved")))'
    )

    assert r_says(image, code) == "3 2 past 42 0.9"


def test_what_is_installed_is_what_was_locked(image, locked):
    code = (
        'p <- installed.packages("/usr/local/lib/R/site-library"); '
        'cat(paste(p[, "Package"], p[, "Version"]), sep = "\\n")'
    )

    assert sorted(r_says(image, code).splitlines()) == sorted(f"{p.name} {p.version}" for p in locked.cran)


def test_a_ready_made_package_is_installed_as_it_came(image, locked, mirror):
    (ready,) = [package for package in locked.cran if package.name == "ready"]
    agents = {agent for path, agent in mirror.requests if path.endswith("ready_2.0.tar.gz")}

    assert ready.kind == "binary"
    # What compiles here gets a fixed time; this one came with its own.
    assert "1970-01-01" not in r_says(image, 'cat(packageDescription("ready")$Built)')
    # Who locks and who installs say the same of themselves, so both get the same file.
    assert agents == {user_agent("4.5.0")}


def test_packages_are_compiled_to_bytecode_and_carry_no_time(image):
    assert "<bytecode" in r_says(image, "print(plain.words::words)")
    assert "1970-01-01" in r_says(image, 'cat(packageDescription("plain.words")$Built)')


def test_the_environments_packages_are_not_a_participants_to_change(image):
    assert r_says(image, 'cat(file.access("/usr/local/lib/R/site-library", 2))') == "-1"


def test_what_a_participant_installs_lands_in_their_home(image):
    code = (
        'dir.create("/tmp/own/R", recursive = TRUE); '
        'cat("Package: own\\nVersion: 1.0\\nTitle: Own\\nDescription: Own.\\nLicense: MIT\\nAuthor: A\\n'
        'Maintainer: A <a@example.org>\\n", file = "/tmp/own/DESCRIPTION"); '
        'file.create("/tmp/own/NAMESPACE"); install.packages("/tmp/own", repos = NULL, quiet = TRUE); '
        'cat(find.package("own"))'
    )

    assert r_says(image, code).splitlines()[-1] == "/home/jovyan/R/x86_64-pc-linux-gnu-library/4.5/own"


def test_a_file_that_changed_after_the_lock_stops_the_build(locked, build):
    wrong = locked.step_file().replace(locked.cran[0].sha256, "0" * 64)

    with pytest.raises(NotBuiltError, match="is not the file that was locked"):
        build(locked, wrong)


def test_a_file_that_is_gone_stops_the_build(locked, build):
    gone = f"1 {'0' * 64} cran src/contrib/gone_1.0.tar.gz\n"

    with pytest.raises(NotBuiltError, match=r"gone_1\.0\.tar\.gz could not be had"):
        build(locked, gone)


def test_code_that_lacks_a_header_says_what_to_add(mirror, build, tmp_path):
    broken = Package("broken", files={"src/x.c": "#include <fantasy.h>\n"})
    mirror.add(broken)
    locked = lock_r(
        [Item("broken", "", "install.R:1")],
        debian={},
        r_version="4.5.0",
        cran=mirror.cran,
        cran_binaries="",
        cache=tmp_path / "cache",
    )

    with pytest.raises(NotBuiltError, match=r"hint: `fantasy\.h` is missing") as caught:
        build(locked)
    assert "error: R package broken_1.0.tar.gz could not be installed" in str(caught.value)
