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
