"""What browser tests do again and again."""

from pathlib import Path

SCREENSHOTS = Path(__file__).parents[1] / "browser" / "screenshots"
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
DESKTOP = {"width": 1280, "height": 800}
TELEPHONE = {"width": 360, "height": 740}


def open_page(browser, size, **more):
    """Give a page of a person who has not logged in."""
    page = browser.new_context(viewport=size, **more).new_page()
    page.set_default_timeout(60_000)
    return page


def log_in(page, url, name, password):
    """Fill in the hub's form, where it is shown."""
    page.goto(url)
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.locator("form:has(input[name=password]) [type=submit]").click()
    page.wait_for_load_state()


def fits(page):
    """Say whether nothing has to be scrolled sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
