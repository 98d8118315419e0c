import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from rattler import MatchSpec, Version, VersionSpec

from lectern.builder.declare.conda_spec import intersect, read_spec
from lectern.builder.declare.items import CondaSpec
from lectern.errors import DeclarationError
from tests.support.refusals import tried

WHERE = "environment.yml:7"
VERSIONS = ["1", "1.0", "1.1.9", "1.2", "1.2.0", "1.2.1", "1.2.3", "1.3", "1.20", "2", "2.0rc1", "3.10.12"]


def _read(text):
    return read_spec(text, WHERE).spec


def _spec(name, version="", build="", channel="", extras=()):
    return CondaSpec(name, version, build, channel, extras, WHERE)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("numpy", _spec("numpy")),
        ("  numpy \t", _spec("numpy")),
        ("numpy=1.2", _spec("numpy", "=1.2")),
        ("numpy = 1.2", _spec("numpy", "=1.2")),
        ("python = 3.9", _spec("python", "=3.9")),
        ("numpy=1.2.*", _spec("numpy", "=1.2")),
        ("pytest 5.*", _spec("pytest", "=5")),
        ("python 3.10.12.*", _spec("python", "=3.10.12")),
        ("numpy 1.2*", _spec("numpy", "=1.2")),
        ("numpy ==1.*", _spec("numpy", "=1")),
        ("numpy 1.2", _spec("numpy", "==1.2")),
        ("numpy==1.2", _spec("numpy", "==1.2")),
        ("numpy == 1.2", _spec("numpy", "==1.2")),
        ("numpy>=1.2", _spec("numpy", ">=1.2")),
        ("numpy >=1.2.*", _spec("numpy", ">=1.2")),
        ("jupyterlab >=4.6.1,<5", _spec("jupyterlab", ">=4.6.1,<5")),
        ("numpy >= 1.2 , < 2", _spec("numpy", ">=1.2,<2")),
        ("numpy!=1.2.*,~=1.1", _spec("numpy", "!=1.2.*,~=1.1")),
        ("numpy!=1.2*", _spec("numpy", "!=1.2.*")),
        ("numpy=1.2|=1.3", _spec("numpy", "=1.2|=1.3")),
        ("numpy 1.2|1.3", _spec("numpy", "==1.2|==1.3")),
        ("numpy >=1,<2|>=3", _spec("numpy", ">=1,<2|>=3")),
        ("numpy=*", _spec("numpy")),
        ("numpy *", _spec("numpy")),
        ("numpy>=1,*", _spec("numpy", ">=1")),
        ("numpy=1.2=py39h1_0", _spec("numpy", "==1.2", "py39h1_0")),
        ("numpy==1.2=0", _spec("numpy", "==1.2", "0")),
        ("numpy=1.2.*=py39*", _spec("numpy", "=1.2", "py39*")),
        ("numpy 1.2 py39_0", _spec("numpy", "==1.2", "py39_0")),
        ("numpy >=1.2,<2 py39_0", _spec("numpy", ">=1.2,<2", "py39_0")),
        ("python=3.9=*_cpython", _spec("python", "==3.9", "*_cpython")),
        ("numpy = 1.2 = py39_0", _spec("numpy", "==1.2", "py39_0")),
        ("blas=*=*mkl", _spec("blas", "", "*mkl")),
        ("blas=*=*19", _spec("blas", "", "*19")),
        ("numpy=1.2=*", _spec("numpy", "=1.2")),
        ("x[version='>=1',build=\"py*\"]", _spec("x", ">=1", "py*")),
        ("x[version=1.2, build=0]", _spec("x", "==1.2", "0")),
        ("x[channel=bioconda]", _spec("x", channel="bioconda")),
        ("conda-forge::x=1", _spec("x", "=1", channel="conda-forge")),
        ("bokeh::jupyter_bokeh==2.0.3", _spec("jupyter_bokeh", "==2.0.3", channel="bokeh")),
        ("conda-forge/linux-64::x", _spec("x", channel="conda-forge/linux-64")),
        ("https://conda.example.org/lab::x>1", _spec("x", ">1", channel="https://conda.example.org/lab")),
        ("pyvista[all]", _spec("pyvista", extras=("all",))),
        ("pyvista[all, io]>=0.40", _spec("pyvista", ">=0.40", extras=("all", "io"))),
        ("Pandas", _spec("pandas")),
        ("PyYAML=6", _spec("pyyaml", "=6")),
        ("_libgcc_mutex=0.1=main", _spec("_libgcc_mutex", "==0.1", "main")),
        ("jupyter_contrib_nbextensions", _spec("jupyter_contrib_nbextensions")),
        ("r-data.table", _spec("r-data.table")),
        ("openssl=1.1.1k", _spec("openssl", "=1.1.1k")),
        ("pytz=2024a", _spec("pytz", "=2024a")),
        ("torch=2.0RC1", _spec("torch", "=2.0rc1")),
        ("x=1!2.0", _spec("x", "=1!2.0")),
        ("numpy=1.2  # pinned by hand", _spec("numpy", "=1.2")),
        ("numpy # [win]", _spec("numpy")),
    ],
)
def test_every_syntax_of_conda_is_read(text, spec):
    read = read_spec(text, WHERE)

    assert read.spec == spec
    assert read.repair == ""


