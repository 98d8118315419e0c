"""The hub's templates in the reader's language, by JupyterHub's own jinja environment."""

import re
from pathlib import Path
from types import SimpleNamespace

import jupyterhub
import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader

from lectern.hub import design

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
