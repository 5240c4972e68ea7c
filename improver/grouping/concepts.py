"""The things that people speak of, whatever the software: their names, and which topic each belongs to."""

import re
from functools import cache, lru_cache

# A line is a topic, unless it has no name: after that, names of the same thing, and behind the bar other things of it.
# Things are compared by the first; who says that the same is wrong with one topic speaks of one thing.
_TOPICS = """
payment: pay payment paid charge fee debit billed deducted deduction withdrew withdrawal | credit-card debit-card card \
    bank-statement card-statement account-statement money transaction
invoice: invoice bill | receipt
subscription: subscription membership | renewal
price: price pricing cost
tax: tax vat
refund: refund reimbursement money-back
coupon: coupon voucher promo-code promotion-code discount-code | discount gift-card gift-voucher
order: order purchase
delivery: delivery shipping shipment | parcel package
cart: cart basket shopping-bag
stock: stock out-of-stock sold-out | availability unavailable
login: login log-in sign-in signin logon | log-out logout session
password: password passcode passphrase
one-time code: otp one-time-code verification-code security-code confirmation-code sms-code tan | sms text-message
second factor: 2fa mfa two-factor two-step second-factor | security-key hardware-key yubikey authenticator
biometrics: biometrics biometric fingerprint face-id faceid touch-id
mail: mail email e-mail | inbox newsletter
message: message chat | conversation
notification: notification notify alert push push-message push-notification
calendar: calendar ics ical icalendar caldav webcal outlook google-calendar
timetable: timetable schedule roster
appointment: appointment meeting
booking: book booking reservation reserve
waiting list: waitlist waiting-list wait-list | free-place
search: search searching
export: export | csv download
excel: excel xls xlsx spreadsheet
upload: upload | attach attachment file
picture: picture image photo photograph | screenshot
document: document doc
folder: folder directory
film: film movie video | clip recording
subtitle: subtitle caption
link: link url hyperlink
screen: screen display
completion: completion autocomplete auto-complete code-completion autocompletion
spam: spam junk
rate limit: rate-limit quota throttle 429 too-many-requests
category: category tag label
version: version release
song: song music track playback | album playlist
chart: chart graph diagram plot
customer: customer client
colleague: colleague coworker co-worker teammate
boss: boss manager supervisor
phone: phone smartphone cellphone cell-phone mobile mobile-phone small-screen | android iphone tablet ipad
text size: font text-size font-size
language: language translation translate locale
permission: permission access rights privilege
sync: sync synchronize synchronise synchronization synchronisation
time zone: timezone time-zone utc gmt local-time
deadline: deadline due-date due-day
total: total sum amount
average: average mean
homework: homework assignment | submission
vacation: vacation holiday | absence time-off day-off
medicine: medicine medication pill | prescription
dose: dose dosage
site: site website web-site homepage
delete: delete remove erase | trash recycle-bin
pull request: pull-request merge-request pr
repository: repository repo
parameter: parameter argument param | field
documentation: documentation docs manual
settings: settings preferences configuration
profile: profile user-profile
address: address street
video call: video-call video-consultation video-chat | call conference
connection: connection internet wifi wi-fi network
sound: sound audio volume
advertisement: ad advert advertisement commercial
update: update upgrade
comment: comment reply
timer: timer countdown
lamp: lamp light bulb
employee: employee staff
multiplayer: multiplayer multi-player co-op coop
friend: friend buddy
: old former previous
"""
_FREE_PLACE = re.compile(
    r"\b(?:place|spot|seat|slot)s? (?:(?:is|was|are|were|has been|have been|stays|stayed|remains|remained|stands"
    r"|stood|left|became|becomes|got|still) )+(?:empty|free|open|vacant|unfilled|available|unused)\b|\b(?:empty"
    r"|free|open|vacant|unfilled|available|unused) (?:place|spot|seat|slot)s?\b"
)
ENDINGS = ("ings", "ing", "ies", "ied", "ed", "es", "s")
_DOUBLED = re.compile(r"([bdgmnprt])\1$|(?<=.{4})(l)\2$")


def joined(plain: str) -> str:
    """Names of several words as one."""
    return _names_of_several().sub(lambda found: found[1].replace(" ", "-"), _FREE_PLACE.sub("free-place", plain))


@lru_cache(maxsize=4096)
def named(word: str) -> str:
    """The first name of a thing by any of its names, else the word without its ending."""
    names, _ = _table()
    return names.get(stem(word)) or names.get(word.removesuffix("s"), stem(word))


@lru_cache(maxsize=4096)
def topic(word: str) -> str:
    _, topics = _table()
    return topics.get(word) or topics.get(stem(word), "")


def stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us")):
            bare = word[: -len(ending)]
            return bare + "y" if ending in ("ies", "ied") else _single(bare).rstrip("e")
    return _single(word).rstrip("e") if len(word) > 3 else word


def _single(word: str) -> str:
    """Planned is of plan, and cancelled of cancel."""
    return word[:-1] if len(word) > 3 and _DOUBLED.search(word) else word


@cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    names: dict[str, str] = {}
    topics: dict[str, str] = {}
    for line in _TOPICS.strip().splitlines():
        called, _, things = line.partition(": ")
        same, _, others = things.partition("|")
        first, *_ = same.split()
        names |= {stem(word): stem(first) for word in same.split()}
        topics |= {stem(word): called for word in [*same.split(), *others.split()]}
    return names, topics


@cache
def _names_of_several() -> re.Pattern[str]:
    words = {word for word in _TOPICS.split() if "-" in word}
    several = sorted((word.replace("-", "[ -]?") for word in words), key=lambda word: (-len(word), word))
    return re.compile(rf"\b({'|'.join(several)})(?=s?\b)")
