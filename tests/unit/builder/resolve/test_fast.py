import pytest

from lectern.builder.declaration import Declaration
from lectern.builder.declare.items import CondaSpec, Item, Requirement
from lectern.builder.resolve.debian import Debian
from lectern.builder.resolve.fast import translate
from lectern.builder.resolve.refusals import RefusedError

VERSIONS = """
nodejs 20.19.2+dfsg-1, pandoc 3.1.11.1+ds-2, r-base 4.5.0-3, fortune 1.0-1, graphviz 2.42.4-3, g++ 4:14.2.0-1,
r-cran-ggplot2 3.5.1+dfsg-1, r-bioc-biobase 2.62.1-1
"""
ARCHIVE = Debian({"awk": "", **dict(entry.split() for entry in VERSIONS.split(","))})


def _specs(*entries):
    return tuple(
        CondaSpec(name, version, where=f"environment.yml:{line}")
        for line, (name, version) in enumerate(entries, 5)
    )


def _wanted(*entries, archive=ARCHIVE, imports=frozenset(), **more):
    named = (entry if isinstance(entry, tuple) else (entry, "") for entry in entries)
    return translate(Declaration(conda=_specs(*named), **more), archive, imports, {"mylib"}.__contains__)


def _refusal(*entries, **more):
    with pytest.raises(RefusedError) as caught:
        _wanted(*entries, **more)
    return caught.value


def test_a_name_goes_to_the_source_that_has_it():
    wanted = _wanted("numpy", ("pytorch", "=2.1"), "graphviz", "r-ggplot2")

    assert wanted.python == ("ipykernel", "numpy", "torch==2.1.*")
    assert wanted.debian == ("graphviz", "r-base-core", "r-cran-ggplot2", "r-cran-irkernel")


def test_order_never_matters():
    names = ("scipy", "numpy", "graphviz", "pandoc")

    forth, back = _wanted(*names), _wanted(*names[::-1])

    assert (forth.python, forth.debian) == (back.python, back.debian)


def test_an_exact_version_that_pypi_numbers_longer_means_all_of_it():
    wanted = _wanted(("opencv", "==4.2.0"), ("openbabel", ">=3,<=3.1.1"), ("ortools-python", "==9.7"))

    assert wanted.python == (
        "ipykernel",
        "openbabel-wheel<=3.1.1,>=3",
        "opencv-python-headless==4.2.0.*",
        "ortools==9.7.*",
    )
    assert "opencv-python-headless==4.2.0.34" in _wanted(("opencv", "==4.2.0.34")).python


def test_a_debian_name_is_never_tried_on_pypi():
    for name in ("graphviz", "pandoc"):
        assert _wanted(name, imports=frozenset({name})).python == ("ipykernel",)


def test_a_binding_brings_its_program():
    wanted = _wanted("python-graphviz")

    assert (wanted.python, wanted.debian) == (("graphviz", "ipykernel"), ("graphviz",))


def test_a_program_that_debian_keeps_apart_comes_with_its_libraries():
    assert _wanted("gdal", archive=None).debian == ("gdal-bin", "python3-gdal")
    assert _wanted("rust", archive=None).debian == ("cargo", "rustc")


def test_a_program_that_debian_calls_otherwise_is_told():
    wanted = _wanted("bat", archive=None)

    assert wanted.debian == ("bat",)
    assert wanted.notices == ("environment.yml:5: bat: Debian calls the program `batcat`",)


def test_an_unknown_name_is_not_guessed_and_all_of_them_are_told():
    refusal = _refusal("pandsa", "qqqqqq", "fortune", "mylib")

    assert "environment.yml:5: no package `pandsa` is known → did you mean `pandas`?" in refusal.what
    assert "environment.yml:6: no package `qqqqqq` is known" in refusal.what
    assert "Debian's package `fortune` goes into apt.txt" in refusal.what
    assert "PyPI has a `mylib`: if that is meant, put it under `pip:`" in refusal.what


