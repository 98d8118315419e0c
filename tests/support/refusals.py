"""How tests look at errors that people read."""

from lectern.errors import LecternError


def tried(call, *arguments):
    """Give what a call gives, or the refusal; anything else that it raises is a failure."""
    try:
        return call(*arguments), None
    except LecternError as problem:
        return None, problem
