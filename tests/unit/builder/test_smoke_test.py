"""What has to work before a release is published."""

import json
import re

import pytest

from lectern.builder.declaration import Declaration
from lectern.builder.languages.catalogue import find_language
from lectern.builder.smoke_test import plan_trial, read_kernels, script
from lectern.errors import SmokeTestError
from tests.support.locks import EVERYTHING, SMALL


def test_each_kernel_says_hello():
    perl = find_language("perl", where="lectern.yml:1")

    trial = plan_trial(Declaration(), EVERYTHING, (perl,))

    assert set(trial.hellos) == {"python3", "ir", "julia", "perl"}
    assert trial.hellos["perl"].expected == perl.prints


def test_the_instructors_check_is_tried_where_there_is_one():
    assert plan_trial(Declaration(check="binder/check.md"), SMALL, ()).checks == ("binder/check.md",)
    assert plan_trial(Declaration(), SMALL, ()).checks == ()


def test_where_only_content_differs_the_check_is_tried_all_the_same():
    trial = plan_trial(Declaration(check="check.md"), EVERYTHING, ()).of_content()

    assert (trial.hellos, trial.python, trial.r) == ({}, (), ())
    assert trial.checks == ("check.md",)


def test_a_trial_is_handed_over_as_json():
    handed = json.loads(plan_trial(Declaration(), SMALL, ()).to_json())

    assert handed["hellos"] == {"python3": {"code": "print(6 * 7)", "expected": "42"}}


def test_the_script_is_whole():
    compile(script(), "smoke.py", "exec")
    assert re.search(r"TOP_LEVEL_MODULES = .*distribution", script())


def test_what_the_script_prints_last_are_the_kernels():
    assert read_kernels('noise\n{"python3": "python"}\n', where="x") == {"python3": "python"}


@pytest.mark.parametrize("printed", ["", "noise", "{"])
def test_a_trial_without_a_result_is_a_failure(printed):
    with pytest.raises(SmokeTestError, match="without a result"):
        read_kernels(printed, where="statistics")
