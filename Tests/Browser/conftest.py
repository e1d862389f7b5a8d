"""The real hub, and tabs of a real Chromium on it."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Integration"))

from hub import BINARY, Hub  # noqa: E402
from tab import Tab  # noqa: E402


def pytest_configure(config):
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"there is no hub at {BINARY}: run scripts/test, or swift build -c release", 2)


@pytest.fixture(scope="session")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "there is no chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()


@pytest.fixture
def hub(tmp_path):
    hub = Hub(tmp_path / "data").start()
    yield hub
    if hub.running:
        assert hub.stop() == 0, hub.errors()


@pytest.fixture
def artifacts(request):
    return HERE / "artifacts" / request.node.name


@pytest.fixture
def open_profile(browser):
    """Opens a browser profile: tabs of one share the storage, tabs of two do not."""
    opened = []

    def open(**options):
        context = browser.new_context(**({"locale": "ru-RU", "viewport": {"width": 1100, "height": 760}} | options))
        opened.append(context)
        return context

    yield open
    for context in opened:
        context.close()


@pytest.fixture
def open_tab(open_profile, hub, artifacts):
    """Opens a tab, in a profile of its own unless one is given. No tab may complain on its console."""
    opened = []

    def open(profile=None, **options):
        tab = Tab((profile or open_profile(**options)).new_page(), hub, artifacts)
        opened.append(tab)
        return tab

    yield open
    for index, tab in enumerate(opened):
        if tab.page.is_closed():
            continue
        tab.photograph(f"end-{index + 1}")
    complaints = [complaint for tab in opened for complaint in tab.complaints]
    assert complaints == []
