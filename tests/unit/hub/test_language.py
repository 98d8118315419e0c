"""The hub's templates in the reader's language, by JupyterHub's own jinja environment."""

import re
from pathlib import Path
from types import SimpleNamespace

import jupyterhub
import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader

from lectern.errors import SettingError
from lectern.hub import design
from lectern.hub.accounts import SignUpError
from lectern.hub.language import Refusal
from lectern.hub.start_errors import StartError

ROOT = Path(__file__).parents[3]
STOCK = FileSystemLoader(Path(jupyterhub.__file__).parents[4] / "share/jupyterhub/templates")
HERE = FileSystemLoader(ROOT / "hub/templates")
ENVIRONMENT = Environment(
    loader=ChoiceLoader([PrefixLoader({"templates": STOCK}), HERE, STOCK]),
    autoescape=True,
    **design.JINJA_OPTIONS,
)


class _Handler:
    def __init__(self, language):
        self.request = SimpleNamespace(headers={"Accept-Language": language})

    def static_url(self, path, **_options):
        return f"/hub/static/{path}"


def _render(name, language="en", **facts):
    given = {
        "static_url": _Handler(language).static_url,
        "base_url": "/hub/",
        "assets": design.template_vars(ROOT)["assets"],
        "parsed_scopes": {},
        "services": [],
        "user": None,
        "is_instructor": False,
        "authenticator": SimpleNamespace(request_otp=False),
    }
    return ENVIRONMENT.get_template(name).render(**given | facts)


def test_each_request_gets_its_own_language():
    assert "Am Kurs teilnehmen" in _render("join.html", "de")
    assert "Join the course" in _render("join.html", "en")


def test_what_somebody_typed_is_never_markup():
    page = _render("join.html", "de", typed_name="<b>%(x)s", problem="<script>100 %</script>")

    assert "<b>" not in page
    assert "&lt;script&gt;100 %" in page


@pytest.mark.parametrize(
    "name", ["login.html", "join.html", "not_running.html", "error.html", "404.html", "logout.html"]
)
def test_a_page_has_one_heading_one_main_and_the_design(name):
    page = _render(name)

    assert page.count("<h1") == 1
    assert page.count("<main") == page.count("</main>") == 1
    assert "/hub/lectern/style.css?v=" in page


@pytest.mark.parametrize("path", sorted((ROOT / "hub/templates").glob("*.html")), ids=lambda path: path.name)
def test_a_link_is_not_told_to_be_a_button(path):
    """The space bar presses a button; on a link it scrolls the page."""
    links = re.findall(r"<a\b[^>]*>", path.read_text(encoding="utf-8"))

    assert [link for link in links if "role=" in link] == []


@pytest.mark.parametrize(
    ("groups", "expected"), [((), False), (("course-a", "helpers-a"), False), (("instructors-a",), True)]
)
def test_who_has_environments_to_look_after(groups, expected):
    user = SimpleNamespace(admin=False, groups=[SimpleNamespace(name=group) for group in groups])

    assert design.is_instructor(user) is expected


def test_only_instructors_are_led_to_the_environments():
    facts = {
        "user": SimpleNamespace(
            name="ada", json_escaped_name="ada", spawner=SimpleNamespace(options_form="")
        ),
        "services": [SimpleNamespace(name="environments", href="/services/environments/")],
    }

    assert "/services/environments/" in _render("error.html", is_instructor=True, **facts)
    assert "/services/environments/" not in _render("error.html", **facts)


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "1 person is in it no more"),
        ("en", 2, "2 people are in it no more"),
        ("de", 1, "1 Person ist nicht mehr darin"),
        ("de", 2, "2 Personen sind nicht mehr darin"),
    ],
)
def test_one_is_not_counted_as_many(language, count, said):
    course = SimpleNamespace(name="stats", title="Statistics")

    page = _render("course-delete.html", language, course=course, members=count, xsrf="x")

    assert said in page


RESERVED = "The name “{name}” is reserved. Please choose another."
FOR_PEOPLE = [
    (Refusal(409, RESERVED, name="{x}"), "Der Name „{x}“ ist vergeben"),
    (SignUpError(RESERVED, name="{x}"), "Der Name „{x}“ ist vergeben"),
    (
        StartError("You are in no course yet.", hint="Please ask your teacher."),
        "Sie sind noch in keinem Kurs. Bitte",
    ),
]


@pytest.mark.parametrize(("problem", "german"), FOR_PEOPLE)
@pytest.mark.parametrize("page", ["error.html", "not_running.html"])
def test_an_error_is_told_in_the_reader_s_language(page, problem, german):
    told = _render(page, "de", failed=True, exception=problem, failed_message="Alas", message="Alas")

    assert german in told
    assert "Alas" not in told


def test_what_is_for_the_log_is_not_told_on_a_page():
    problem = SettingError("cannot be read", where="/run/secrets/crypt_key", hint="`make up` makes it")

    assert "make up" not in _render("error.html", status_code=500, exception=problem)
