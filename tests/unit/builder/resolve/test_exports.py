import pytest

from lectern.builder.declaration import Declaration
from lectern.builder.declare.items import CondaSpec
from lectern.builder.resolve.exports import find_needed, is_export, refuse_export
from lectern.builder.resolve.simple_index import SimpleIndex


def _specs(count, *named, version="==1.0", build=""):
    filler = [(f"lib{number}", version) for number in range(count)]
    return tuple(
        CondaSpec(name, own, build=build, where=f"environment.yml:{line}")
        for line, (name, own) in enumerate([*named, *filler], 4)
    )


@pytest.mark.parametrize(
    ("declaration", "claim"),
    [
        (Declaration(conda=_specs(60)), True),
        (Declaration(conda=_specs(15, build="py39_0")), True),
        (Declaration(conda=_specs(5, build="py39_0")), False),
        (Declaration(conda=_specs(15), prefix="/opt/conda"), True),
        (Declaration(conda=_specs(10)), False),
        (Declaration(conda=_specs(70, version="")), False),
        (Declaration(), False),
    ],
)
def test_an_export_is_known_by_its_pins_builds_or_prefix(declaration, claim):
    assert is_export(declaration) is claim


@pytest.mark.parametrize(
    ("mark", "system"),
    [("pywin32", "Windows"), ("appnope", "macOS"), ("_libgcc_mutex", ""), ("ld_impl_linux-64", "Linux")],
)
def test_the_machine_is_named(mark, system):
    refusal = refuse_export(Declaration(conda=_specs(60, (mark, "==1"))), frozenset())

    assert f"an export of {f'a {system}' if system else 'one'} machine" in refusal.what


def test_what_the_material_imports_is_offered_on_the_named_python():
    named = [
        ("python", "==3.9.7"),
        ("numpy", "==1.21.2"),
        ("scikit-learn", "==1.0.1"),
        ("scipy", "==1.7"),
        ("libpng", "==1"),
    ]

    refusal = refuse_export(Declaration(conda=_specs(60, *named)), frozenset({"numpy", "sklearn"}))

    assert refusal.where == "environment.yml"
    assert "- python=3.9\n  - numpy=1.21\n  - scikit-learn=1.0\n" in refusal.hint
    assert "scipy" not in refusal.hint


def test_without_material_what_nothing_else_in_the_list_needs_is_offered(index, tmp_path):
    index.add("pandas", "2.0", requires=["pytz"])
    index.add("pytz", "2026.1")
    named = [("pandas", "==1.3.4"), ("pytz", "==2021.3"), ("fiona", "==1.8"), ("libpng", "==1.6")]
    declaration = Declaration(conda=_specs(60, *named))

    needed = find_needed(declaration, SimpleIndex(index.url, tmp_path), tmp_path / "uv")
    refusal = refuse_export(declaration, frozenset(), needed)

    assert needed == {"pytz"}
    assert "- pandas=1.3\n  - fiona=1.8\n" in refusal.hint
    assert "libpng" not in refusal.hint


@pytest.mark.parametrize(
    ("imports", "why"), [((), "known as a package that a person asks for"), (("numpy",), "imported by")]
)
def test_where_nothing_can_be_offered_no_empty_list_is(imports, why):
    declaration = Declaration(conda=_specs(15), prefix="/opt/conda")

    refusal = refuse_export(declaration, frozenset(imports))

    assert "dependencies:" not in refusal.hint
    assert refusal.hint.startswith("keep the packages that you use yourself")
    assert why in refusal.hint
    assert "--from-history" in refusal.hint
