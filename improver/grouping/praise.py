"""Praise in words of trouble: idioms, strong words for good things, and what was before or is elsewhere."""

import re

_TO_THE_END = r"[^,.;!?]*"
_COULD_NOT_BE_BETTER = (
    r"\b(?:can not|could not|no reason to|nothing to)(?: really| possibly)? complain\b(?! (?:enough|about the"
    r"|anywhere))",
    r"(?<!too )\b(?:can not|could not|hard to|never|no reason to|nothing to)(?: really| possibly| even| ever| say)?"
    r" (?:fault|critici[sz]|be (?:better|happier|easier|simpler|more (?:happy|pleased|satisfied|convenient"
    r"|straightforward"
    r"|simple|intuitive|helpful|grateful|obvious))|ask for (?:more|better)|go wrong|live without|wait (?:to|for)(?! \d)"
    r"|beat|stop (?:using|playing|listening|smiling|watching)|put (?:it|this) down|get enough|imagine"
    r"|believe (?:it is|it's|this is|that it is) (?:free|real|so)"
    r"|believe how (?:good|easy|quick|fast|simple|smooth|well)|look(?:ed)? back"
    r"|been (?:easier|better|happier|simpler|faster)|had (?:it )?(?:better|easier)|seen (?:anything|a) better"
    r"|(?:recommend|praise|thank) (?:it|this|you) enough|say enough good)\w*\b(?! enough| than\b)" + _TO_THE_END,
    r"\bnever (?:been|looked|felt|worked|run|ran|seen) (?:better|easier|smoother|faster)\b",
    r"\bnever fail(?:s|ed)? to (?:impress|amaze|deliver|please|surprise|work|help)\b",
    r"\bnever had an? (?:better|easier|smoother|nicer|faster)\b",
    r"\bnot (?:get|be) (?:any |much )?better than (?:this|that)\b|\bnot (?:at all |too |so |half )?(?:bad|shabby)\b",
    r"\bno(?: (?:worries|doubt|joke|kidding|wonder|brainer|nonsense|frills|fluff|bullshit)|-brainer)\b",
    r"\b(?:not|never) (?:\w+ )?(?:regret|disappoint)\w*|\bwhat(?:'s| is) not to (?:like|love)\b",
    r"\b(?:would not|not) (?:change|want to change) (?:a thing|anything)\b",
)
_WITHOUT_IT = (
    r"(?:(?:\bwould|'d) (?:be|feel|have been|never|hate|miss|not (?:want|know|be|go))\b|\b(?:do|did) not know (?:how"
    r"|what)\b)"
    r"[^.,;!?]* without (?:it|this|them|you|your|the)\b" + _TO_THE_END,
    r"\bcan not (?:\w+ )?(?:do|work|cope|manage|picture|survive|function)\b[^.,;!?]* without (?:it|this|you)\s*(?=$"
    r"|[.,;!?])",
    r"\b(?:do|did) not know how (?:i|we) (?:ever )?(?:did|managed|coped|lived|survived|got by|worked)\b" + _TO_THE_END,
    r"\b(?:why|where|how) (?:did|has|have|had|was|were)(?: [\w']+){1,6}? (?:earlier|sooner|before|all my life"
    r"|years ago)\b",
    r"\bwish (?:i|we)(?: \w+)? (?:had|have|knew|known|found)(?: \w+){0,5}? (?:earlier|sooner|before|ago)\b",
)
_STRONG_WORDS = (
    r"\b(?:insanely|stupidly|ridiculously|crazy|crazily|awfully|terribly|wickedly|scarily|dangerously|freakishly"
    r"|absurdly"
    r"|damn|stupid|insane|frighteningly|unbelievably|incredibly|ludicrously) (?:good|fast|easy|simple|nice|quick|cheap"
    r"|smooth|useful|helpful|beautiful|great|well|addictive|fun|cool|handy|convenient)\b",
    r"\bso \w+ (?:that )?it(?:'s| is) (?:scary|a crime|insane|ridiculous|almost boring|addictive)\b",
    r"\bhate (?:how|that) (?:much|good|addictive|i (?:love|like|need|enjoy))\b",
    r"\b(?:lost|lose) (?:in it|track of time|myself in)\b|\b(?:lose weight|lost \d+ ?(?:kg|kilos?|pounds?|lbs))\b",
)
_TROUBLE_THAT_IS_OVER = (
    r"\b(?:takes?|took|taken|taking) the (?:pain|stress|hassle|hard work|headache|guesswork) (?:out of|from|away)\b",
    r"\b(?:solve|fixe|end)[sd] (?:all |any |every |so many )?(?:of )?(?:my|our|the|these|those) (?:\w+ )?"
    r"(?:problem|issue|headache|trouble)s?\b",
    r"\b(?:rid of|sav(?:es|ed) (?:me|us) from) " + _TO_THE_END,
    r"\b(?:not|never) (?:ever )?(?:going|went) back to " + _TO_THE_END + r"|\bnot once an?\b" + _TO_THE_END,
    r"\bnever (?:waited|queued|worried|forgot(?:ten)?|missed|lost|overslept|late)\b" + _TO_THE_END + r" (?:again"
    r"|since)\b",
    r"\bnot (?:lost|wasted|missing|miss(?:ed)?) (?:a|an|my|the|any) " + _TO_THE_END + r" (?:any ?more|at all|since)\b",
    r"\b(?:do|does|did) not (?:even )?have to " + _TO_THE_END,
    r"\bno more \w+ing\b" + _TO_THE_END,
    r"(?:^|\bwow,?|\bfinally,?) ?no more (?!\w+ (?:since|after|when|if|in|on)\b)" + _TO_THE_END,
    r"\bno longer (?:need|have to|having to|wast\w+|worr\w+|queu\w+)\b" + _TO_THE_END + r"|\bnot any ?more(?= *$|[.!])",
)
_OTHERS_DO = (
    r"\b(?:this (?:one|app)|yours|you) (?:(?:does|do|is|has|did|are|will) not|never (?:do|does|did))(?= *(?:$|[.,;!]))",
    r"\bnever (?:had|has|have|happens?|happened)(?: (?:that|this|it))? (?:with (?:you|this|it)|here)\b",
)
PRAISE = re.compile(
    "|".join((*_COULD_NOT_BE_BETTER, *_WITHOUT_IT, *_STRONG_WORDS, *_TROUBLE_THAT_IS_OVER, *_OTHERS_DO))
)
# What others do, and what was before: of what is now, and here, it says the opposite.
_PRODUCT = (
    r"(?:(?:app|tool|bank|site|service|product|provider|system|program|platform|vendor)s?|software|compan(?:y|ies))"
    r"(?! (?:transfer|account|data|statement|card|settings|version|details|order)s?\b)"
)
OTHERS = re.compile(
    r"^\W*(?:(?:and|but|because|since|while|whereas|unlike|so|many|most|all|the|every|in|on|with|like|at) )*"
    rf"(?:(?:other|another|competing|rival) (?:\w+ )?{_PRODUCT}|the competition|competitors?(?:'s)?(?: {_PRODUCT})?"
    rf"|(?:my|our) (?:old|previous|last|former) (?:\w+ )?{_PRODUCT})\b(?:(?!\b(?:this|yours?|you|it|here)\b)[^.;!?])*"
)
THAN = re.compile(
    r"\b(?:better|easier|faster|nicer|simpler|quicker|cheaper|smoother|cleaner|safer|happier|(?:more|less) \w+) than .*"
    r"|\b(?:unlike|compared (?:to|with)|improvement over|instead of having to) .*"
)
USED_TO = re.compile(
    r"\b(?:used to|before (?:this (?:app|tool)|this i|i (?:had|found|used|got) (?:this|it|the app|you))|back when"
    r"|in the old days|formerly|years ago|in the past)\b.*"
)
GOOD_BEFORE = re.compile(
    r"\bused to (?:(?:just|simply|always|actually) )?(?:work|load|open|save|show|see|find|get|let|allow|export|print"
    r"|sync"
    r"|play|be (?:able|possible|fast(?:er)?|quick(?:er)?|instant|easy|easier|good|great|better|fine|nice|reliable"
    r"|smooth"
    r"|simple|free|there|here|included|cheap(?:er)?|shown|visible|a (?:great|good|nice)))\b"
)
HAPPY = re.compile(
    r"(?<!not )(?<!not a )(?<!not so )(?<!not very )(?<!not that )(?<!not really )(?<!no )(?<!be )(?<!never )(?<!any )"
    r"(?<!would )\b(?:love|loving|loved|amazing|awesome|perfect|excellent|fantastic|brilliant|wonderful|great|superb"
    r"|best"
    r"|delighted|impressed|happy|fun|pleased|genius|enjoy(?:ing|ed)?|recommend(?:ed)?|so much (?:better|easier|faster)"
    r"|rock solid|life ?changing|blown away|lovely|obsessed|life-?savers?"
    r"|sav(?:es|ed|ing) (?:me|us|my (?:life|day|time)|so much|a lot|lots|hours|time|tons))\b"
)
