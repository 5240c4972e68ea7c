"""Text that its reader sees otherwise than a compiler or an Agent does: invisible, reordered, or of look-alikes."""

import re

# Controls besides tab and form feed, what reorders or breaks lines, fillers that are identifiers in JavaScript, tags.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2800\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0d\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef]"
    "|(?<=.)\ufeff|\r(?!$)"
    # What joins letters of some scripts, and the parts of an emoji; after ASCII it only hides.
    "|(?:^|[\x00-\x7f])[\u200c\u200d]|[\u200c\u200d][\u200c\u200d]|\ufe0f\ufe0f"
)
ESCAPES = re.compile(r"\\[A-Za-z]|%[a-z]")  # "\nпривет" mixes nothing
WORD = re.compile(r"\w+")
LATIN = re.compile(r"[A-Za-z]")
# Cyrillic, Armenian, Cherokee, the Greek letters that look like Latin ones, and Latin ones in other clothes.
LOOK_ALIKES = re.compile(
    "[\u0400-\u058f\u13a0-\u13ff\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03b9\u03bd\u03bf"
    "\uff21-\uff5a\U0001d400-\U0001d7cb]"
)


def hides(line: str) -> bool:
    return HIDDEN.search(line) is not None


def mixes(line: str) -> bool:
    """Whether one word is of letters of two scripts."""
    if line.isascii():
        return False
    words = WORD.findall(ESCAPES.sub(" ", line))
    return any(LOOK_ALIKES.search(word) and LATIN.search(word) for word in words)