@pytest.mark.parametrize(
    ("text", "version"),
    [("proj=7.*.", "=7"), ("numpy=1.2.", "=1.2"), ("numpy 1.*.*", "=1"), ("numpy>=1.2.,<2.", ">=1.2,<2")],
)
def test_a_slip_of_the_pen_is_repaired_and_told(text, version):
    read = read_spec(text, WHERE)

    assert read.spec.version == version
    assert read.repair.startswith(f"`{text}` is read as ")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        *[
            (text, "`- name` or `- name=version`")
            for text in ("", " ", "=1.2", "nümpy", "-e .", "num$py", "name*")
        ],
        *[(text, "- name>=1.2,<2") for text in ("x>", "x=1.2,", "x=>1", "x>1<2", "x=1..2", "x===1", "x ^1")],
        *[(text, "a line of its own") for text in ("numpy pandas", "numpy pandas scipy\n", "numpy h5py")],
        ("x >=1 <2", "comma"),
        ("x=a b=c", "comma"),
        ("x (>=1)", "- name>=1.2,<2"),
        ("x >=*", "leave `*` out"),
        ("x; rm -rf /", "`- name` or `- name=version`"),
        ("x=1;rm", "- name>=1.2,<2"),
        ("x=$(id)", "- name>=1.2,<2"),
        ("x=1.2=`id`", "comma"),
        ("x[build='$(id)']", "comma"),
        ("x[channel='a b']", "conda-forge::"),
        ("$(id)::x", "conda-forge::"),
        ("file:///tmp/c::x", "conda-forge::"),
        ("::x", "conda-forge::"),
        ("x[md5=0]", "only version, build and channel"),
        ("x[version='1]", "`- name=version`"),
        ("x[]", "`- name[extra]`"),
        ("x[a b]", "`- name[extra]`"),
        ("x\nRUN id", "`- name` or `- name=version`"),
        ("x=1\nRUN id", "- name>=1.2,<2"),
        ("./x.conda", "name the package"),
        ("/tmp/x", "name the package"),
        ("https://conda.example.org/linux-64/x-1-0.tar.bz2", "name the package"),
        ("x " + "|".join(str(number) for number in range(99)), "write a range"),
    ],
)
def test_what_is_no_package_is_refused_with_the_way_out(text, hint):
    with pytest.raises(DeclarationError) as caught:
        _read(text)

    assert caught.value.where == WHERE
    assert hint in caught.value.hint
    assert caught.value.what.isprintable()


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("jupyterlab", "jupyterlab=3", "jupyterlab=3"),
        ("x=1", "x", "x=1"),
        ("x>=1", "x<2", "x>=1,<2"),
        ("x=1", "x=1", "x=1"),
        ("x=1|=2", "x<1.5", "x=1,<1.5|=2,<1.5"),
        ("x", "c::x=1=b", "c::x=1=b"),
        ("x[a]", "x[b]>1", "x[a,b]>1"),
    ],
)
def test_a_name_that_stands_twice_is_what_both_admit(first, second, both):
    assert str(intersect(_read(first), _read(second))) == both


@pytest.mark.parametrize(("first", "second"), [("a::x", "b::x"), ("x=1=a", "x=1=b")])
def test_two_entries_that_contradict_each_other_are_refused(first, second):
    with pytest.raises(DeclarationError, match="contradicts"):
        intersect(_read(first), _read(second))


@pytest.mark.parametrize(
    "text",
    ["numpy", "x=1.2", "x==1.2", "c::x>=1,<2", "x=1.2=b", "x=1.2.*=b", "x=*=b", "x[a,b]=1", "x >=1,<2 b"],
)
def test_an_entry_is_written_as_it_was(text):
    assert str(_read(text)) == text


@given(st.text() | st.text(alphabet="x1.*=<>!~|,: []'\"abv#\n-"))
@example("x[version='']")
def test_any_entry_is_read_or_refused(text):
    read, refusal = tried(read_spec, text, WHERE)

    if refusal:
        assert refusal.where == WHERE
        assert refusal.hint
    else:
        spec = read.spec
        assert _read(str(spec)) == spec
        assert re.fullmatch(r"[a-z0-9_][a-z0-9_.-]*", spec.name)
        assert re.fullmatch(r"[a-z0-9_.,|<>=!~*+-]*", spec.version)
        assert re.fullmatch(r"[A-Za-z0-9_.*+]*", spec.build)
        assert re.fullmatch(r"[\w.:/~-]*", spec.channel, re.ASCII)


@given(
    st.sampled_from(["", " ", "=", "==", " =", " ==", ">=", "<", "!=", " > ", "<="]),
    st.sampled_from(["1", "1.2", "1.2.3", "3.10", "2.0rc1"]),
    st.sampled_from(["", ".*", "|1.1.9", ",<2", "|>=3"]),
)
def test_conda_itself_admits_the_same_versions(operator, version, rest):
    assume(operator not in {"", "<", " > ", "<="} or rest != ".*")  # conda warns of these
    text = f"x{operator or ' '}{version}{rest}"

    ours = VersionSpec(_read(text).version)
    theirs = VersionSpec(str(MatchSpec(text).version))

    assert [ours.matches(Version(each)) for each in VERSIONS] == [
        theirs.matches(Version(each)) for each in VERSIONS
    ]
