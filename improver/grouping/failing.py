"""Whether a log line tells of a failure: by its words, since many are logged at INFO, or without a level."""

import re

from improver.grouping import visitors

ERROR = 17
MAX_TEXT = 2048

# Without one of these a line tells of none.
_HINT = re.compile(
    r"fail|err(?:or|no|ed)|exception|could ?n|cannot|can't|unable|panic|fatal|crash|refused|time(?:d |)out|timed-out"
    r"|no space|out of memory|denied|abort|corrupt|segfault|traceback|unhandled|uncaught|\b5\d\d\b|not|g[ia]v|lost"
    r"|roll|deadlock|kill|exit|quota|drop|oom|signal|restart|too quickly",
    re.IGNORECASE,
)
# What some programs put in front of their own level, and the level.
_LEVEL = re.compile(
    r"(?:(?:\[[^\]\n]{1,100}\]|[\w.-]{0,63}@[\w.-]{0,63}) ){0,4}"
    r"(?:(PANIC|FATAL|ERROR)|WARNING|LOG|NOTICE|INFO|DEBUG\d?|DETAIL|HINT|CONTEXT|STATEMENT|QUERY):\s{1,2}"
)
# How compilers and other tools begin what they fail with: PROGRAM: error: …, FILE:LINE: error: …, error[E0382]: …
_TOOL = re.compile(
    r"(?:[\w./+@\\-]{1,200}(?:(?::\d{1,7}){1,2}|\(\d{1,7}(?:,\d{1,7})?\))?: (?:fatal )?error(?: [A-Z]{1,5}\d{1,6})?: "
    r"|(?:fatal )?error(?:\[[A-Z]\w{1,10}\]| [A-Z]{1,5}\d{1,6}): |fatal: |npm (?:error|ERR!) code "
    r"|Error response from daemon: )"
)
_TAGS = re.compile(r"(?:\s{0,8}\[[^\[\]\n]{0,200}\]){1,8}\s*")
# Words that stand for something else: addresses and paths, names in code, and counts of nothing.
_NAMES = re.compile(
    r"[a-z][a-z0-9+.-]{0,15}://\S{1,1024}"
    r"|(?<![\w.])[\w.-]{0,100}(?:/[\w.@%-]{1,100}){1,30}/?(?:\?\S{0,200})?"
    r"|\b[\w-]{1,100}\.(?:html?|jsx?|tsx?|py|rb|go|java|php|css|svg|png|json|ya?ml|txt|log|md|sql|vue|conf)\b"
    r"|\b(?=\w{0,60}_)(?!\w{0,60}_(?:error|failed|failure|exception)\b)\w{1,64}\b(?!\s?[=:]\s?[1-9])"
    r"|\b\w{1,60}_(?:errors?|failed|failures?|exceptions?)\b(?!\s?[=:]\s?[1-9a-z])",
    re.IGNORECASE,
)
_WHAT = r"(?:errors?|failures?|failed|exceptions?|fatals?|crash(?:es|ed)?|timeouts?|problems?|aborted|refused|rejected)"
# What somebody typed, and the line only repeats.
_TYPED = re.compile(
    r"\b(?:search\w{0,3}|quer(?:y|ied)|ask(?:s|ed)|typed|enter(?:s|ed)|wrote|posted|comment\w{0,3}|(?:re)?named|titled?"
    r"|subject|keywords?|terms?|labell?ed|tagged)\b(?: \w{1,30}){0,3}\s?[:=]?\s?"
    r"(?:'[^'\n]{0,512}'|\"[^\"\n]{0,512}\"|\u201c[^\u201d\n]{0,512}\u201d)",
    re.IGNORECASE,
)
_NONE = re.compile(
    rf"\b(?:0|no|zero|none|without|never|not any|free of)\b(?: \w{{1,30}}){{0,2}} {_WHAT}\b(?: \w{{1,30}}){{0,1}}"
    rf"|\b(?:\w{{1,60}}[ _.-])?{_WHAT}(?:[ _.-](?:count|rate|total|ratio|budget))?\s?(?:[=:]|is|was|of)\s?"
    r"[\"']?(?:0(?:\.0{1,9})?%?|none|null|nil|false|no(?! [a-z])|\[\]|\{\}|\"\")(?![\w.])"
    rf"|\b{_WHAT}(?:, | and | or |/)(?={_WHAT}\s?[=:]\s?0\b)"
    # the machinery for failures, and what is said of those that might be
    r"|\berror[ -](?:handl\w{2,5}|report\w{2,5}|page|boundary|track\w{2,5}|log(?:s|ging)?|monitor\w{0,5}|rate|budget"
    r"|level|correct\w{2,5}|code 0|template|messages?|limit|threshold|notification|email|alert|mode|detector)s?\b"
    r"|\bfailure (?:notification|report|email|alert|mode|domain|detect\w{2,5}|threshold|policy)s?\b"
    r"|\b(?:max(?:imum)?|allowed|first|any|each|every|past|previous|old) (?:errors?|failures?|exceptions?)\b"
    r"|\bfail(?:over|safe|-safe|back|-?fast)\b|\bfail[- ]?over\b"
    r"|\b(?:if|in case|on|when|whether|unless|should)\b(?: \w{1,30}){0,4} (?:errors?|fails?|failures?|exceptions?)\b"
    r"|\b(?:error|exception|failure|fatal|timeout|abort|crash)s?"
    r" (?:handler|callback|hook|listener|filter|policy|mapper)s?\b"
    # PostgreSQL starts such a one again, or was asked to stop; where it fails it says so in an ERROR of its own
    r"|\bbackground worker \"[^\"\n]{1,200}\" \(PID \d{1,9}\) exited with exit code [01]\b",
    re.IGNORECASE,
)
# What was met and dealt with, and the end of a program that was asked to end.
_NORMAL = re.compile(
    r"\b(?:re-?tr(?:y|ies|ied|ying)|attempt \d{1,4} (?:of|/)|try \d{1,4} of|will (?:try|reconnect)|try(?:ing)? again"
    r"|reconnect(?:ed|ing)?|recover(?:ed|ing|y)?|fall(?:ing|s)? ?back|fallback|ignor(?:ed|ing|e)|skipp(?:ed|ing)"
    r"|succe(?:ss|ssful|ssfully|eded)|expected|handled|resolved|fixed|cleared|healthy|passed|corrected|gracefully"
    r"|shut(?:ting)? ?down|sigterm|sigint|cancel(?:led|ed)|using (?:the )?default|simulated"
    r"|drill|dry[- ]?run|normally"
    # not yet, or not any more: what never gets ready is told of by more than that
    r"|(?:readiness|startup)\"? (?:probe|check|pod)|not (?:yet )?ready|not yet (?:up|available|started|accepting)"
    r"|(?:is|are|still) starting(?: up)?)\b",
    re.IGNORECASE,
)
# At the level of an error only this is: a success, or the end of what was asked to end.
_FINE = re.compile(
    r"\b(?:succe(?:ss|ssful|ssfully|eded)|completed|recovered|healthy|gracefully|shut(?:ting)? ?down|sigterm|sigint"
    r"|client (?:closed|disconnected)|broken pipe|connection (?:was )?(?:closed|reset) by (?:peer|client|remote)"
    r"|system is starting up|accept \w{1,10} \S{1,100} use of closed network connection|http: server closed)\b",
    re.IGNORECASE,
)
# What somebody asked for, who may.
_WHO = r"(?:the |an? )?(?:user|client|administrator|admin|operator)(?:'s|s')?"
_ASKED = re.compile(
    r"\b(?:cancel|terminat|abort|interrupt|stop|kill|clos|end|disconnect)\w{0,6}\b(?: [\w-]{1,30}){0,5}"
    rf" (?:(?:due to|at|on|upon) {_WHO} (?:request|command|demand|interrupt)"
    rf"|by {_WHO}(?! (?:code|data|error|exception|failure|function|library|module|script|trigger|defined)))\b",
    re.IGNORECASE,
)
_SUCCESS = re.compile(r"\b(?:succe\w{1,10}|recovered|resolved)\b", re.IGNORECASE)
# No retry comes after this.
_FINAL = re.compile(
    r"\bg(?:iving|ave) up\b|\bno (?:more )?(?:retries|attempts) left\b|\b(?:retries|attempts) exhausted\b"
    r"|\bafter \d{1,6} (?:attempts|retries|tries)\b|\battempt (\d{1,4})(?: of |/)\1\b|\bpermanently\b",
    re.IGNORECASE,
)
# Work that is lost, for whatever reason.
_LOST = re.compile(
    r"\bg(?:iving|ave) up on\b|\b(?:was|were|been|is) (?:dropped|discarded|lost|abandoned|dead-?lettered)\b"
    r"|\b(?:moved|sent) to (?:the )?dead[- ]?letter\b",
    re.IGNORECASE,
)
# What somebody outside did, or was not allowed to.
_OUTSIDE = re.compile(
    r"\b(?:password|passwd|authenticat\w{2,5}|login|log ?in|logged in|credentials?|unauthorized|forbidden|invalid user"
    r"|publickey|captcha|rate limit\w{0,3}|not found|validation|client (?:closed|disconnected|aborted)|broken pipe"
    r"|connection (?:was )?(?:closed|reset) by (?:peer|client|remote)|by (?:the )?user"
    r"|(?:data|eof|bytes?|packets?) (?:from|to|on) (?:the )?client|aborted connection \d{1,20} to db"
    r"|session (?:timed out|expired))\b",
    re.IGNORECASE,
)
_UNEXPECTED = re.compile(r"\bun(?:expected|handled|recoverable|resolved|healthy|successful)(?:ly)?\b", re.IGNORECASE)
_FAILS = re.compile(
    r"\b(?:could(?:n't| not)|cannot|can't|unable to|failed|fail(?:s|ing)? to|failure|failing)\b"
    r"|\berror(?:s)?(?: (?:while|when|in|during|at|on|from|occurred|code|reading|writing|opening|loading|saving|sending"
    r"|processing|connecting|executing|parsing|creating|updating|fetching|handling|response))?\s?[:=(!]"
    r"|\b(?:an? |internal |unexpected |fatal |unknown |server |i/?o |database |network )error\b"
    r"|\berror (?:while|when|during|occurred|reading|writing|opening|loading|saving|sending|processing|connecting"
    r"|executing|parsing|creating|updating|fetching|handling)\b"
    r"|\b[1-9]\d{0,8} (?:errors|failures|exceptions)\b"
    r"|\b(?-i:[A-Z]\w{0,80}(?:Error|Exception))\b|\b(?:traceback|errno)\b|\b(?-i:E[A-Z]{4,12}):"
    r"|\bexception(?::|$| (?:in|while|was|occurred|raised|thrown|caught|at|on|from)\b)"
    r"|\b(?:raised|threw|thrown|caught|got|hit|an?) (?:an? )?(?:[\w.]{1,60} )?exception\b"
    r"|\b(?:unhandled|uncaught)\b|\bpanic:|\bpanicked\b|\bkernel panic\b|\bfatal\b|\bsegfault\b"
    r"|\bcrash(?:ed|ing)\b|\bcrash(?::| in\b| at\b| of\b)"
    r"|\bcorrupt(?:ed|ion)?\b|\btimed[ -]out\b|\bno space left\b"
    r"|\b(?:connection|request)(?: (?:to|from|with) \S{1,256})? (?:was )?(?:refused|aborted)\b"
    r"|\bout of memory\b|\bpermission denied\b|\baborted\b|\bg(?:iving|ave) up\b|\bdeadlock\b|\boom[- ]?kill"
    r"|\b(?:was|were|is|been|be) not (?:saved|sent|delivered|stored|written|created|updated|processed|completed)\b"
    r"|\b(?:not|never) (?:saved|sent|delivered|stored|written)\b"
    r"|\bdid(?:n't| not) (?:complete|finish|respond|succeed|start|arrive)\b"
    r"|\blost (?:connection|contact|order|data)s?\b|\brolled back\b|\brolling back\b"
    r"|\*\*\* .{0,200}\berror \d{1,3}$|\bkilled by signal\b"
    r"|\b(?:exited|died|killed|terminated) (?:on|by|with|due to|from) signal:? "
    r"(?:[46789]|11|SIG(?:ILL|ABRT|FPE|KILL|SEGV|BUS))\b"
    r"|\bquota exceeded\b|\bexit(?:ed|s)?(?: with)?(?: (?:code|status))? ?[=:]? ?[1-9]\d{0,3}\b"
    r"|\btoo many (?:unstable )?restarts\b|\brestart(?:ed|ing|s)? too (?:quickly|often|fast)\b"
    r"|\b(?:start )?request repeated too quickly\b"
    r"|\bdropp(?:ed|ing) [1-9]\d{0,8} \w{1,30}\b"
    r"|\b(?:row|record|order|line|document|job) #?\d{1,20} (?:was )?(?:dropped|lost)\b",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"HTTP/\d(?:\.\d)?\" 5\d\d\b"
    r"|\b(?:returned|responded(?: with)?|answered(?: with)?|got|status(?: ?code)?|http)[ =:]{1,2}(?:an? )?5\d\d\b",
    re.IGNORECASE,
)


