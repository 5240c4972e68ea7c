"""Which frames are the user's own code, which are a library's, and which only carry an error about."""

import re

from improver.grouping.families import family
from improver.model import Frame

_LIBRARY_PATHS = (
    "/site-packages/", "/dist-packages/", "/node_modules/", "/lib/python2", "/lib/python3", "/vendor/", "/.venv/",
    "/venv/lib/", "/bower_components/", "/.cargo/", "/rustc/", "/rust/library/", "/pkg/mod/",
    "/usr/local/go/", "/gems/", "/usr/lib/", "/usr/local/lib/", "/usr/include/", "/usr/share/", "/.pyenv/",
    "/.rustup/", "/.gradle/", "/.m2/", "/.nuget/", "/libc++/", "/compiler-rt/", "/libstdc++", "/webpack/bootstrap",
    "/webpack/runtime/", "/~/", "/rbenv/versions/", "/ruby/versions/", "/System/Library/", "/Windows/System32/",
    "/Windows/SysWOW64/", "/apex/com.android",
)  # fmt: skip
_LIBRARY_STARTS = (
    "node:", "internal/", "<frozen", "<internal:", "native ", "node_modules/", "site-packages/", "vendor/",
    "(webpack)", "webpack/", "/lib/", "/lib64/", "/system/", "lib/python", "chrome-extension:", "moz-extension:",
    "safari-extension:", "safari-web-extension:", "/_sysroot/", "~/", "../deps/", "linux-gate", "linux-vdso",
)  # fmt: skip
# Browsers' clients call everything that a page loads the page's own.
_NEVER_OWN = ("/node_modules/", "/bower_components/", "/~/", "/webpack/bootstrap", "/webpack/runtime/")
_NEVER_OWN_STARTS = (
    "node:", "node_modules/", "~/", "(webpack)", "webpack/", "chrome-extension:", "moz-extension:", "safari-extension:",
    "safari-web-extension:",
)  # fmt: skip
# What a visitor's browser or its extensions put into a page.
BROWSERS = (
    "chrome-extension:", "moz-extension:", "safari-extension:", "safari-web-extension:", "ms-browser-extension:",
    "webkit-masked-url:", "user-script:", "chrome:", "resource:",
)  # fmt: skip
_LIBRARY_MODULES = {
    "jvm": (
        "java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.", "groovy.",
        "org.codehaus.groovy.", "clojure.", "org.springframework.", "org.apache.", "org.hibernate.",
        "org.eclipse.jetty.",
        "org.junit.", "io.netty.", "reactor.", "android.", "androidx.", "com.android.", "dalvik.", "libcore.",
        "com.google.android.", "okhttp3.", "retrofit2.", "io.reactivex.", "rx.", "com.fasterxml.", "ch.qos.logback.",
        "org.slf4j.", "io.undertow.", "akka.", "play.", "zio.", "cats.",
    ),
    "dotnet": ("System.", "Microsoft.", "Newtonsoft.", "MS."),
}  # fmt: skip
_LIBRARY_PACKAGES = {
    "rust": frozenset(("std", "core", "alloc", "backtrace", "tokio", "futures", "rayon_core", "hyper", "tower")),
    "go": frozenset((
        "archive", "bufio", "bytes", "compress", "container", "context", "crypto", "database", "encoding", "errors",
        "expvar", "flag", "fmt", "go", "hash", "html", "image", "internal", "io", "log", "math", "mime", "net", "os",
        "path", "plugin", "reflect", "regexp", "runtime", "sort", "strconv", "strings", "sync", "syscall", "testing",
        "text", "time", "unicode", "unsafe", "vendor",
    )),
}  # fmt: skip
_LIBRARY_NAMES = {
    "rust": re.compile(
        r"<?(?:.{0,200} as )?(?:std|core|alloc|backtrace|tokio(?:_\w{1,30})?|futures\w{0,20}|rayon_core|hyper|tower)::"
        r"|_{2,3}rust_|_?start$|_?_pthread"
    ),
    "native": re.compile(
        r"(?:std|__gnu_cxx|__cxxabiv1|abi|boost)::|_?_?libc_|__GI_|_start$|start_thread$|clone\d?$|BaseThreadInitThunk$"
        r"|RtlUserThreadStart$|_dispatch_|_pthread_|__CF[A-Z]|CFRun|UIApplicationMain$|GS[A-Z]\w{1,40}$"
    ),
}
# Frames that say how an error was raised, caught, wrapped or told: the same for every error there is.
_CARRIERS = {
    language: re.compile("|".join(patterns))
    for language, patterns in {
        "python": (r"sentry_sdk\b", r"opentelemetry\."),
        "javascript": (
            "sentryWrapped$", "__webpack_require__$", "__webpack_exec__$", "_callSuper$", "_construct$", "tryCatch$",
            "asyncGeneratorStep$", "__awaiter$", "__generator$",
        ),
        "jvm": (
            r"jdk\.internal\.reflect\.", r"sun\.reflect\.", r"java\.lang\.reflect\.",
            r"java\.lang\.invoke\.", r".{0,200}\$\$Lambda", r".{0,200}\$\$FastClassBy",
            r".{0,200}GeneratedMethodAccessor",
            r".{0,200}\$Proxy\d", r"org\.codehaus\.groovy\.runtime\.callsite\.", r"jdk\.proxy\d",
        ),
        "go": (r"(?:go)?[pP]anic\w{0,40}$", "sigpanic$", "Stack$", "PrintStack$", "goexit$", "throw$", "fatalthrow$"),
        "rust": (
            r"(?:std|core)::panicking::", "rust_begin_unwind$", "_?_rust_", "std::rt::", r"std::sys(?:_common)?::",
            "std::panic", "backtrace::", r"core::(?:option|result)::(?:expect|unwrap)_failed",
            "core::ops::function::Fn",
            "anyhow::error::", "sentry",
        ),
        "dotnet": (r"System\.Runtime\.(?:ExceptionServices|CompilerServices)\.", r".{0,100}ThrowHelper"),
        "php": (r"Sentry\\", "call_user_func"),
        "ruby": (r".{0,200}sentry-ruby",),
        "native": (
            # Sanitizers and fuzzers
            r"_{0,3}(?:a|m|t|ub|hwa|l|k)san(?:_|$)", "_?_sanitizer", "___?interceptor", "__interception", "fuzzer::",
            "LLVMFuzzer", "RunOneTest", r"KASAN", "check_memory_region",
            # Raising, failing and ending
            "__cxa_", "_CxxThrow", "__cxx_", "_{0,2}abort$", "_{0,2}(?:gsignal|raise|kill|tgkill)$", "__GI_",
            "_{0,2}pthread_kill", "__kernel_", "__restore_rt", "_{0,2}assert(?:_fail(?:_base)?|_rtn|_perror_fail|2)?$",
            "__stack_chk_fail", "__fortify", "__chk_fail", "_?objc_exception", r"-\[NSException", "_NSRaise",
            "__exceptionPreprocess", "std::terminate", "std::__terminate", "__terminate", "_purecall", "__builtin_",
            "__throw_", "std::__throw_", "g_assertion_message",
            "g_logv?$", "__wrap_", "HF_", "RtlDispatch", "KiUser", r"Rtl\w{0,8}Raise", "RaiseException",
            # Checks, logs and backtraces of the usual libraries
            r"(?:logging|base|google|absl\w{0,40}|absl::\w{0,20})::(?:\w{1,30}::)?"
            r"(?:\w{0,20}LogMessage|CheckError|NotReached|BreakDebugger|ImmediateCrash)",
            "base::debug::", "V8_Fatal", "v8::base::OS::Abort", "dump_stack", "dump_backtrace", "print_address",
            "show_stack",
            # Memory, strings and printing: they crash for what their callers did
            r"_{0,2}(?:lib[cx]_)?(?:m|c|re|v|pv|mem)alloc\w{0,16}$", "posix_memalign$", "aligned_alloc$",
            "_{0,2}c?free$",
            r"operator ?(?:new|delete)", r"_{0,2}mem(?:cpy|p?move|set|cmp|chr|mem|copy)(?:_\w{0,40})?$", "bcmp$",
            r"_IO_\w{1,40}",
            r"_{0,2}str(?:n?len|n?cpy|n?cmp|n?cat|r?chr|str|n?dup|n?casecmp|to\w{1,4})(?:_\w{0,20})?$", r"wcs\w{1,12}$",
            r"_{0,2}v?f?s?n?printf(?:_\w{1,12})?$", r"qsort\w{0,10}$",
            # Kernels
            "do_trap", "page_fault", "do_page_fault", "__do_page_fault", "handle_mm_fault", "unwind_backtrace",
            "__warn",
            "report_bug", "entry_SYSCALL", "ret_from_fork", "do_syscall", "asm_exc_",
        ),
    }.items()
}  # fmt: skip


