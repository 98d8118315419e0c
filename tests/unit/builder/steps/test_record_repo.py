"""What came with the repo's own files is in the manifest, the same in each build of the same."""

import importlib.util
import json

import pytest

from lectern.builder.manifest import differences, identity
from lectern.builder.step_files import STEPS
from tests.support.repos import write_repo

PROJECT = {
    "pyproject.toml": "[project]\nname = 'course'\n",
    "course/__init__.py": "",
    "README.md": "# Course\n",
}
INSTALLED = "opt/env/lib/python3.13/site-packages/course-1.2.dist-info"


@pytest.fixture
def image(tmp_path, monkeypatch):
    """Give a function that records a repo as it is after the build's last steps, and gives the manifest."""
    spec = importlib.util.spec_from_file_location("record_repo", STEPS / "record_repo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    repo, source, env = tmp_path / "srv/env", tmp_path / "src", tmp_path / "opt/env"
    for name, folder in (("REPO", repo), ("SOURCE", source), ("ENV", env)):
        folder.mkdir(parents=True)
        monkeypatch.setattr(module, name, folder)

    def record(files, *words, also=None, without=()):
        write_repo(source, files)
        write_repo(repo, files)
        for name in without:
            (repo / name).unlink()
        write_repo(repo, also or {})
        write_repo(
            tmp_path,
            {
                f"{INSTALLED}/METADATA": "Metadata-Version: 2.1\nName: course\nVersion: 1.2\n",
                f"{INSTALLED}/direct_url.json": json.dumps({"url": repo.as_uri()}),
                "opt/env/manifest.json": json.dumps({"python": ["numpy==2.0"]}),
            },
        )
        module.main([word.format(repo=repo) for word in words])
        return json.loads((env / "manifest.json").read_text())

    return record


def test_a_project_has_its_name_its_version_and_a_hash_of_its_code(image):
    (line,) = image(PROJECT, "python:{repo}")["local"]

    name, found = line.split(" ")
    assert name == "course==1.2"
    assert found.startswith("sha256:")


def test_code_changes_a_projects_hash_and_its_texts_do_not(image):
    before = image(PROJECT, "python:{repo}")
    text = image({"README.md": "# Another\n", "lesson.ipynb": "{}"}, "python:{repo}")
    code = image({"course/__init__.py": "x = 1\n"}, "python:{repo}")

    assert identity(before) == identity(text)
    assert identity(before) != identity(code)
    (change,) = differences(before, code)
    assert (change.source, change.name) == ("local", "course")


def test_what_the_installer_leaves_beside_a_project_changes_nothing(image):
    before = image(PROJECT, "python:{repo}")
    after = image(
        PROJECT,
        "python:{repo}",
        also={"course.egg-info/PKG-INFO": "Name: course\n", "build/lib/course/__init__.py": "x = 2\n"},
    )

    assert before == after


def test_an_r_package_is_a_project(image):
    files = {"DESCRIPTION": "Package: lessons\nVersion: 0.3\n", "R/a.R": "f <- 1\n", "README.md": "x"}

    (line,) = image(files, "r:{repo}")["local"]

    assert line.startswith("lessons==0.3 sha256:")


def test_what_postbuild_made_is_counted_hashed_and_its_packages_named(image):
    also = {
        "data/made.csv": "1\n",
        "README.md": "# Changed\n",
        "lib/tabulate-0.9.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tabulate\nVersion: 0.9.0\n",
        "manifest.json": "-> /opt/env/manifest.json",
    }

    files, package = image(PROJECT, "postBuild", also=also, without=["README.md"])["postBuild"]

    assert files.startswith("files==3 sha256:")
    assert package == "tabulate==0.9.0"


def test_two_builds_give_the_same_and_another_result_is_another_identity(image):
    made = {"made/it": "1\n", "made/__pycache__/it.pyc": "one day"}
    first = image(PROJECT, "postBuild", also=made)
    again = image(PROJECT, "postBuild", also=made | {"made/__pycache__/it.pyc": "another day"})
    other = image(PROJECT, "postBuild", also={"made/it": "2\n"})

    assert identity(first) == identity(again)
    assert identity(first) != identity(other)


def test_a_file_that_postbuild_removed_counts(image):
    assert image(PROJECT, "postBuild")["postBuild"] == []
    assert image(PROJECT, "postBuild", without=["README.md"])["postBuild"][0].startswith("files==1 ")


def test_links_are_not_followed(image):
    made = image(PROJECT, "postBuild", also={"away": "-> /etc/passwd", "here": "-> course"})["postBuild"]

    assert made[0].startswith("files==2 ")


def test_the_rest_of_a_manifest_stays(image):
    assert image(PROJECT)["python"] == ["numpy==2.0"]
