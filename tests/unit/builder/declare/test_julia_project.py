import pytest

from lectern.builder.declaration import read_declaration
from lectern.builder.declare.items import Item
from tests.support.repos import refusal_of, write_repo

JSON = '"682c06a0-de6a-54ab-a142-c8b1cf79cde6"'
PROJECT = f'name = "Course"\n\n[deps]\nJSON = {JSON}\n\n[compat]\nJSON = "0.21"\njulia = "1.10"\n'
MANIFEST = 'julia_version = "1.11.2"\nmanifest_format = "2.0"\n'


def _julia(folder, files):
    return read_declaration(write_repo(folder, files)).julia


def test_the_files_are_kept_as_they_are(tmp_path):
    julia = _julia(tmp_path, {"Project.toml": PROJECT, "Manifest.toml": MANIFEST})

    assert (julia.project, julia.manifest) == (PROJECT, MANIFEST)
    assert julia.packages == (Item("JSON", "0.21", "Project.toml:4"),)
    assert julia.version == Item("julia", "1.10", "Project.toml:8")


def test_the_manifest_names_the_julia_that_the_project_leaves_open(tmp_path):
    julia = _julia(tmp_path, {"Project.toml": "", "Manifest.toml": MANIFEST})

    assert julia.version == Item("julia", "=1.11.2", "Manifest.toml:1")


def test_any_julia_will_do_when_neither_names_one(tmp_path):
    julia = _julia(tmp_path, {"Project.toml": "[deps]\n"})

    assert (julia.version, julia.manifest, julia.packages) == (None, "", ())


def test_the_longer_names_come_first(tmp_path):
    julia = _julia(
        tmp_path, {"Project.toml": "", "JuliaProject.toml": PROJECT, "JuliaManifest.toml": MANIFEST}
    )

    assert julia.packages[0].where == "JuliaProject.toml:4"
    assert julia.manifest == MANIFEST


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"Manifest.toml": MANIFEST}, "Manifest.toml"),
        ({"Project.toml": "[deps]\nJSON = 1\n"}, "Project.toml:2"),
        ({"Project.toml": '[deps]\nJSON = "x"\n'}, "Project.toml:2"),
        ({"Project.toml": f'[deps]\n"a b" = {JSON}\n'}, "Project.toml:2"),
        ({"Project.toml": "deps = 1\n"}, "Project.toml:1"),
        ({"Project.toml": '[compat]\njulia = "$(id)"\n'}, "Project.toml:2"),
        ({"Project.toml": "[compat]\njulia = 1.10\n"}, "Project.toml:2"),
        ({"Project.toml": "[deps\n"}, "Project.toml:1"),
        ({"Project.toml": "", "Manifest.toml": "julia_version = 1\n"}, "Manifest.toml:1"),
        ({"Project.toml": "", "Manifest.toml": 'julia_version = "1; id"\n'}, "Manifest.toml:1"),
        ({"Project.toml": "", "Manifest.toml": "x = [\n"}, "Manifest.toml:1"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_line(tmp_path, files, where):
    assert refusal_of(write_repo(tmp_path, files)).where == where
