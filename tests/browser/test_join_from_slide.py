"""In Chromium: a slide on the projector, a telephone in the room."""

import json
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

SCREENSHOTS = Path(__file__).parent / "screenshots"
CHROMIUM = "/usr/bin/chromium"
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PROJECTOR = {"width": 1280, "height": 720}
TELEPHONE = {"width": 360, "height": 740}


@pytest.fixture
def browser():
    SCREENSHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def course(stack):
    name = f"slide-{secrets.token_hex(3)}"
    options = ("--title", "Statistics for Geographers", "--environment", stack.course()["environment"])
    yield json.loads(stack.script("lectern", "course", "create", name, *options, "--json"))
    stack.script("lectern", "course", "delete", name, "--yes")


def _open(browser, size, **more):
    page = browser.new_context(viewport=size, **more).new_page()
    page.set_default_timeout(60_000)
    return page


def _log_in_admin(page, stack):
    page.goto(f"{stack.url}/hub/login")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", stack.admin_password)
    page.locator("form:has(input[name=password]) [type=submit]").click()
    page.wait_for_load_state()


def _fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_somebody_with_a_telephone_comes_in_and_the_slide_counts_them(stack, browser, course):
    slide = _open(browser, PROJECTOR)
    _log_in_admin(slide, stack)
    slide.goto(f"{stack.url}/hub/courses/{course['name']}/slide")
    expect(slide.locator(".code")).to_have_text(course["code"])
    expect(slide.locator("#in")).to_have_text("0")
    slide.screenshot(path=SCREENSHOTS / "slide.png")
    assert _fits(slide)

    telephone = _open(browser, TELEPHONE, locale="de-DE")
    telephone.goto(f"{stack.url}/join/{course['code'].lower()}")
    assert _fits(telephone)
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
    page = _open(browser, TELEPHONE, color_scheme="dark")
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
        assert _fits(page), address

    page.goto(_join)
    page.keyboard.press("Enter")  # the one button has the focus

    page.wait_for_url("**/hub/spawn**")
    expect(page.locator(f"button[value='{course['name']}/{course['environment']}']")).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "telephone-choose.png", full_page=True)
    assert _fits(page)
