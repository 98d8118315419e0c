"""course.yml: a course as a file, each mistake named by its line. Pure: gives what the hub is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from lectern.errors import LecternError
from lectern.hub.course_fields import (
    FIELDS,
    CourseFields,
    FieldError,
    check_name,
    read_code,
    read_fields,
)

#: A course takes some hundred bytes; what is larger is another file.
_LARGEST = 64 * 1024
_CODE_KEYS = ("role", "seats", "expires")


class CourseFileError(LecternError):
    """A course.yml that cannot be used; `where` is file:line."""


class _AsWritten(RoundTripConstructor):
    """Leaves dates as they are written: a moment is read with the file's time zone, not with none."""


_AsWritten.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


@dataclass(frozen=True)
class CourseFile:
    """A course as its file says it: checked, in the words that the hub's interface takes."""

    name: str
    fields: dict[str, Any]
    codes: tuple[dict[str, Any], ...]  # made when the course is new


def read_course_file(text: str, *, file: str) -> CourseFile:
    """Read a course.yml.

    Parameters
    ----------
    text : str
        Its content.
    file : str
        Its name, for errors.

    Raises
    ------
    CourseFileError
        Names the line, what is wrong and what is right.
    """
    if len(text) > _LARGEST:
        raise CourseFileError("is too large for a course", where=file)
    reader = YAML(typ="rt")
    reader.Constructor = _AsWritten
    try:
        loaded = reader.load(text)
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise CourseFileError(
            str(problem.problem or "cannot be read"), where=f"{file}:{line}", hint="it has to be YAML"
        ) from problem
    except (YAMLError, ValueError, RecursionError) as problem:
        raise CourseFileError(f"is no YAML ({problem})", where=file) from problem
    if not isinstance(loaded, CommentedMap):
        raise CourseFileError(
            "holds no course",
            where=f"{file}:1",
            hint="begin with `name: statistics`, see docs/reference/course-yml.md",
        )

    def at(mapping: CommentedMap, key: object) -> str:
        position = mapping.lc.data.get(key) if mapping.lc.data else None
        return f"{file}:{position[0] + 1 if position else 1}"

    if "name" not in loaded:
        raise CourseFileError("a course needs a name", where=f"{file}:1", hint="`name: statistics`")
    for key in loaded:
        if key not in {"name", "codes", *FIELDS}:
            raise CourseFileError(
                f"no such key `{key}`",
                where=at(loaded, key),
                hint=f"there are name, codes, {', '.join(FIELDS)}",
            )
    fields = {key: _plain(value) for key, value in loaded.items() if key in FIELDS}
    try:
        name = check_name(str(loaded["name"]))
        checked = read_fields(fields, CourseFields(title=name))
    except FieldError as problem:
        key = problem.where if problem.where in loaded else "name"
        raise CourseFileError(problem.what, where=at(loaded, key), hint=problem.hint) from problem
    return CourseFile(name, fields, tuple(_codes(loaded, at, checked.timezone)))


def _codes(loaded: CommentedMap, at: Any, timezone: str) -> list[dict[str, Any]]:  # noqa: ANN401
    asked = loaded.get("codes") or []
    if not isinstance(asked, list):
        raise CourseFileError(
            "must be a list", where=at(loaded, "codes"), hint="as in `- {role: participant, seats: 28}`"
        )
    codes = []
    for entry in asked:
        if not isinstance(entry, CommentedMap):
            raise CourseFileError(
                "a code is a mapping",
                where=at(loaded, "codes"),
                hint="as in `- {role: participant, seats: 28}`",
            )
        for key in entry:
            if key not in _CODE_KEYS:
                raise CourseFileError(
                    f"no such key `{key}`", where=at(entry, key), hint=f"there are {', '.join(_CODE_KEYS)}"
                )
        words = {key: _plain(value) for key, value in entry.items()}
        try:
            read_code(words, timezone=timezone)
        except FieldError as problem:
            raise CourseFileError(
                problem.what, where=at(entry, problem.where), hint=problem.hint
            ) from problem
        codes.append(words)
    return codes


def _plain(value: Any) -> Any:  # noqa: ANN401 - a scalar or a list of them; what is deeper is refused later
    return list(value) if isinstance(value, list) else value
