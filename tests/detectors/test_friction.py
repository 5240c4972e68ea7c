"""Ordinary use of common sites, in which there is nothing to find."""

from collections.abc import Callable

import pytest

from tests.detectors.told_usage import Visit, of_visits


def chained(*parts: str) -> dict[str, str]:
    return {"$elements_chain": ";".join(parts)}


def shops(visit: Visit) -> Visit:
    visit.view("/").view("/shoes", gap=6)
    for number in (17, 18, 23):
        visit.click(f'a "Shoe {number}"', gap=3).leave().view(f"/shoes/{number}", gap=0.2).leave(gap=4).kept("/shoes")
    visit.click('a "Shoe 18"', gap=3).view("/shoes/18", gap=0.2).change("select#size").click('button "Add to cart"')
    visit.view("/cart", gap=3).view("/shoes/18", gap=5).view("/cart", gap=20)
    visit.click('button#more "+"').click('button#more "+"', gap=0.4)
    for field in ("name", "street", "town"):
        visit = visit if field != "name" else visit.view("/checkout/address", gap=5)
        visit.change(f"form#address > input#{field}", gap=4)
    visit.submit("form#address").view("/checkout/pay", gap=0.5).view("/checkout/address", gap=2)
    visit.change("form#address > input#town", gap=3).submit("form#address").view("/checkout/pay", gap=0.5)
    return visit.change("form#pay > input#voucher").submit("form#pay").view("/thanks", gap=0.6)


def reads_news(visit: Visit) -> Visit:
    visit.view("/")
    for number in (812, 813, 815):
        visit.click(f'a "Story {number}"', gap=4).view(f"/story/{number}", gap=0.2).view("/", gap=7)
    visit.view("/pictures/55", gap=5)
    for _ in range(25):
        visit.click('button.next "Next"', gap=2.2)
    return visit.click('button "Load more"').click('button "Load more"', gap=0.8).click('button "Load more"', gap=0.8)


def pays_at_a_bank(visit: Visit) -> Visit:
    visit.view("/login").change("form > input#user").change("form > input#word").submit("form#login")
    visit.view("/accounts", gap=0.5).view("/accounts/4711", gap=4).view("/accounts", gap=5).view("/transfer", gap=4)
    for field in ("iban", "amount", "reason"):
        visit.change(f"form#transfer > input#{field}", gap=4)
    visit.submit("form#transfer").view("/transfer/confirm", gap=0.3).view("/transfer", gap=2)
    visit.change("form#transfer > input#amount", gap=3).submit("form#transfer").view("/transfer/confirm", gap=0.3)
    for digit in "110110":
        visit.click(f'button#key-{digit} "{digit}"', gap=0.3)
    return visit.view("/transfer/done").view("/accounts", gap=3).click('a "Log out"').view("/login", gap=0.3)


def looks_at_a_timetable(visit: Visit) -> Visit:
    visit.view("/timetable")
    for week in range(40, 48):
        visit.click('button#later "Next week"', gap=0.6).view("/timetable", gap=0.1, query=f"?week={week}")
    for lesson in (3, 5):
        visit.click(f'a "Maths {lesson}"', gap=2).view("/lesson", gap=0.2, query=f"?id={lesson}")
        visit.view("/timetable", gap=2, query="?week=47")
    return visit


def writes_in_a_forum(visit: Visit) -> Visit:
    visit.view("/forum/7")
    for topic in (91, 94, 97):
        visit.view("/topic.php", gap=3, query=f"?t={topic}").view("/forum/7", gap=4)
    visit.view("/topic.php", gap=3, query="?t=97")
    for row in range(1, 5):
        visit.click("", gap=0.7, **chained('button:text="Like"nth-child="1"', f'article:nth-child="{row}"'))
    return visit.change("form#reply > textarea#text", gap=20).submit("form#reply").view("/topic.php", gap=0.4)


def moves_a_map(visit: Visit) -> Visit:
    visit.view("/map").dead("canvas#map").rage("canvas#map").rage("canvas#map", gap=2).dead("canvas#map", gap=2)
    zoom = 'button:attr__class="maplibregl-ctrl-zoom-in"attr__aria-label="Zoom in"nth-child="1"'
    for _ in range(5):
        visit.click("", gap=0.3, **chained(zoom)).dead("", gap=0.1, **chained(zoom))
    visit.dead('button#route "Route"')
    for place in (7, 9):
        visit.view(f"/place/{place}", gap=4).view("/map", gap=6)
    tile = chained('div:attr__class="leaflet-tile"nth-child="2"', 'div:attr__class="leaflet-container"nth-child="1"')
    return visit.rage("", **tile)


def watches(visit: Visit) -> Visit:
    visit.view("/watch", query="?v=dQw4w9WgXcQ").dead("video#film").rage("video#film").dead('div#mute', gap=3)
    for _ in range(6):
        visit.click('button#skip "+10 s"', gap=0.4)
    return visit.view("/watch", gap=30, query="?v=kJQP7kiw5Fk").view("/watch", gap=9, query="?v=9bZkp7q19f0")


def edits_a_wiki(visit: Visit) -> Visit:
    visit.view("/wiki/Moss").view("/edit", gap=8, query="?title=Moss").change("form#edit > textarea#text", gap=20)
    bold = chained('b:nth-child="2"', 'div:attr__contenteditable="true"nth-child="1"')
    visit.click("div#text", gap=2).dead("", **bold)
    visit.click('button "Preview"').view("/preview", gap=0.3).view("/edit", gap=2, query="?title=Moss")
    visit.change("form#edit > textarea#text", gap=9).click('button "Preview"').view("/preview", gap=0.3)
    return visit.view("/edit", gap=4, query="?title=Moss").submit("form#edit").view("/wiki/Moss", gap=0.4)


def tidies_a_table(visit: Visit) -> Visit:
    visit.view("/admin/users").click('th#name "Name"').click('th#name "Name"', gap=0.7)
    for row in range(1, 8):
        delete = chained('button:text="Delete"nth-child="1"', 'td:nth-child="5"', f'tr:nth-child="{row}"')
        visit.click("", gap=0.6, **delete)
    for row in range(1, 4):
        visit.click(f"td#mail-{row}", gap=2).change(f"input#mail-{row}", gap=3)
    for box in range(1, 30):
        visit.click(f"input#pick-{box}", gap=0.4).change(f"input#pick-{box}", gap=0.01)
    return visit.change("form#filter > select#role").change("form#filter > select#state").view("/admin/users/9", gap=5)


def signs_up(visit: Visit) -> Visit:
    visit.view("/join/1").change("form > input#mail").change("form > input#word").click('button "Show"')
    visit.click('button "Show"', gap=0.8).submit("form#join").view("/join/2", gap=0.4).view("/join/1", gap=2)
    visit.change("form > input#mail", gap=3).submit("form#join").view("/join/2", gap=0.4)
    visit.change("form > input#name", gap=4).view("/terms", gap=2).view("/join/2", gap=5)
    visit.change("form > input#agree").submit("form#join")
    return visit.view("/join/3", gap=0.4).click('button "Later"', gap=4).view("/home", gap=0.2)


@pytest.mark.parametrize("use", [
    shops, reads_news, pays_at_a_bank, looks_at_a_timetable, writes_in_a_forum, moves_a_map, watches, edits_a_wiki,
    tidies_a_table, signs_up,
])  # fmt: skip
def test_ordinary_use_of_common_sites_gives_no_friction(tmp_path, use: Callable[[Visit], Visit]):
    assert [row.title for row in of_visits(tmp_path, *(use(Visit()) for _ in range(9)))] == []