def is_in_app(frame: Frame, platform: str = "") -> bool:
    """Whether the frame is the user's own code: mostly the client knows; else it is told by path and name."""
    path = (frame.abs_path or frame.filename)[:2048].replace("\\", "/")
    if frame.in_app is not None:
        return frame.in_app and not _is_in(path, _NEVER_OWN_STARTS, _NEVER_OWN)
    return not _is_in(path, _LIBRARY_STARTS, _LIBRARY_PATHS) and not _by_name(frame, path, family(frame, platform))


def is_browsers(frame: Frame) -> bool:
    return (frame.abs_path or frame.filename).startswith(BROWSERS)


def carries(function: str, module: str, path: str, kind: str) -> bool:
    """Whether the frame tells of no error in particular."""
    pattern = _CARRIERS.get(kind)
    if pattern is None:
        return False
    named = f"{module}.{function}" if module and kind in ("jvm", "dotnet", "python") else function
    return bool(pattern.match(named)) or (kind in ("ruby", "php") and bool(pattern.match(path)))


def _is_in(path: str, starts: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    return path.startswith(starts) or any(part in path for part in parts)


def _by_name(frame: Frame, path: str, kind: str) -> bool:
    if kind == "python" and path.startswith("<") and not path.startswith(("<string>", "<stdin>", "<ipython")):
        return True
    if kind in _LIBRARY_PACKAGES and re.split(r"/|::", frame.module, maxsplit=1)[0] in _LIBRARY_PACKAGES[kind]:
        return True
    known = _LIBRARY_NAMES.get(kind)
    return frame.module.startswith(_LIBRARY_MODULES.get(kind, "\0")) or bool(known and known.match(frame.function))
