"""The outbox in a real browser: IndexedDB over reloads, one Web Lock between tabs."""

from playwright.sync_api import expect


def test_what_was_written_without_network_survives_a_reload(open_tab):
    anna, boris = open_tab().enter("anna"), open_tab().enter("boris")
    anna.cut()
    anna.say("Написано без сети")
    anna.has_state("Написано без сети", "queued")
    expect(boris.message("Написано без сети")).to_have_count(0)
    anna.reload()
    boris.sees("Написано без сети")
    anna.is_durable("Написано без сети")
    anna.is_orderly()


def test_a_tab_with_a_connection_sends_for_one_without(open_profile, open_tab):
    profile = open_profile()
    first, second = open_tab(profile).enter("anna"), open_tab(profile).enter("anna")
    boris = open_tab().enter("boris")
    first.cut()
    first.say("Из отключённой вкладки")
    boris.sees("Из отключённой вкладки")
    second.is_durable("Из отключённой вкладки")
    first.come_back()
    first.is_durable("Из отключённой вкладки")
    assert first.texts() == second.texts() == boris.texts() == ["Из отключённой вкладки"]


def test_tabs_of_one_person_hand_over_and_keep_the_order(open_profile, open_tab):
    profile = open_profile()
    first, second = open_tab(profile).enter("anna"), open_tab(profile).enter("anna")
    boris = open_tab().enter("boris")
    said = []
    for number in range(6):
        said.append(f"сообщение {number}")
        (first, second)[number % 2].say(said[-1])
        boris.sees(said[-1])
    first.page.close()
    said.append("после закрытия первой")
    second.say(said[-1])
    second.is_durable(said[-1])
    boris.sees(said[-1])
    assert boris.texts() == second.texts() == said
    boris.is_orderly()


def test_another_person_in_the_same_profile_does_not_send_what_the_first_wrote(open_profile, open_tab):
    profile = open_profile()
    anna = open_tab(profile).enter("anna")
    anna.cut()
    anna.say("Только от Анны")
    boris = open_tab(profile).enter("boris")
    boris.say("От Бориса")
    boris.is_durable("От Бориса")
    assert boris.texts() == ["От Бориса"]
    anna.come_back()
    anna.is_durable("Только от Анны")
    boris.sees("Только от Анны")
    assert [(message["by"], message["text"]) for message in boris.shown()] == [("boris", "От Бориса"), ("anna", "Только от Анны")]
