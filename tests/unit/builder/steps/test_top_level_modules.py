import json
import subprocess
import sys
from pathlib import Path

import pytest

from lectern.builder.steps import top_level_modules

SCRIPT = Path(top_level_modules.__file__)


@pytest.mark.parametrize(
    ("name", "paths", "modules"),
    [
        ("numpy", ["numpy/__init__.py", "numpy/linalg/__init__.py", "numpy.libs/x.so"], ["numpy"]),
        ("PyYAML", ["yaml/__init__.py", "_yaml/__init__.py"], ["yaml"]),
        ("six", ["six.py", "six-1.dist-info/RECORD"], ["six"]),
        ("matplotlib", ["matplotlib/__init__.py", "pylab.py"], ["matplotlib"]),
        ("google-thing", ["google/thing/__init__.py", "google/thing/x/__init__.py"], ["google.thing"]),
        (
            "apple",
            ["core/__init__.py", "tests/__init__.py", "fast.cpython-313-x86_64-linux-gnu.so"],
            ["core", "fast"],
        ),
        ("data-only", ["../../../share/x.json", "data-1.dist-info/METADATA"], []),
    ],
)
def test_a_packages_modules_are_those_that_people_import(name, paths, modules):
    assert top_level_modules.modules_of(name, paths) == modules


def test_the_script_answers_for_what_is_installed():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "pytest", "ruamel.yaml", "nonesuch"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == {"pytest": ["pytest"], "ruamel.yaml": ["ruamel.yaml"]}


def test_a_project_that_lies_elsewhere_is_known_by_its_folder(tmp_path):
    project, site = tmp_path / "lesson", tmp_path / "site"
    record = site / "lesson-1.dist-info"
    project.mkdir()
    record.mkdir(parents=True)
    (project / "lesson_tools.py").write_text("raise RuntimeError('is not to be run')\n", encoding="utf-8")
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: lesson\nVersion: 1\n", encoding="utf-8")
    (record / "RECORD").write_text("lesson.pth,,\nlesson-1.dist-info/METADATA,,\n", encoding="utf-8")
    (record / "direct_url.json").write_text(json.dumps({"url": f"file://{project}"}), encoding="utf-8")
    (record / "top_level.txt").write_text("lesson_tools\n", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, SCRIPT, f"{project}/."],
        env={"PYTHONPATH": f"{site}:{project}"}, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert json.loads(done.stdout) == {"lesson": ["lesson_tools"]}
