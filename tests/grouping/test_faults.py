"""What people say is wrong, by the names that it gets."""

import pytest

from improver.grouping import wording

SAID = {
    "!twice": ("two identical charges this month", "every contact is duplicated", "double entries in the list"),
    "!blank": ("a white page", "the report is empty"),
    "!slow": ("takes ages", "it took five minutes to open", "the wheel spins", "hangs at 99%"),
    "!crash": ("the app closes itself", "back to the home screen after a tap"),
    "!lost": ("my draft wasn't saved", "settings vanish", "the edit overwrote my text"),
    "!absent": ("no code came", "I never received it", "nothing was delivered"),
    "!stale": ("still shows the old price", "does not refresh", "outdated rows"),
    "!wrong": ("incorrect average", "the sums don't add up", "miscalculated"),
    "!refused": ("my voucher gets rejected", "umlauts are not accepted", "invalid street"),
    "!forbidden": ("access denied", "I'm not allowed to open the folder", "no permission for the board"),
    "!unclear": ("hard to find the menu", "I can't figure out the form", "had to guess the format"),
    "!many": ("far too many mails", "I am flooded with alerts"),
    "!late": ("alerts come too late", "delayed by hours"),
    "!junk": ("our mails land in the spam folder",),
    "!disconnected": ("the lamp loses its connection", "video drops after a minute"),
}


@pytest.mark.parametrize(("fault", "text"), [(fault, text) for fault, texts in SAID.items() for text in texts])
def test_what_is_wrong_has_one_name_in_whatever_words(fault, text):
    assert fault in wording.words(text)


@pytest.mark.parametrize(
    "text",
    [
        "a double click opens the map", "two accounts in one app", "late fee of the library", "reset my password",
        "I'm missing an option to sort", "I forgot my password", "takes only a minute", "it stopped working",
    ],
)  # fmt: skip
def test_what_only_has_a_word_of_it_says_nothing_of_it(text):
    assert not {word for word in wording.words(text) if word.startswith("!")}