def test_the_very_name_on_pypi_is_offered_alone():
    archive = Debian({"mylib": "1.0-1", "provided": ""})
    refusal = _refusal("mylib", archive=archive)

    assert refusal.hint == (
        "PyPI has a `mylib`: if that is meant, put it under `pip:`; "
        "or choose conda: `resolver: conda` in lectern.yml"
    )
    # What Debian's packages merely provide may have no candidate.
    assert _refusal("provided", archive=archive).hint == "choose conda: `resolver: conda` in lectern.yml"


def test_modules_that_come_with_python_are_left_out_with_a_notice():
    wanted = _wanted("pathlib", "enum34", ("configparser", "=5"), "pathlib2", imports=frozenset({"pathlib2"}))

    assert wanted.python == ("ipykernel", "pathlib2")
    assert "part of Python itself, and left out: pathlib, enum34, configparser=5" in wanted.notices
    assert "taken from PyPI because the material imports it: pathlib2" in wanted.notices


def test_a_kernel_that_the_server_has_is_asked_for_in_lectern_yml():
    refusal = _refusal("octave_kernel")

    assert refusal.hint == "write `kernels: [octave]` in lectern.yml, and leave `octave_kernel` out"


def test_an_unknown_name_that_the_material_imports_is_pypis():
    wanted = _wanted(("my-lab", "=1.2"), imports=frozenset({"my_lab"}))

    assert "my-lab==1.2.*" in wanted.python
    assert "taken from PyPI because the material imports it: my-lab" in wanted.notices


def test_packages_that_are_not_needed_share_one_notice():
    wanted = _wanted("pip", "wheel", "conda")

    assert wanted.notices == ("not needed here: pip, wheel, conda",)


def test_a_version_of_an_installer_holds_for_the_packages_that_need_it():
    wanted = _wanted("pip", ("setuptools", ">=70,<=81"), ("wheel", "=0.4|=0.5"))

    assert wanted.python == ("ipykernel",)
    assert wanted.constraints == (Requirement("setuptools<=81,>=70", "environment.yml:6"),)
    assert " ".join(wanted.notices) == (
        "not needed here: pip, "
        "setuptools (`setuptools>=70,<=81`, environment.yml:6, holds where a package needs it), "
        "wheel (`wheel=0.4|=0.5`, environment.yml:7, is without effect: "
        "it has alternatives (`|`), which only conda can weigh)"
    )


def test_a_dead_name_is_replaced_with_a_notice_wherever_it_stands():
    wanted = _wanted(("rise", "=5.7"), requirements=(Requirement("sklearn", "environment.yml:9"),))

    assert wanted.python == ("ipykernel", "jupyterlab-rise", "scikit-learn")
    assert " ".join(wanted.notices) == (
        "goes by another name now: rise → jupyterlab-rise (without `=5.7`, a version of the old one), "
        "sklearn → scikit-learn"
    )


def test_a_project_that_takes_anothers_place_is_told_and_gets_no_version_of_it():
    wanted = _wanted(("pyside2", "==5.15.8"))

    assert wanted.python == ("PySide6", "ipykernel")
    assert " ".join(wanted.notices) == (
        "another project takes its place, with other names to import: "
        "pyside2 → PySide6 (without `==5.15.8`, a version of the old one)"
    )
    for_pip = Requirement("PySide2==5.15.2.1", "r.txt:1")
    assert _wanted(requirements=(for_pip,)).python == ("PySide2==5.15.2.1", "ipykernel")


def test_the_servers_parts_are_left_to_the_server_and_a_pin_of_them_is_reported():
    wanted = _wanted(("jupyterlab", "=3"), "jupyter", requirements=(Requirement("notebook<7", "r.txt:1"),))

    assert wanted.python == ("ipykernel", "ipywidgets")
    assert " ".join(wanted.notices) == (
        "the server has its own: jupyterlab (`jupyterlab=3`, environment.yml:5, is without effect), jupyter, "
        "notebook (`notebook<7`, r.txt:1, is without effect)"
    )


