"""What the forms of courses say of a field, in the reader's language."""

import pytest

from lectern.errors import LecternError
from lectern.hub.course_fields import (
    CourseFields,
    FieldError,
    check_name,
    read_code,
    read_fields,
    read_memory,
)
from lectern.hub.course_pages import say
from lectern.web.translation import translation

FIELDS = CourseFields(title="Statistics")


@pytest.mark.parametrize(
    ("read", "english", "german"),
    [
        (
            lambda: read_memory("{lots}"),
            "Memory: `{lots}` cannot be used: write a number and a unit, such as 4 GB, 2.5G or 512 MB.",
            (
                "Arbeitsspeicher: `{lots}` lässt sich nicht verwenden: "
                "schreiben Sie eine Zahl und eine Einheit, etwa 4 GB, 2.5G oder 512 MB."
            ),
        ),
        (
            lambda: read_fields({"memory": "1 MB"}, FIELDS),
            "Memory: `1 MB` cannot be used: JupyterLab and one kernel need at least 256 MB.",
            (
                "Arbeitsspeicher: `1 MB` lässt sich nicht verwenden: "
                "JupyterLab und ein Kernel brauchen mindestens 256 MB."
            ),
        ),
        (
            lambda: read_fields({"cpus": "0"}, FIELDS),
            "Processors: `0` cannot be used: write a number from 0.1 to 64.",
            "Prozessoren: `0` lässt sich nicht verwenden: schreiben Sie eine Zahl von 0.1 bis 64.",
        ),
        (
            lambda: read_fields({"opens": "soon", "timezone": "UTC"}, FIELDS),
            "Opens: `soon` is no date and time. Write it as in `2026-12-01 09:00`.",
            "Beginn: `soon` ist kein Datum mit Uhrzeit. Schreiben Sie es wie in `2026-12-01 09:00`.",
        ),
        (
            lambda: read_code({"expires": "2026-12-01"}, timezone="Mars"),
            (
                "Ends: there is no time zone `Mars`. "
                "Write it as in `Europe/Berlin`, `America/New_York` or `UTC`."
            ),
            (
                "Ende: eine Zeitzone `Mars` gibt es nicht. "
                "Schreiben Sie sie wie in `Europe/Berlin`, `America/New_York` oder `UTC`."
            ),
        ),
        (
            lambda: check_name("Geo Maps"),
            (
                "Short name: `Geo Maps` cannot be used. "
                "Up to 41 letters a to z, digits and hyphens, as in `statistics-1`."
            ),
            (
                "Kurzname: `Geo Maps` lässt sich nicht verwenden. "
                "Bis zu 41 Buchstaben a bis z, Ziffern und Bindestriche, wie in `statistik-1`."
            ),
        ),
    ],
    ids=["memory", "too little memory", "number", "date", "time zone", "name"],
)
def test_a_field_that_cannot_be_used_is_a_sentence(read, english, german):
    with pytest.raises(FieldError) as caught:
        read()

    assert say(caught.value, translation("en")) == english
    assert say(caught.value, translation("de")) == german


@pytest.mark.parametrize(
    "raw",
    [
        {"title": ""},
        {"environments": "Data Science"},
        {"closes": "9999-12-31 23:59", "timezone": "UTC"},
        {"timezone": "Berlin"},
        {"opens": "2026-12-02 09:00", "closes": "2026-12-01 09:00", "timezone": "UTC"},
        {"memory": "99999999 TB"},
        {"processes": "5"},
        {"materials": "../other"},
        {"helping": "perhaps"},
    ],
    ids=lambda raw: next(iter(raw)),
)
def test_whatever_a_form_refuses_has_its_german(raw):
    with pytest.raises(FieldError) as caught:
        read_fields(raw, FIELDS)

    german, problem = translation("de"), caught.value
    inside = [value for value in problem.values.values() if isinstance(value, LecternError)]
    assert [text for one in (problem, *inside) for text in one.texts if german.gettext(text) == text] == []
