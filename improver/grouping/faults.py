"""What is wrong with a thing, what is wished for, and what is said of the whole app: however people put it."""

import re

_NOT = r"(?:not|never|without)(?: (?:be|been|being|get|getting|got|even|ever|yet|really|always|is|are|was))*"
_FEW = r"(?: [\w'-]+){0,3}?"
_SPAN = r"(?:seconds?|minutes?|hours?|days?|weeks?|secs?|mins?)"
_MANY_OF = (
    r"(?:payment|charge|debit|deduction|transaction|mail|e-?mail|invoice|receipt|notification|reminder|cop(?:y|ie)"
    r"|entr(?:y|ie))s"
)
# Two remarks that say different such things are about two things, also where they name one; what fits several has the
# names of each.
FAULTS = {
    "!twice": (
        r"\b(?:twice|doubled|doubles|duplicat(?:e|es|ed|ing|ion)|in duplicate|(?:two|2) (?:times|copies)|(?:several"
        r"|multiple|more than one|another|second) (?:cop(?:y|ies)|times?))\b(?! as\b)"
        rf"|\b(?:two|2|second|another) (?=(?:identical |same |separate )?{_MANY_OF}\b)"
        r"|\bdouble\b(?![ -](?:click|tap|check|sided|room|bed|booking|booked|quote))"
    ),
    "!blank": r"\b(?:blank|empty|(?:completely|all|just) (?:white|black)|(?:white|black) (?:page|screen|sheet))\b",
    "!disconnected": (
        r"\b(?:los(?:es|t|ing|e) (?:its |the |my |our )?(?:connection|signal)|connection (?:\w+ )?lost"
        r"|disconnect\w*|(?:goes|went|going|go|falls) offline|drops? out|drops (?:after|every|all|in)"
        r"|dropped (?:out|after)|cut off)\b"
    ),
    "!crash": (
        r"\b(?:crash\w*|(?:clos|quit|exit|shut)\w*(?: down)? (?:itself|by itself|on its own|unexpectedly|suddenly)"
        r"|app (?:quits|closes|exits|dies|restarts)|force[- ]?clos\w+|back (?:to|on|at) the (?:home|start) ?screen)\b"
    ),
    "!stops": (
        r"\b(?:stops|stopped|stopping|(?<=s )stop|pauses|paused|interrupts|interrupted|cuts out)\b(?! (?:sending"
        r"|asking|working|functioning))"
    ),
    "!off": r"\b(?:(?:turn|switch)(?:s|ed|es|ing)? (?:itself )?off|go(?:es|ing) (?:dark|black|to sleep))\b",
    "!junk": r"\b(?:(?:in|into|to|as)(?: (?:the|their|my|our))? (?:spam|junk)|(?:spam|junk)[ -]?(?:folder|mail|box))\b",
    "!slow/!stale": r"\b(?:frozen|stuck|(?:not|never) mov(?:es?|ed|ing))\b",
    "!slow": (
        r"\b(?:slow(?:er|ly|ness)?|sluggish\w*|lag(?:s|gy|ging)|stutters?|forever|(?:for )?ages|an eternity|hangs?"
        r"|hung|fr(?:eez\w+|oze)|(?<!free )spin(?:s|ning|ner)|unresponsive|time(?:s|d)?[- ]?outs?|timing out"
        rf"|(?:takes?|took)(?! (?:me |us )?(?:only|just|less|under|mere)){_FEW} (?:long|longer|{_SPAN})|wait(?:s|ed"
        rf"|ing)?{_FEW} {_SPAN}|delay of{_FEW} {_SPAN}|{_NOT} (?:finish|load|end|complete)(?:s|es|ed|ing)?)\b"
    ),
    "!late": r"\b(?:late|later than|delayed|with (?:a|some|much) delay)\b(?! fee)",
    "!forbidden": (
        rf"\b(?:(?:no|lack\w*|missing) (?:the )?(?:permissions?|access|rights)|(?:access|permission) (?:is "
        rf"|was )?denied|{_NOT} (?:allowed|authori[sz]ed|permitted) to|unauthori[sz]ed|forbidden|locked out)\b"
    ),
    "!refused": (
        rf"\b(?:refus(?:es?|ed|ing|al)|reject(?:s|ed|ing|ion)?|declin(?:es?|ed|ing)|denied|denies|invalid|not valid"
        rf"|{_NOT} (?:accept|take|recogni[sz]e)(?:s|d|ed|n)?)\b"
    ),
    "!absent": (
        rf"\b(?:(?<!can )(?<!could ){_NOT}(?: [\w'-]+){{0,2}}? (?:arriv\w+|came|comes?|coming|receiv\w+|gets?|got"
        rf"|deliver\w*|credited|sent|given)|(?:no|nothing|none)(?: [\w'-]+){{0,4}}? (?:arriv\w+|came|comes|received"
        rf"|delivered|credited|sent|given)|still waiting for)\b"
    ),
    "!lost": (
        rf"\b(?:los(?:t|e|es|ing)|gone|disappear(?:s|ed|ing)?|vanish(?:es|ed|ing)?|wip(?:es|ed)|deleted|erase[sd]"
        rf"|forgets|(?<!i )forgot(?:ten)?|clears|cleared|resets|(?:is|was|gets|got|were|are) reset|reverts|reverted"
        rf"|overwr(?:it|ot)\w+|{_NOT} (?:save|saved|saves|saving|kept|stored|remembered?|preserved?|persist(?:ed"
        rf"|s)?))\b"
    ),
    # What is not there may have been lost, or never have come.
    "!lost/!absent": (
        rf"\b(?:(?<!i'm )(?<!i am )(?:missing|misses)(?! (?:a|an) )|nowhere|incomplete|(?:nothing|none)(?: is| are"
        rf"| was)? (?:shown|visible|displayed|appears|listed|there)|(?:returns?|shows?|finds?|gives?) nothing"
        rf"|no (?:results?|hits?|matches)|{_NOT} (?:show(?:s|n|ing)?(?: up)?|appear\w*|there|visible|displayed"
        rf"|listed|see))\b"
    ),
    "!lost/!absent/!unclear": rf"\b{_NOT} find\b",
    "!stale": (
        rf"\b(?:out[- ]of[- ]date|outdated|stale|still (?:shows?|showing|displays?|lists?|appears?|the old)"
        rf"|old (?:version|data|values?|state|one)|{_NOT} (?:updat|refresh|sync)(?:e|es|ed|ing|s)?"
        rf"|until i (?:reload|refresh))\b"
    ),
    "!wrong": (
        rf"\b(?:wrong(?:ly)?(?! with\b)|incorrect(?:ly)?|inaccurate|mis(?:calculat|count|spel)\w+|miscount\w*"
        rf"|{_NOT} (?:correct|right|accurate|match(?:es)?|add(?:s)? up)|instead of (?:my|the|our|a|an|\d+))\b"
    ),
    "!unclear": (
        rf"\b(?:confus\w+|unclear|unintuitive|{_NOT} (?:clear|obvious|intuitive|understandable)|cryptic|misleading"
        rf"|(?:hard|difficult|impossible) to (?:find|understand|see|tell|know|figure)|complicated|undocumented"
        rf"|guess(?:ed|ing)?|{_NOT} (?:figure|tell|understand|know|explain|say)s?|only says|\w+ not which)\b"
    ),
    "!many": (
        r"\b(?:too (?:many|much|often)|flood\w*|spam(?:s|med|ming)?|bombard\w*|overwhelm\w*|constant(?:ly)?"
        r"|non-?stop|stop (?:sending|emailing|notifying|showing|bothering)|false (?:alarms?|alerts?))\b"
    ),
    "!size/!many": r"\b(?:too (?:long|big|large)|huge|endless|enormous)\b",
    "!size": (
        r"\b(?:too (?:small|tiny|little|wide|narrow)|tiny|unreadable|illegible|(?:hard|impossible) to read"
        rf"|{_NOT} (?:read|readable|legible)|cut off|truncated|overlap(?:s|ped|ping)?|low contrast)\b"
    ),
    "!faint": (
        r"\b(?:no (?:sound|audio)|silent|muted|too (?:quiet|low|silent|soft)|(?:hardly|barely|not) audible"
        r"|(?:hardly|barely|can not) hear)\b"
    ),
    "!dear": r"\b(?:expensive|overpriced|pricey|costs? too much|rip-?off)\b",
}
# What is said in words that have nothing in common, though it is one thing, and one of the whole app.
SAYINGS = {
    "=signed out": (
        r"\b(?:log(?:ged|ging|s)|sign(?:ed|ing|s)|kick(?:ed|ing|s)|thrown|throws)(?: (?:me|us|you|them"
        r"|people))? out\b|\b(?:log|sign)(?:ged|ed|ging|ing)?(?: back)? in (?:again|anew|over and over|every"
        r"|\w+ times)\b|\bsessions?(?: \w+){0,2} (?:expires?|expired|ends|ended|times? out|timed out|timeouts?)\b"
        r"|\bsession timeouts?\b"
    ),
    "=no way in": (
        r"\b(?:can not|could not|unable to|not able to|will not let me|fails to) (?:log|sign) ?in\b|\b(?:login"
        r"|log-in|sign-in|signing in|logging in) (?:is |has )?(?:broken|fails|failed|refused|does not)\b"
    ),
    "=eats the battery": (
        r"\b(?:(?:drain|eat|kill|suck|burn)\w*(?: [\w'-]+){0,3} battery|battery (?:\w+ )?(?:drain\w*|usage"
        r"|consumption|hog)|overheat\w*|(?:phone|laptop|tablet|device)(?: [\w'-]+)? (?:gets|becomes|is"
        r"|runs) (?:\w+ )?hot)\b"
    ),
    "=eats the machine": (
        r"\b(?:(?:high|\d+ ?%|too much|constant|all my|full|huge) (?:cpu|memory|ram)|(?:cpu|memory|ram) (?:usage"
        r"|leak\w*|hog|consumption|at \d+)|(?:eats|hogs|leaks|consumes)(?: [\w%'-]+){0,3} (?:cpu|memory|ram))\b"
    ),
    "=down": r"\b(?:site|app|server|service|everything) (?:is|was|went|goes) (?:down|offline)\b",
}
# What is wished for, however it is said: two wishes for different such things are two, also where they name one thing.
WANTED = {
    "!keys": (
        r"\b(?:keyboard|(?:short-?cut|hot-?key|key-?binding)(?:s|ting)?|shortcut keys?)\b|\b(?:with|by|via|using"
        r"|press(?:ing)?) (?:a |one |single |the )*keys?\b"
    ),
    "!many at once": (
        r"\b(?:(?:in )?(?:bulk|batch(?:es)?|mass)|(?:all )?at once|all together|at the same time|(?:in|with) (?:one"
        r"|a single) (?:go|step|action|click|call|request)|(?:many|multiple|several) \w+ per (?:call|request)"
        r"|multi-?select|select (?:all|several|multiple|many))\b"
    ),
    "!undo": r"\b(?:undo|undelete|redo|revert|restor\w+|take (?:it |that )?back|roll ?back|trash|recycle[ -]bin)\b",
    "!export": (
        r"\b(?:export(?:s|ed|ing)?|download(?:s|ed|ing)? (?:as|to)|(?:as|to) (?:a |an )?(?:csv|pdf|excel|xlsx?"
        r"|spreadsheet)|csv (?:download|file))\b"
    ),
    "!import": r"\b(?:import(?:s|ed|ing)?|migrat(?:e|ing|ion) from)\b",
    "!reminders": r"\b(?:remind(?:er|ers|s|ed)?|notif(?:y|ies|ied|ications?)|alerts?|push[ -]messages?)\b",
    "!sorting": r"\b(?:sort(?:s|ed|ing|able)?|order(?:ed)?(?: [\w'-]+){0,3} by|reorder(?:ing)?)\b",
    "!filters": r"\b(?:filter(?:s|ed|ing)?|narrow down)\b",
    "!printing": r"\b(?:print(?:s|ed|ing|able|out|outs)?)\b",
    "!templates": r"\b(?:templates?|presets?|blueprints?)\b",
    "!repeating": (
        r"\b(?:recur(?:s|ring|rence)?|repeat(?:s|ed|ing)?(?! the)|every (?:day|week|month|year)|weekly|monthly"
        r"|yearly)\b"
    ),
    "!in advance": (
        r"\b(?:in advance|ahead|for later|schedul(?:e|es|ed|ing)|later (?:time|date|moment)|at a (?:set|given"
        r"|later) time)\b"
    ),
    "!hiding": r"\b(?:hid(?:e|es|den|ing)|ignor(?:e|es|ed|ing)|mut(?:e|es|ed|ing)|snooz(?:e|es|ed|ing))\b",
    "!comparing": r"\b(?:compar(?:e|es|ed|ing|ison)|side by side|next to each other)\b",
    "!history": r"\b(?:history|change ?log|audit (?:log|trail)|earlier versions?|previous versions?|who changed)\b",
}
WANTED_OF_ALL = {
    "=dark": r"\b(?:dark|night)[ -](?:mode|theme|colou?rs|version)\b",
    "=offline": (
        r"\boffline\b|\bwithout (?:an? )?(?:internet|network|connection|signal|reception)\b|\bno (?:internet"
        r"|network|connection|signal|reception|wifi)\b"
    ),
    "=calendar": (
        r"\b(?:ics|ical|icalendar|webcal|caldav|(?:google|apple|outlook|phone|phone's|iphone|android|own|my"
        r"|other)[ -]calendars?|(?:in|to|with) outlook|calendar (?:feed|sync|integration|export|subscription)"
        r"|add to calendar|(?:sync|subscribe|export|connect)\w*(?: [\w'-]+){0,4} calendars?)\b"
    ),
    "=biometrics": r"\b(?:finger ?prints?|face[ -]?id|touch[ -]?id|biometrics?)\b",
    "=second factor": (
        r"\b(?:2fa|mfa|totp|(?:two|second|multi)[ -]?factors?|two[ -]step|(?:security|hardware)[ -]keys?|yubikeys?"
        r"|authenticator)\b"
    ),
    "=single sign-on": (
        r"\b(?:sso|saml|single sign[ -]?on|(?:log|sign)(?:ging|ing)?[ -]?in (?:with|via|by"
        r"|through) (?:my )?(?:google|microsoft|apple|github))\b"
    ),
    "=widget": r"\bwidgets?\b",
    "=wallet": r"\b(?:apple|google|mobile|phone)?[ -]?wallet\b",
    "=together": r"\b(?:multi-?player|co-?op|play(?:ing)? (?:\w+ )?with (?:my |our )?friends)\b",
}


def compiled(patterns: dict[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in patterns.items()}
