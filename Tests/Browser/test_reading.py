"""Scrolling, history, the line before what is new, other rooms, languages and small screens."""

import pytest
from playwright.sync_api import expect

IS_AT_END = "el => el.scrollHeight - el.scrollTop - el.clientHeight < 60"


def fill(tab, count):
    """Lets the person in the tab say a lot, through the SDK the page itself uses."""
    tab.page.evaluate(
        """async ([room, user, count]) => {
            const { connect, MemoryStore } = await import('/js/apus.js');
            const { logIn } = await import('/assets/people.js');
            const client = connect({ url: '/ws', token: () => logIn(user), outbox: new MemoryStore() });
            const sent = Array.from({ length: count }, (_, i) => client.send(room, 'message', { text: `№ ${i + 1}` }));
            await Promise.all(sent.map((one) => one.durable));
            client.close();
        }""",
        ["ticket:42", "oleg", count],
    )


def test_history_comes_as_one_scrolls_and_nothing_jumps(open_tab):
    anna = open_tab().enter("anna")
    fill(anna, 230)
    anna.sees("№ 230")
    anna.reload()
    anna.sees("№ 230")
    scroller = anna.page.locator("#scroller")
    first = anna.messages.first
    assert scroller.evaluate(IS_AT_END)
    # The page fetches the past ahead of the reader; from here on only scrolling makes it do so.
    before = int(first.get_attribute("data-offset"))
    assert before > 1
    while before > 1:
        place = scroller.evaluate(
            """el => {
                el.scrollTop = 0;
                const row = el.querySelector('.message');
                return { offset: row.dataset.offset, top: row.getBoundingClientRect().top };
            }"""
        )
        expect(first).not_to_have_attribute("data-offset", place["offset"])
        now = anna.page.locator(f".message[data-offset='{place['offset']}']").evaluate("el => el.getBoundingClientRect().top")
        assert abs(now - place["top"]) < 120, "what one was looking at stays where it was"
        before = int(first.get_attribute("data-offset"))
    anna.is_orderly()
    assert anna.texts() == [f"№ {number}" for number in range(1, 231)]
    expect(anna.page.locator("#past-text")).to_have_text("начало разговора")


def test_who_reads_above_is_not_pulled_down(open_tab):
    anna, boris = open_tab().enter("anna"), open_tab().enter("boris")
    fill(anna, 40)
    anna.sees("№ 40")
    scroller = anna.page.locator("#scroller")
    scroller.evaluate("el => { el.scrollTop = el.scrollHeight / 3; }")
    latest = anna.page.locator("#latest")
    expect(latest).to_be_visible()
    place = scroller.evaluate("el => el.scrollTop")
    boris.say("Внизу новое")
    expect(latest).to_contain_text("1\u00a0новое")
    assert scroller.evaluate("el => el.scrollTop") == place
    expect(anna.page).to_have_title("(1) Заявка 42 · Apus")
    expect(anna.page.locator(".divider.unread")).to_have_count(1)
    boris.has_state("Внизу новое", "durable")
    latest.click()
    expect(latest).to_be_hidden()
    boris.has_state("Внизу новое", "read")
    expect(anna.page).to_have_title("Заявка 42 · Apus")


def test_text_is_text(open_tab):
    anna, boris = open_tab().enter("anna"), open_tab().enter("boris")
    evil = '<img src=x onerror="document.title=1"> &amp; </li><script>alert(1)</script> \u202e'
    anna.say(evil.strip())
    boris.sees(evil.strip())
    assert boris.page.locator("#messages img, #messages script").count() == 0


def test_another_room_and_back_by_the_address(open_tab):
    anna = open_tab().enter("anna")
    anna.say("в сорок второй")
    anna.page.keyboard.press("Control+k")
    anna.page.locator("#room-name").fill("77")
    anna.page.keyboard.press("Enter")
    expect(anna.page.locator("#room-title")).to_have_text("Заявка 77")
    anna.is_live()
    expect(anna.messages).to_have_count(0)
    anna.say("в семьдесят седьмой")
    anna.is_durable("в семьдесят седьмой")
    anna.reload()
    assert anna.page.url.endswith("#ticket:77")
    anna.sees("в семьдесят седьмой")
    anna.page.go_back()
    anna.sees("в сорок второй")


def test_a_room_that_is_not_for_one(open_tab):
    anna = open_tab().enter("anna")
    anna.page.evaluate("location.hash = 'ticket:42/notes'")
    notice = anna.page.locator("#notice")
    expect(notice).to_contain_text("forbidden")
    expect(anna.page.locator("#draft")).to_be_disabled()
    anna.photograph("forbidden")
    notice.get_by_role("button").click()
    expect(anna.page.locator("#room-title")).to_have_text("Заявка 42")
    expect(notice).to_be_hidden()
    expect(anna.page.locator("#draft")).to_be_enabled()


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_no_width_overflows(open_tab, width):
    anna = open_tab(viewport={"width": width, "height": 700}).enter("anna")
    anna.say("длинноебезпробелов" * 20)
    anna.is_durable("длинноебезпробелов" * 20)
    anna.cut()
    anna.say("ждёт")
    assert anna.page.evaluate("document.documentElement.scrollWidth") == width
    for part in ("#cut", "#send", "#me", "#room-button"):
        expect(anna.page.locator(part)).to_be_in_viewport(ratio=1)


def test_english(open_tab):
    anna = open_tab(locale="en-GB").enter("anna")
    assert anna.page.locator("html").get_attribute("lang") == "en"
    expect(anna.page.locator("#state-text")).to_have_text("live")
    expect(anna.page.locator("#room-title")).to_have_text("Ticket 42")


def test_by_keyboard_alone(hub, open_tab):
    tab = open_tab()
    page = tab.page
    page.goto(hub.http)
    expect(page.locator("#people button").first).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab.is_live()
    expect(page.locator("#draft")).to_be_focused()
    page.keyboard.type("первая строка")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("вторая")
    page.keyboard.press("Enter")
    tab.is_durable("первая строка\nвторая")
