"""How people say that there is nothing to say, that there was no problem, and that all went well."""

import re


def _any(words: str) -> str:
    """Any of the words, which commas or line ends part."""
    return f"(?:{'|'.join(words.strip().replace(chr(10), ',').split(','))})"


_TROUBLE = _any(r"""problem,issue,bug,error,blocker,obstacle,complaint,complain,trouble,hurdle,difficulty,difficultie
friction,hiccup,impediment,concern,snag,road ?block,hindrance,barrier,challenge,limitation,hitch,hitche,surprise,glitch
glitche,failure,struggle,annoyance,frustration,delay,fault,hassle,fuss,worry,worrie,crash,crashe,pain,drawback,downside
regret,fail,bad word,negative,criticism,stumbling block,showstopper,interruption,confusion""") + r"s?\b"
_TROUBLED = _any(r"""wrong,broken?,breaks,broke,missing,crash(?:ed|es)?,fail(?:s|ed)?(?! to),lost,stuck,hangs?,slow
slowed,block(?:s|ed|ing),stopp(?:ed|ing) me,prevented,hinder(?:ed|ing),held (?:me|us) (?:up|back),in (?:the|my|our) way
bother(?:ed|s),annoy(?:ed|s),confus(?:ed|ing|es),unclear,delayed,complain\w*,critici[sz]\w*,interrupted,impeded
obstructed,troubl(?:ed|ing),difficult,painful,lacking,hard""") + r"\b"
_BETWEEN = _any(r"""is,was,has,have,had,been,be,ever,once,yet,it,really,that,to,gets?,got,went,goes,at all,i,we,much
particularly,come,came,along,stood,stands,so""")
# What may stand between "no" and a problem; "no way to tell of a problem" denies none.
_SUCH = (
    r"(?: (?!(?:way|option|means|chance|idea|one|to|the|of|for|button|place|longer|matter|but|reason|knowing|not)\b)"
    r"[\w'-]+){0,2}"
)
_MET = _any(r"""have,had,encounter(?:ed)?,find,found,see,seen,experienced?,meet,met,met with,run,ran,hit,faced?,got,get
noticed?,come,came,caused?,observed?,know,think""")
_HOW_MANY = _any(r"""into,across,of,any,a,an,a single,much,further,more,other,major,real,such,many,significant,serious
blocking,technical""")
DENIAL = re.compile(
    rf"\b(?:(?:no|without|zero|free (?:of|from)|hardly any)(?: any| a| an| a single)?{_SUCH}"
    rf"|(?:not|never)(?: [\w'-]+)? {_MET}(?: {_HOW_MANY})*|not (?:any|a single|a|much(?: of a)?"
    rf"|one)(?: \w+)?) {_TROUBLE}"
    r"(?! (?:message|report|list|page|handling|tracker|description|code|log|text|detail|field)s?\b)"
    rf"|\b(?:nothing|none|nobody|no one|never)(?: {_BETWEEN}){{0,4}} {_TROUBLED}(?![^.!?]*\b(?:before|until|till)\b)"
    r"|\b(?:was|were|am|are|is|been|got|get|did|do|does) not(?: \w+)? (?:blocked|stuck|hindered|slowed|confused|held up"
    r"|prevented|impeded|(?:get )?in (?:the|my|our) way|miss(?:ing)? (?:anything|a thing|much))\b"
    r"|\b(?:not|never) (?:miss(?:ing)?|missed) (?:anything|a thing)\b"
    r"|\b(?:do|does|did|has|have|will) not (?:even |ever |once )?(?:crash(?:ed)?|freeze|frozen|hang|lag|bother|annoy)\b"
    rf"|\bno [\w'-]+(?: {_BETWEEN}){{0,3}} (?:lost|broken|crashed|failed|stuck|missing|wasted)\b"
    r"|\b(?:fine|good|great|perfect|ok|okay|leave (?:it|them)|keep (?:it|them)|like it) (?:just |exactly )?"
    r"(?:as|how|the way) (?:it|they) (?:is|are)\b"
)
_TELL = _any(r"""add,say,report,mention,declare,share,complain(?: about)?,note,think of,critici[sz]e,suggest
improve,change""")
NOTHING = re.compile(
    r"(?:^|(?<=[.,;!?:\n])|\b(?:is|have|had|got|see|um+|well|actually|honestly)\b)\W*\b"
    r"(?:no|nope|nah|none|nil|nothing|n/a|not (?:any|much|really))(?![\w'/])"
    r"(?: (?:further|more|other|special|particular|much|really|else|whatsoever|special to|in particular|major"
    r"|to be honest))*"
    rf"(?: (?:{_any('comment,remark,opinion,suggestion,question,wish,wishe,request,note,idea,thank')}s?|feedback"
    rf"|thank you"
    rf"|{_any('encountered,found,noted,noticed,identified,observed,needed,required,reported')}"
    rf"|comes? to (?:my )?mind|(?:that )?(?:to|i could|i can|i would|we could) {_TELL}))?"
    r"(?: (?:so far|yet|at (?:this|the) (?:time|moment)|for now|today|now|really|from (?:me|us|my side)(?: \w+)?|here"
    r"|at all|thanks?|sorry|this time|whatsoever))*\s*(?=$|[.,;:!(\u2013\u2014]| - )"
    rf"|\b(?:do|did|have|had) not (?:have |find |see |notice )?(?:anything|any \w+)(?: \w+)? to {_TELL}\b"
)
_AS_IT_SHOULD = (
    r"(?:as (?:asked|expected|intended|planned|it should|advertised|promised|described|documented|requested|designed"
    r"|hoped"
    r"|told)|through|fine|well|smooth(?:ly)?|perfect(?:ly)?|flawless(?:ly)?|great|ok|okay|good|clear|success\w*"
    r"|sufficient"
    r"|without|at (?:the |my )?first|what (?:they|it) (?:say|says|said|should))"
)
WELL = re.compile(
    r"(?<!not )\b(?:everything|all|both|each|every)(?: [\w-]+){0,4}? (?:worked|passed|succeeded|completed|went"
    r"|available"
    r"|in place"
    rf"|provided|{_AS_IT_SHOULD})\b"
    r"|\b(?:it|this|things|i|we|the (?:\w+ )?(?:task|run|job|work|process|flow|session|tools?|calls?|steps?"
    r"|experience))"
    rf"(?: \w+)? (?:is|was|were|ran|runs|went|goes|works?|worked|completed|finished|did|do"
    rf"|behaved?)(?: \w+)? {_AS_IT_SHOULD}\b"
    rf"|\b(?:completed|finished|passed|succeeded|worked|went)(?: \w+)? {_AS_IT_SHOULD}\b|\btask (?:completed"
    rf"|finished|done)\b"
    r"|\ball (?:good|fine|well|ok|okay|clear|set|done|smooth|successful|passed)\b|\bsmooth sailing\b|\bsmooth run\b"
)