def test_a_language_of_another_version_is_refused():
    refusal = _refusal(("nodejs", "=18"), ("r-base", "=3.6"))

    assert "`nodejs=18`: Debian trixie has 20.19.2+dfsg-1" in refusal.what
    assert "`r-base=3.6`: Debian trixie has 4.5.0-3" in refusal.what


def test_a_program_of_another_version_is_told():
    wanted = _wanted(("pandoc", "=2.9"))

    assert wanted.debian == ("pandoc",)
    assert wanted.notices == (
        "environment.yml:5: `pandoc=2.9`: Debian trixie has 3.1.11.1+ds-2, which is used",
    )
    assert _wanted(("pandoc", ">=3")).notices == ()


def test_alternatives_of_which_debian_has_one_are_taken_without_a_word():
    wanted = _wanted(("r-base", "=4.4|=4.5"), ("graphviz", "=1|=2"))

    assert "graphviz" in wanted.debian
    assert wanted.notices == ()


def test_an_r_package_of_another_version_than_debians_is_left_to_cran():
    assert _wanted(("r-ggplot2", "=2.1")).r == (Item("r-ggplot2", "=2.1", "environment.yml:5"),)
    assert _wanted(("r-ggplot2", ">=3")).r == ()


def test_node_is_installed_only_where_something_uses_it():
    assert _wanted("nodejs").debian == ()
    assert _wanted("nodejs", "mystmd").debian == ("nodejs",)
    assert _wanted("nodejs", texts={"postBuild": "npm install -g x"}).debian == ("nodejs",)
    assert _wanted(("nodejs", "=20")).debian == ("nodejs",)


@pytest.mark.parametrize("version", ["", "=2", "==2.0.1", ">=1", ">=2.0,<3"])
def test_what_runs_on_node_brings_it(version):
    assert _wanted("mystmd").debian == ("nodejs",)
    assert _wanted(("jupyter-book", version)).debian == ("nodejs",)


@pytest.mark.parametrize("line", ["mystmd", "jupyter_book", "jupyter-book==2.*", "jupyter-book>=1"])
def test_what_runs_on_node_brings_it_where_pip_has_it(line):
    assert _wanted(requirements=(Requirement(line, "r.txt:1"),)).debian == ("nodejs",)


@pytest.mark.parametrize("version", ["=1", "==1.0.4", "<2", ">=0.15,<2", "=0.*", "<=1.0.4"])
def test_jupyter_book_of_before_needs_no_node(version):
    assert _wanted(("jupyter-book", version)).debian == ()


def test_jupyter_book_of_before_needs_no_node_where_pip_has_it():
    assert _wanted(requirements=(Requirement("jupyter-book<2", "r.txt:1"),)).debian == ()


def test_r_packages_come_from_debian_else_from_cran():
    wanted = _wanted(
        "r-visdat",
        "bioconductor-biobase",
        r=(Item("glmnetUtils", "", "install.R:1"), Item("ggplot2", "", "install.R:2")),
    )

    assert "r-bioc-biobase" in wanted.debian
    assert "r-cran-ggplot2" in wanted.debian
    assert [item.name for item in wanted.r] == ["glmnetUtils", "r-visdat"]
    assert wanted.has_r


def test_a_debian_package_that_does_not_exist_is_refused_with_the_others():
    refusal = _refusal(
        apt=(Item("nonesuch", "", "apt.txt:1"), Item("awk", "", "apt.txt:2"), Item("nope", "", "apt.txt:3"))
    )

    assert [reason.where for reason in refusal.reasons] == ["apt.txt:1", "apt.txt:3"]
    assert "Debian trixie has no package `nope`" in refusal.what


def test_a_package_of_an_earlier_debian_is_taken_as_its_successor_with_a_notice():
    archive = Debian({"libgl1": "1.7.0-1", "netcat": "", "netcat-openbsd": "1.2-3", "awk": ""})
    wanted = _wanted(
        archive=archive,
        apt=tuple(Item(name, "", "apt.txt:1") for name in ("libgl1-mesa-glx", "netcat", "awk", "libgl1")),
    )

    assert wanted.debian == ("awk", "libgl1", "netcat-openbsd")
    assert " ".join(wanted.notices) == (
        "packages of an earlier Debian, taken as those that have their place: "
        "libgl1-mesa-glx → libgl1, netcat → netcat-openbsd"
    )


