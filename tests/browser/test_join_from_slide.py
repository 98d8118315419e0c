"""In Chromium: a slide on the projector, a telephone in the room."""

import json
import secrets

import pytest
from playwright.sync_api import expect

from tests.support.browsing import SCREENSHOTS, TELEPHONE, fits, log_in, open_page

PROJECTOR = {"width": 1280, "height": 720}


@pytest.fixture
def course(stack):
    name = f"slide-{secrets.token_hex(3)}"
    options = ("--title", "Statistics for Geographers", "--environment", stack.course()["environment"])
    yield json.loads(stack.script("lectern", "course", "create", name, *options, "--json"))
    stack.script("lectern", "course", "delete", name, "--yes")


def _log_in_admin(page, stack):
    log_in(page, f"{stack.url}/hub/login", "admin", stack.admin_password)


def test_somebody_with_a_telephone_comes_in_and_the_slide_counts_them(stack, browser, course):
    slide = open_page(browser, PROJECTOR)
    _log_in_admin(slide, stack)
    slide.goto(f"{stack.url}/hub/courses/{course['name']}/slide")
    expect(slide.locator(".code")).to_have_text(course["code"])
    expect(slide.locator("#in")).to_have_text("0")
    slide.screenshot(path=SCREENSHOTS / "slide.png")
    assert fits(slide)

    telephone = open_page(browser, TELEPHONE, locale="de-DE")
    telephone.goto(f"{stack.url}/join/{course['code'].lower()}")
    assert fits(telephone)
    telephone.screenshot(path=SCREENSHOTS / "telephone-join.png", full_page=True)
    telephone.fill("input[name=username]", f"emmy-{secrets.token_hex(3)}")
    telephone.fill("input[name=signup_password]", "correct horse battery")
    telephone.fill("input[name=signup_password_confirmation]", "correct horse battery")
    telephone.locator("form:has(input[name=signup_password]) [type=submit]").click()
    telephone.wait_for_url("**/user/**/lab**", timeout=180_000)

    expect(slide.locator("#in")).to_have_text("1", timeout=30_000)
    expect(slide.locator("#running")).to_have_text("1", timeout=30_000)
    slide.screenshot(path=SCREENSHOTS / "slide-with-one.png")


def test_the_pages_of_a_course_fit_a_telephone_and_go_by_keyboard(stack, browser, course):
    both = ("--environment", course["environment"], "--environment", "minimal-python")
    stack.script("lectern", "course", "edit", course["name"], *both)
    page = open_page(browser, TELEPHONE, color_scheme="dark")
    _log_in_admin(page, stack)
    _join = f"{stack.url}/hub/join/{course['code']}"
    for name, address in {
        "join-course": _join,
        "courses": f"{stack.url}/hub/courses",
        "course": f"{stack.url}/hub/courses/{course['name']}",
        "course-edit": f"{stack.url}/hub/courses/{course['name']}/edit",
        "home": f"{stack.url}/hub/home",
    }.items():
        page.goto(address)
        page.screenshot(path=SCREENSHOTS / f"telephone-{name}.png", full_page=True)
        assert fits(page), address

    page.goto(_join)
    expect(page.locator("button:focus")).to_have_count(1)  # the one button gets the focus when it is drawn
    page.keyboard.press("Enter")

    page.wait_for_url("**/hub/spawn**")
    expect(page.locator(f"button[value='{course['name']}/{course['environment']}']")).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "telephone-choose.png", full_page=True)
    assert fits(page)
