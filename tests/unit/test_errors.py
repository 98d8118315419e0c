import inspect

from lectern import errors
from lectern.errors import LecternError


def test_an_error_reads_where_what_hint():
    problem = LecternError("no package `pandsa`", where="environment.yml:7", hint="did you mean `pandas`?")

    assert str(problem) == "environment.yml:7: no package `pandsa`\nhint: did you mean `pandas`?"


def test_what_is_not_known_leaves_no_gap():
    assert str(LecternError("it failed")) == "it failed"


def test_the_tree_in_the_docstring_is_the_tree_in_the_code():
    classes = [name for name, _ in inspect.getmembers(errors, inspect.isclass) if name.endswith("Error")]

    assert classes
    assert all(name in errors.__doc__ for name in classes)
    assert all(issubclass(getattr(errors, name), LecternError) for name in classes)
