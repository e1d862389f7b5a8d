"""Two people in two tabs: nothing missing, nothing double, whatever happens in between."""

import signal

from playwright.sync_api import expect


def agree(*tabs):
    """All tabs show the same messages at the same offsets, each once, without a hole."""
    shown = [[(message["offset"], message["by"], message["text"]) for message in tab.shown()] for tab in tabs]
    for one in shown[1:]:
        assert one == shown[0]
    for tab in tabs:
        tab.is_orderly()


def test_a_talk_through_a_reload_a_restart_and_a_cut(hub, open_tab):
    anna, boris = open_tab().enter("anna"), open_tab(color_scheme="dark").enter("boris")
    anna.say("Здравствуйте! Заказ 1207 не приехал.")
    boris.sees("Здравствуйте! Заказ 1207 не приехал.")
    boris.say("Добрый день, Анна. Смотрю.")
    anna.sees("Добрый день, Анна. Смотрю.")
    anna.is_durable("Здравствуйте! Заказ 1207 не приехал.")

    anna.reload()
    anna.sees("Здравствуйте! Заказ 1207 не приехал.")
    anna.sees("Добрый день, Анна. Смотрю.")
    anna.say("Я перезагрузила страницу")
    boris.sees("Я перезагрузила страницу")
    anna.is_durable("Я перезагрузила страницу")
    agree(anna, boris)

    hub.signal(signal.SIGKILL)
    hub.wait()
    anna.is_offline()
    boris.is_offline()
    anna.say("Хаба нет, но я пишу")
    boris.say("И я тоже")
    anna.has_state("Хаба нет, но я пишу", "queued")
    anna.photograph("hub-away")
    hub.start(hub.port)
    for tab in (anna, boris):
        tab.is_live()
        tab.sees("Хаба нет, но я пишу")
        tab.sees("И я тоже")
    anna.is_durable("Хаба нет, но я пишу")
    boris.is_durable("И я тоже")
    agree(anna, boris)

    anna.cut()
    anna.say("Первое без сети")
    anna.say("Второе без сети")
    boris.say("А я на связи")
    boris.is_durable("А я на связи")
    anna.has_state("Первое без сети", "queued")
    expect(anna.message("А я на связи")).to_have_count(0)
    anna.photograph("network-cut")
    anna.come_back()
    for tab in (anna, boris):
        tab.sees("А я на связи")
        tab.sees("Первое без сети")
        tab.sees("Второе без сети")
    anna.is_durable("Второе без сети")
    agree(anna, boris)
    assert anna.texts() == boris.texts()
    assert anna.texts()[-3:] == ["А я на связи", "Первое без сети", "Второе без сети"]
    anna.photograph("talk")
    boris.photograph("talk-dark")


def test_sigkill_while_both_talk(hub, open_tab):
    """Staff have no rate limit: a hundred messages each, the hub killed among them three times."""
    vera, oleg = open_tab().enter("vera", "ticket:7"), open_tab().enter("oleg", "ticket:7")
    said = {tab: [] for tab in (vera, oleg)}
    for round_ in range(3):
        for tab, name in ((vera, "в"), (oleg, "о")):
            for number in range(30):
                said[tab].append(f"{name}{round_}-{number}")
                tab.say(said[tab][-1])
        hub.restart(signal.SIGKILL)
    for tab in (vera, oleg):
        tab.is_live()
        for other in (vera, oleg):
            tab.sees(said[other][-1])
        tab.is_durable(said[tab][-1])
    agree(vera, oleg)
    shown = vera.texts()
    assert sorted(shown) == sorted(said[vera] + said[oleg])
    assert [text for text in shown if text in set(said[vera])] == said[vera]
    assert [text for text in shown if text in set(said[oleg])] == said[oleg]


def test_presence_typing_and_receipts(open_tab):
    anna, boris = open_tab().enter("anna"), open_tab().enter("boris")
    roster = anna.page.locator("#roster")
    expect(roster.locator("[data-user=boris]")).to_be_visible()
    boris.write("се")
    expect(anna.page.locator("#typing")).to_have_text("Борис печатает")
    boris.say("сейчас")
    expect(anna.page.locator("#typing")).to_have_text("")
    anna.say("Жду")
    anna.has_state("Жду", "read")
    expect(anna.message("Жду").locator(".readers .avatar")).to_have_count(1)
    boris.page.close()
    expect(roster.locator("[data-user=boris]")).to_have_count(0, timeout=20_000)
