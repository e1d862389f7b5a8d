"""A tab of the demo page, in the words of its reader. Every wait is for something on the page."""

import re

from playwright.sync_api import Page, expect

# What the browser itself writes to the console while the hub is away.
ABSENCE = re.compile(r"WebSocket connection to|Failed to load resource: net::ERR_|ERR_CONNECTION_REFUSED")

SHOWN = """rows => rows.map(row => ({
    offset: row.dataset.offset ? Number(row.dataset.offset) : null,
    by: row.dataset.by,
    state: row.dataset.state ?? null,
    text: row.querySelector('.text').textContent,
}))"""


class Tab:
    def __init__(self, page: Page, hub, artifacts):
        self.page = page
        self.hub = hub
        self.artifacts = artifacts
        self.complaints = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message):
        if message.type in ("error", "warning") and not ABSENCE.search(message.text):
            self.complaints.append(message.text)

    # -- going in

    def enter(self, user, room="ticket:42"):
        """Opens the page and becomes somebody."""
        self.page.goto(f"{self.hub.http}/#{room}")
        self.page.locator(f"#people [data-user={user}]").click()
        self.is_live()
        return self

    def reload(self):
        self.page.reload()
        self.is_live()

    def cut(self):
        self.page.locator("#cut").click()
        expect(self.page.locator("#state")).to_have_attribute("data-state", "offline")

    def come_back(self):
        self.page.locator("#cut").click()
        self.is_live()

    # -- talking

    def write(self, text):
        """Types into the draft without sending."""
        self.page.locator("#draft").press_sequentially(text)

    def say(self, text):
        self.page.locator("#draft").fill(text)
        self.page.locator("#draft").press("Enter")
        expect(self.page.locator("#draft")).to_have_value("")

    # -- what is on the page

    @property
    def messages(self):
        return self.page.locator("#messages .message")

    def message(self, text):
        exactly = re.compile(f"^{re.escape(text)}$")
        return self.messages.filter(has=self.page.locator(".text").filter(has_text=exactly))

    def shown(self):
        """Offset, author, tick and text of everything on the page, from the top."""
        return self.messages.evaluate_all(SHOWN)

    def texts(self):
        return [message["text"] for message in self.shown()]

    # -- expectations

    def is_live(self):
        expect(self.page.locator("#state")).to_have_attribute("data-state", "live", timeout=30_000)

    def is_offline(self):
        expect(self.page.locator("#state")).to_have_attribute("data-state", "offline", timeout=30_000)

    def sees(self, text):
        expect(self.message(text)).to_have_count(1, timeout=30_000)

    def has_state(self, text, *states):
        """The message's tick is one of these."""
        pattern = re.compile(f"^({'|'.join(states)})$")
        expect(self.message(text)).to_have_attribute("data-state", pattern, timeout=30_000)

    def is_durable(self, text):
        self.has_state(text, "durable", "read")

    def is_orderly(self):
        """Offsets ascend by one: nothing is missing between the first and the last, nothing is there twice."""
        offsets = [message["offset"] for message in self.shown() if message["offset"] is not None]
        assert offsets == list(range(offsets[0], offsets[0] + len(offsets))), offsets

    def photograph(self, name):
        self.artifacts.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.artifacts / f"{name}.png")
