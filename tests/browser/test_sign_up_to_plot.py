"""In Chromium: from the join link to a plot in a notebook."""

import secrets

from tests.support.browsing import DESKTOP, SCREENSHOTS, open_page

PLOT = "import matplotlib.pyplot as plt; plt.plot([1, 4, 9, 16]); plt.show()"


def test_a_participant_signs_up_and_sees_a_plot(stack, browser):
    page = open_page(browser, DESKTOP)

    def shoot(stage):
        page.screenshot(path=SCREENSHOTS / f"{stage}.png")

    page.goto(stack.course()["join_url"])
    shoot("1-join")
    page.fill("input[name=username]", f"grace-{secrets.token_hex(3)}")
    page.fill("input[name=signup_password]", "correct horse battery")
    page.fill("input[name=signup_password_confirmation]", "correct horse battery")
    shoot("2-form")
    page.locator("form:has(input[name=signup_password]) [type=submit]").click()

    page.wait_for_url("**/user/**/lab**", timeout=180_000)
    page.wait_for_selector(".jp-LauncherCard")
    shoot("3-lab")
    page.locator(".jp-LauncherCard[data-category=Notebook]", has_text="Python").first.click()
    cell = page.locator(".jp-Notebook .jp-Cell .cm-content").first
    cell.wait_for()
    cell.click()
    page.keyboard.insert_text(PLOT)
    # As a person would, look at the status line first: a cell run before that may be dropped by Lab.
    page.get_by_text("Python | Idle").wait_for()
    shoot("4-cell")
    page.keyboard.press("Shift+Enter")

    image = page.locator(".jp-Notebook .jp-OutputArea-output img").first
    image.wait_for()
    shoot("5-plot")
    assert image.evaluate("image => image.naturalWidth") > 100
