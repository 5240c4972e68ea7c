"""What forms get from those who sell something: it tells nothing of the app, also where it speaks of errors."""

import re

from improver.grouping.attitude import tells_failure
from improver.grouping.wording import plain, says_fault

_WARES = re.compile(
    r"\b(?:(?:errors?|issues?|problems?|mistakes) (?:on|of|with|in) your (?:web ?)?site|seo|back-?links?|(?:page"
    r"|position|rank) (?:one|1|#1)|first page of|rank(?:s|ed|ing|ings)?|(?:organic|web|website|more|you"
    r"|your) traffic|followers|subscribers|visitors|singles|spins|lottery|inheritance|million dollars"
    r"|domain (?:expires|expired|renewal)|pharmacy|casinos?|jackpot|betting|slots|gambling|poker|crypto\w*|bitcoin"
    r"|btc|forex|trading signals|(?:pay-?day |personal |business |quick )?loans?|credit (?:score|check|repair)"
    r"|viagra|cialis|pills|meds|prescription|weight loss|replica|escorts?|web ?(?:design|designer|development)"
    r"|redesign|guest posts?|(?:email|e-mail|mailing) lists?|leads|domain authority|digital marketing"
    r"|email marketing|e-mail marketing|social media (?:marketing|management)|work from home|from home"
    r"|passive income|(?:earn|make|win)(?: \w+)? (?:money|cash|[$€£]? ?\d+)|investments?|returns of \d+|wholesale"
    r"|resellers?|bulk orders)\b"
)
# Who sells, and how.
_SELLERS = (
    re.compile(
        r"\b(?:we|i) (?:can|could|will|would like to|offer|provide|help|speciali[sz]e|are (?:a|an)|am (?:a|an)"
        r"|have (?:a|helped)|noticed|found|came across|visited|sell|deliver)\b"
    ),
    re.compile(
        r"\bour (?:experts?|team|services?|company|agency|packages?|offers?|clients|specialists|prices|developers)\b"
    ),
    re.compile(
        r"\b(?:dear|hello|hi|greetings)[ ,](?:sir|madam|owner|webmaster|team|business|site|website|admin|manager"
        r"|friend)"
    ),
    re.compile(
        r"\byour (?:web ?)?(?:site|business|company|sales|rank\w*|traffic|brand|online|revenue|visibility|domain"
        r"|customers)\b"
    ),
)
_LURES = (
    re.compile(
        r"(?:^|[.!?:,;\n-])\W*(?:and |now |just |so )?(?:buy|earn|get|order|boost|increase|grow|visit|click|make"
        r"|win|reply|contact|call|join|invest|apply|try|register|renew|hot|free|sign up|act|check out|claim|double"
        r"|start earning|dm)\b(?! (?:does|button|is|has|page|fails|form))"
    ),
    re.compile(
        r"\b(?:guaranteed?|cheap(?:est)?|for only|only [$€£]|low prices?|best prices?|no deposit|no credit check"
        r"|no prescription|risk[- ]free|free (?:trial|spins|quote|consultation|audit)|limited (?:time|offer)"
        r"|special offer|discount(?:s|ed)? prices?|(?:renew|register|order|apply|click) (?:here|at)|claim your"
        r"|book a (?:demo|call)|order now|buy now|act now|call now|apply (?:now|at|today)|sign up (?:now|today)"
        r"|click here|contact (?:me|us)|reply (?:to|for)|whats?app|telegram|dm me|\d+ ?% (?:off|bonus|discount|roi"
        r"|return)|bonus \d+ ?%|[$€£] ?\d[\d,.]* (?:a|per) (?:day|week|month|hour)|double your|per day)\b|!!!"
    ),
    re.compile(
        r"https?://|\bwww\.|\b\w+\.(?:com|ru|xyz|top|shop|biz|online|site)\b|\+\d[\d ]{7,}|[$€£] ?\d"
        r"|\b\d[\d.,]* ?(?:usd|eur|dollars)\b"
    ),
)
# Who speaks of what they do themselves has met the app.
_OWN = re.compile(
    r"\b(?:my (?!team|company|services?|agency|clients|price|name|portfolio)\w+|i (?:can not|could not|did|do"
    r"|have to|get|got|was|tried|want|see|lost|paid|won|bought|ordered|clicked|applied)|for me|me (?:out|to)"
    r"|lets me|let me)\b"
)
ENOUGH = 2


def is_advertising(text: str) -> bool:
    """Wares in two ways of selling, by who speaks neither of using the app nor, unless as a seller, of what fails."""
    said = plain(text)
    if not _WARES.search(said) or _OWN.search(said):
        return False
    sellers, lures = (sum(bool(pattern.search(said)) for pattern in patterns) for patterns in (_SELLERS, _LURES))
    return sellers + lures >= ENOUGH and (bool(sellers) or not (tells_failure(text) or says_fault(said)))
