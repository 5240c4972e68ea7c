"""How other languages than Python write tests, skips and assertions: rules for one line each, kept careful."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

NEVER = re.compile(r"(?!)")
STRING = r"""(?P<quote>['"`])(?P<name>(?:\\.|(?!(?P=quote)).)*)(?P=quote)"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """`test` finds a test's name; the others, that a line skips, asserts, is always true, or reaches too far."""

    test: re.Pattern[str]
    skip: re.Pattern[str]
    only: re.Pattern[str] = NEVER
    asserts: re.Pattern[str]
    weak: re.Pattern[str]
    reaches: re.Pattern[str]
    reads: re.Pattern[str] = NEVER
    asks: re.Pattern[str] = NEVER
    comment: tuple[str, ...] = ("//", "/*", "*")


JAVASCRIPT = Rules(
    test=re.compile(rf"\b(?:it|test|describe|suite|specify|context)(?:\.(?!skip\b)\w+)*\(\s*{STRING}"),
    skip=re.compile(
        r"\b(?:it|test|describe|suite|specify|context)\.(?:skip|todo|fails|failing|fixme|skipIf|runIf)\b"
        r"|\bx(?:it|test|describe|specify)\s*\(|\bthis\.skip\(|\bt\.(?:skip|todo)\("
        r"|\b(?:it|test|describe|suite)\(.*\b(?:skip|todo)\s*:\s*(?:true|['\"`])"
    ),
    only=re.compile(r"\b(?:it|test|describe|suite|specify|context)\.only\b|\bf(?:it|describe)\s*\(|\bonly\s*:\s*true"),
    asserts=re.compile(r"\bexpect\s*\(|\bassert\b|\.should\b|\bt\.(?:is|deepEqual|ok|equal|throws|true|false|like)\("),
    weak=re.compile(
        r"\.(?:toBeDefined|toBeTruthy|toBeFalsy|toBeNull|toBeUndefined|toHaveProperty|toContain|toMatch|toBeInstanceOf)\("
        r"|\.not\.|expect\.anything|\bassert(?:\.ok)?\((?:true|1|!0)\b|expect\((?:true|1)\)|notEqual|notStrictEqual"
        r"|toBeCloseTo|toBeGreaterThan|toBeLessThan|\bassert(?:\.ok)?\("
    ),
    reaches=re.compile(
        r"\bprocess\.(?:exit|reallyExit|abort|kill|exitCode|binding|on\(['\"]exit)|\brequire\.cache\b|\bmodule\.constructor"
        r"|\beval\(|\bnew Function\(|\bJEST_WORKER_ID\b|\bnode:(?:vm|inspector|test/reporters)\b|/proc/self|IMPROVER_"
        r"|\bglobalThis\.(?:expect|it|test|describe)\s*="
    ),
    reads=re.compile(r"\breadFile(?:Sync)?\([^)]*\.[cm]?[jt]sx?['\"`]"),
    asks=re.compile(r"JEST_WORKER_ID|\bVITEST\b|NODE_ENV\s*={2,3}\s*['\"]test|NODE_TEST_CONTEXT|IMPROVER_"),
)
GO = Rules(
    test=re.compile(r"^func\s+(?P<name>(?:Test|Fuzz|Example|Benchmark)\w*)\s*\("),
    skip=re.compile(r"\b[tbf]\.Skip(?:f|Now)?\(|^//go:build\b"),
    asserts=re.compile(r"\b[tbf]\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|\b(?:assert|require)\.\w+\("),
    weak=re.compile(r"\.(?:NotNil|NotEmpty|True|Contains|NoError|NotEqual|InDelta|Greater|Less)\("),
    reaches=re.compile(r"\bos\.Exit\(|\bsyscall\.|\bunsafe\.|\bruntime\.(?:Goexit|Caller)|^func TestMain\b|/proc/self"),
    reads=re.compile(r"ReadFile\([^)]*\.go\"|\bgo/(?:ast|parser)\b"),
    asks=re.compile(r"\btesting\.Testing\(|flag\.Lookup\(\"test\.|\.test\"\)"),
    comment=("// ", "/*", "*"),  # without the blank it is a directive, which decides whether the file is built
)
RUBY = Rules(
    test=re.compile(
        rf"^\s*(?:it|specify|context|describe|test|should|scenario|example)[\s(]+{STRING}"
        r"|^\s*def\s+(?P<method>test_\w+)"
    ),
    skip=re.compile(
        r"^\s*(?:skip|pending)\b|^\s*x(?:it|describe|context|specify|example)\b|,\s*(?:skip|pending):|:skip\b|:pending\b"
    ),
    only=re.compile(r"^\s*f(?:it|describe|context)\b|,\s*(?::focus|focus:\s*true)"),
    asserts=re.compile(r"\bexpect\b|\bassert\w*|\brefute\w*|\.should\b|\bmust_\w+|\braises?\b"),
    weak=re.compile(r"be_truthy|be_present|not_to|\.to_not|be_a\b|include\(|assert\s+true|assert_not_nil|be_within|not_nil"),
    reaches=re.compile(r"^\s*(?:exit!?|abort)\b|\b(?:Kernel|Process)\.(?:exit|abort)|\bat_exit\b|ObjectSpace|\beval\b|Process\.kill|instance_eval|TracePoint"),
    reads=re.compile(r"File\.read\([^)]*\.rb['\"]|source_location"),
    asks=re.compile(r"defined\?\((?:RSpec|Minitest|Test)\b|\$PROGRAM_NAME.*(?:rspec|test)"),
    comment=("#",),
)
JAVA = Rules(
    test=re.compile(r"\bvoid\s+(?P<name>\w+)\s*\(|\bfun\s+`?(?P<method>[^`(]+)`?\s*\("),
    skip=re.compile(r"@(?:Disabled\w*|Ignore|EnabledIf\w*|EnabledOn\w*)\b|\bassum(?:e|ing)\w*\(|Assumptions\."),
    asserts=re.compile(r"\bassert\w*\b|\bverify\s*\(|\bfail\s*\(|@Test\s*\(\s*expected"),
    weak=re.compile(r"assertNotNull|assertTrue\(true|assertNotEquals|isNotNull|isInstanceOf|contains\(|assertThat\(true"),
    reaches=re.compile(r"System\.exit\(|Runtime\.getRuntime\(|setAccessible\(true|sun\.misc\.Unsafe|/proc/self"),
    asks=re.compile(r"Class\.forName\(\"org\.(?:junit|testng)|surefire\.|getStackTrace\(\).*(?:junit|test)"),
)
PHP = Rules(
    test=re.compile(r"\bfunction\s+(?P<name>test\w+)\s*\(|^\s*(?:it|test)\(\s*" + STRING.replace("name", "other")),
    skip=re.compile(r"markTest(?:Skipped|Incomplete)|#\[(?:Requires|DoesNotPerform)|->(?:skip|todo)\(|@requires\b"),
    only=re.compile(r"->only\(\)"),
    asserts=re.compile(r"\bassert\w*\(|->expect\w*\(|\bexpect\(|->fail\("),
    weak=re.compile(r"assertNotNull|assertTrue\(true|assertNotEmpty|assertIsArray|assertContains|assertNotEquals|toBeTruthy"),
    reaches=re.compile(r"\b(?:exit|die)\b\s*[(;]|register_shutdown_function|\beval\(|posix_kill|pcntl_|/proc/self"),
    reads=re.compile(r"(?:file_get_contents|fopen)\([^)]*\.php['\"]"),
    asks=re.compile(r"PHPUNIT_|class_exists\([^)]*PHPUnit"),
    comment=("//", "/*", "*", "# "),
)
RUST = Rules(
    test=re.compile(r"\bfn\s+(?P<name>\w+)\s*(?:<[^>]*>)?\("),
    skip=re.compile(r"#\[ignore\b|#\[should_panic\b|#!?\[cfg\("),
    asserts=re.compile(r"\b(?:debug_)?assert(?:_\w+)?!|\bpanic!|\bunreachable!|\.unwrap\(\)|\.expect\("),
    weak=re.compile(r"assert!\(true|\.is_ok\(\)|\.is_some\(\)|assert_ne!|\.contains\("),
    reaches=re.compile(r"process::(?:exit|abort)|\bunsafe\b|libc::|/proc/self"),
    reads=re.compile(r"include_str!\([^)]*\.rs\"|read_to_string\([^)]*\.rs\""),
    asks=re.compile(r"RUST_TEST_|cfg!\(test\)|#\[cfg\(not\(test\)\)\]"),
)
BY_SUFFIX = {
    **dict.fromkeys((".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts"), JAVASCRIPT),
    ".go": GO,
    ".rb": RUBY,
    **dict.fromkeys((".java", ".kt", ".scala", ".groovy", ".cs"), JAVA),
    ".php": PHP,
    ".rs": RUST,
}


def rules_for(path: str) -> Rules | None:
    return BY_SUFFIX.get(PurePosixPath(path).suffix.lower())