def test_a_successor_that_is_another_thing_is_only_named():
    refusal = _refusal(apt=(Item("openjdk-11-jdk", "", "apt.txt:1"), Item("libssl1.1", "", "apt.txt:2")))

    assert "`openjdk-11-jdk` → write `openjdk-21-jdk`, which has its place, if that will do" in refusal.what
    # Debian's lists decide: what they lack is no successor.
    assert "no package `libssl1.1` → leave `libssl1.1` out" in refusal.what


def test_a_collection_is_not_expanded_but_the_imports_are_proposed():
    refusal = _refusal("anaconda", imports=frozenset({"numpy", "pandas"}))

    assert refusal.hint.endswith("the material imports: numpy, pandas")


def test_a_collection_of_r_is_left_to_the_resolver_of_r_which_knows_what_the_material_loads():
    wanted = _wanted("r-essentials", imports=frozenset({"pandas"}))

    assert wanted.r == (Item("r-essentials", "", "environment.yml:5"),)


def test_a_build_string_is_dropped_with_a_notice():
    spec = CondaSpec("numpy", "==1.26.4", build="py312_0", where="environment.yml:5")
    wanted = translate(Declaration(conda=(spec,)))

    assert wanted.python == ("ipykernel", "numpy==1.26.4")
    assert wanted.notices == ("build strings are conda's and were dropped: numpy=1.26.4=py312_0",)


def test_extras_are_kept_and_joined():
    specs = (
        CondaSpec("pyvista", "", extras=("all",), where="e:1"),
        CondaSpec("dask", "=2025.1", extras=("test",), where="e:2"),
    )
    wanted = translate(Declaration(conda=specs))

    assert "pyvista[all]" in wanted.python
    assert "dask[complete,test]==2025.1.*" in wanted.python


def test_what_only_conda_can_weigh_is_refused():
    refusal = _refusal(("numpy", "=1.2|=1.3"))

    assert "alternatives" in refusal.what
    assert "resolver: conda" in refusal.hint


@pytest.mark.parametrize("option", ["--extra-index-url", "--index-url", "-f", "--install-option"])
def test_another_index_is_refused_with_the_reason(option):
    refusal = _refusal(options=(Item(option, "https://example.org/simple", "requirements.txt:1"),))

    assert refusal.where == "requirements.txt:1"
    assert option in refusal.what


def test_pytorchs_own_index_and_idle_options_are_told_to_be_without_effect():
    options = (
        Item("--extra-index-url", "https://download.pytorch.org/whl/cpu", "r.txt:1"),
        Item("--trusted-host", "example.org", "r.txt:2"),
    )

    assert _wanted(options=options).notices[0].startswith("options without effect here: --extra-index-url")


def test_pythons_line_is_read_from_wherever_it_stands():
    assert _wanted(("python", "=3.9")).python_choice.candidates == ("3.9",)
    assert _wanted(python=Item("python", "==3.10.*", "runtime.txt:1")).python_choice.candidates == ("3.10",)


@pytest.mark.parametrize(
    ("version", "said"),
    [("=2.7.15", "`python==2.7.15.*`: Python 2.7 ended in 2020"), ("=3.9,=3.10", "exclude each other")],
)
def test_an_unknown_name_does_not_hide_a_python_that_is_refused(version, said):
    refusal = _refusal(("python", version), "qqqqqq")

    assert [reason.where for reason in refusal.reasons] == ["environment.yml:5", "environment.yml:6"]
    assert said in refusal.what
    assert "python=3.8" not in refusal.what
    assert "environment.yml:6: no package `qqqqqq` is known" in refusal.what


def test_addresses_go_through_as_they_are():
    line = "jupyterlab @ git+https://example.org/x"

    assert line in _wanted(requirements=(Requirement(line, "r.txt:1"),)).python
