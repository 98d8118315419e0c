"""Chromium, and the screenshots that people look at."""

import pytest
from playwright.sync_api import sync_playwright

from tests.support.browsing import OPTIONS, SCREENSHOTS

CHROMIUM = "/usr/bin/chromium"  # the distribution's: no browser is downloaded


@pytest.fixture
def browser():
    SCREENSHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()