def headline(said: str) -> str:
    """The first line that says something: tags of a request are none, nor is an empty line."""
    lines = said.lstrip().split("\n", 8)[:8]
    return next((line for line in lines if line.strip() and not _TAGS.fullmatch(line)), lines[0]).strip()


def tells_failure(said: str, severity: int) -> bool:
    """At the level of an error it does, unless it plainly tells of something normal; below it, only if it says so."""
    line = headline(said[:MAX_TEXT])
    if level := _LEVEL.match(line):
        # It is the writer's own, and knows better than what carried the line.
        line, severity = line[level.end() :], max(severity, ERROR) if level[1] else min(severity, ERROR - 1)
    elif _TOOL.match(line):
        severity = max(severity, ERROR)
    if severity < ERROR and not _HINT.search(line):
        return False
    if _is_somebodys(line):
        return False
    named = _NAMES.sub(" ", _TYPED.sub(" ", line))
    left = _UNEXPECTED.sub("failed", _NONE.sub(" ", named))
    fails = bool(_FAILS.search(left) or _ANSWER.search(line))
    if severity >= ERROR:
        return fails or not (_NONE.search(named) or _FINE.search(left))
    if not fails:
        return False
    if _OUTSIDE.search(left) and not _LOST.search(left):
        return False
    if _FINAL.search(left) and not _SUCCESS.search(left):
        return True
    return not _NORMAL.search(left)


def _is_somebodys(line: str) -> bool:
    """What a visitor did, or somebody who may asked for, is no failure, whatever level it has."""
    return bool(_ASKED.search(line) or visitors.are_refused(line))
