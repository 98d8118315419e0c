"""In Chromium: an instructor adds a package in the page, sees it built, and goes back by one click."""

import json
import secrets

import pytest
from playwright.sync_api import expect

from tests.support.browsing import DESKTOP, SCREENSHOTS, TELEPHONE, fits, log_in, open_page


@pytest.fixture
def environment(stack):
    name = f"page-{secrets.token_hex(3)}"
    stack.script("lectern", "env", "create", name, "--from", "minimal-python")
    yield name
    stack.script("lectern", "env", "delete", name)


def _published(stack, name):
    releases = json.loads(stack.script("lectern", "env", "list", "--json"))
    return next(each["commit"] for each in releases if each["name"] == name and each["published"])


def test_a_package_is_added_in_the_page_and_taken_back_by_one_click(stack, browser, environment):
    first = _published(stack, environment)
    page = open_page(browser, DESKTOP)
    log_in(page, f"{stack.url}/services/environments/", "admin", stack.admin_password)
    page.goto(f"{stack.url}/services/environments/")
    page.screenshot(path=SCREENSHOTS / "environments-list.png")
    page.get_by_role("link", name=environment, exact=True).click()
    page.get_by_role("link", name="requirements.txt").click()

    page.fill("textarea", "numpy\n=broken\n")
    page.get_by_role("button", name="Commit and build").click()
    expect(page.get_by_role("alert")).to_contain_text("requirements.txt:2")
    expect(page.locator("textarea")).to_have_value("numpy\n=broken\n")
    page.screenshot(path=SCREENSHOTS / "environments-refused.png")

    page.fill("textarea", "numpy\ntabulate\n")
    page.fill("#subject", "Add tabulate")
    page.get_by_role("button", name="Commit and build").click()
    expect(page.get_by_role("log")).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "environments-building.png")
    expect(page.get_by_text("Published: new servers start from it.")).to_be_visible(timeout=240_000)
    expect(page.locator(".changes")).to_contain_text("tabulate")
    page.screenshot(path=SCREENSHOTS / "environments-published.png")
    assert _published(stack, environment) != first

    page.goto(f"{stack.url}/services/environments/{environment}/")
    page.screenshot(path=SCREENSHOTS / "environments-history.png", full_page=True)
    page.get_by_role("button", name="Roll back to this").click()
    page.wait_for_load_state()
    assert _published(stack, environment) == first


def test_the_pages_fit_a_telephone_in_german_and_in_the_dark(stack, browser, environment):
    page = open_page(browser, TELEPHONE, locale="de-DE", color_scheme="dark")
    log_in(page, f"{stack.url}/services/environments/", "admin", stack.admin_password)

    for name, path in (("list", ""), ("one", f"{environment}/"), ("new", "new")):
        page.goto(f"{stack.url}/services/environments/{path}")
        page.screenshot(path=SCREENSHOTS / f"environments-telephone-{name}.png", full_page=True)
        assert fits(page), f"/{path} has to be scrolled sideways"
        expect(page.locator("html")).to_have_attribute("lang", "de")


def test_a_participant_is_told_that_this_is_not_for_them(stack, browser):
    someone = stack.new_participant()
    page = open_page(browser, DESKTOP)
    log_in(page, f"{stack.url}/hub/login", someone.name, someone.password)

    answer = page.goto(f"{stack.url}/services/environments/")

    assert answer.status == 403
    expect(page.get_by_role("heading", level=1)).to_have_text("This is not for you")
