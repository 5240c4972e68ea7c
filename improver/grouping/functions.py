"""What of a function's name stays the same between builds, clients and runs of one program."""

import re
from collections.abc import Callable
from functools import lru_cache

LIMIT = 2048

_NAMELESS = frozenset((
    "", "?", "??", "<anonymous>", "<unknown>", "<redacted>", "<null>", "anonymous", "(anonymous)", "[anonymous]",
    "{anonymous}", "unknown", "[anonymous function]", "anonymous function", "<anonymous function>", "eval", "eval code",
    "global code", "module code", "<unknown module>", "<unlabeled section>", "unknown function", "null", "undefined",
    "<eval>", "{closure}", "lambda", "<lambda>", "(unknown)", "<name omitted>",
    "stripped_application_code", "<stripped application code>", "<compiler-generated>",
))  # fmt: skip

_JS_ALIAS = re.compile(r" \[as [^\]]{0,200}\]$")
_JS_COPY = re.compile(r"(?:\$\d{1,6}|\$argument_\d{1,6}|/<|<|\$)+$")
_JS_MODULE = re.compile(r"^(?:Module\.)?\.{1,2}/.{0,1000}$|^Module\.\./.{0,1000}$|^\d{1,9}$")
_JVM_LAMBDA = re.compile(r"^lambda\$(.{1,200}?)\$\d{1,6}$|^(.{1,200}?)\$(?:lambda|suspendImpl)\$?-?\d{0,6}$")
_JVM_BUILD = re.compile(r"\$\d{1,6}|[-$]{1,2}(?:\$nest\$\w{0,40}|impl|redex\d{1,6})|\$default$|-[0-9A-Za-z_-]{7}$")
_GO_CLOSURE = re.compile(r"(?:\.(?:func|gowrap|deferwrap)?\d{1,6}|-fm|\.glob\.|-range\d{1,6})+$")
_RUBY_BLOCK = re.compile(r"^(?:(?:block|rescue|ensure)(?: \(\d{1,4} levels\))? in )+")
_PHP_CLOSURE = re.compile(r"^\{closure:(.{1,400}?)(?:\(\))?:\d{1,9}\}$")
_PHP_ANONYMOUS = re.compile(r"(?:class)?@anonymous.{0,1000}?(?=::|$)", re.DOTALL)
_RUST_HASH = re.compile(r"::h[0-9a-f]{16}$")
_RUST_BUILD = re.compile(
    r"(?:::\{\{?(?:closure|vtable\.shim)[^}]{0,20}\}?\}(?:\{\{vtable\.shim\}\})?)|\[[0-9a-f]{8,16}\]|(?<=\{impl)#\d{1,6}"
)
_DOTNET_STATE = re.compile(r"(?:<>c\w{0,40}\.)?<([^<>]{1,200})>(?:d__|b__|g__)[\w|]{0,200}")
_DOTNET_GENERIC = re.compile(r"`\d{1,3}|\[\[.{0,1000}\]\]")
_NATIVE_TAIL = re.compile(
    r"(?:\.(?:constprop|isra|part|cold|llvm|lto_priv|localalias|clone|omp_fn|resume|destroy)(?:\.\d{1,20})*"
    r"|@plt|@@?[A-Z][\w.]{0,40}|\+0x[0-9a-f]{1,16}(?:/0x[0-9a-f]{1,16})?|\$[0-9a-f]{32}(?:\.cfi)?|\.cfi"
    r"| ?\[clone [^\]]{0,100}\]| const| volatile| &&?| noexcept)+$"
)
_NATIVE_LAMBDA = re.compile(r"\$_\d{1,6}|'lambda\d{0,6}'|\{lambda#?\d{0,6}\}|<lambda_[0-9a-f]{32}>|#\d{1,6}(?=\})")
_ANONYMOUS_SPACE = re.compile(
    r"(?:\(anonymous(?: namespace| class)?\)|`anonymous[ -]namespace'|<anonymous-namespace>)::"
)
_BLOCK = re.compile(r"^_{1,3}(?:\d{1,4})?(?=[-+\[\w])(.{1,1000}?)_block_invoke(?:[_.]?\d{1,6}){0,3}$")
_SWIFT_CLOSURE = re.compile(r"^(?:(?:closure|implicit closure) #\d{1,6} |partial apply for |in )+(?:.{0,300}? in )?")
_ADDRESS = re.compile(r"0x[0-9a-f]{2,16}", re.IGNORECASE)
_OPERATOR = re.compile(r"operator ?(?:\(\)|<=>|<<=?|>>=?|->\*?|<=?|>=?)")


@lru_cache(maxsize=4096)
def trimmed(function: str, family: str) -> str:
    """The function's lasting name; nothing for one that has none."""
    name = function[:LIMIT].strip()
    if name.lower() in _NAMELESS:
        return ""
    name = _BY_FAMILY.get(family, _plain)(name)
    return "" if name.lower() in _NAMELESS else _ADDRESS.sub("0x", name)


def _plain(name: str) -> str:
    return _RUST_HASH.sub("", name)


def _python(name: str) -> str:
    """Without the class: only some clients tell it."""
    return name.rpartition("<locals>.")[2].rpartition(".")[2]


def _javascript(name: str) -> str:
    """V8 tells the receiver, others do not."""
    name = _JS_ALIAS.sub("", name.removeprefix("async ").removeprefix("new ").removeprefix("function "))
    if _JS_MODULE.match(name):
        return ""
    name = _JS_COPY.sub("", name) or name
    return re.split(r"[./#]", name)[-1].strip()


def _jvm(name: str) -> str:
    if name.startswith("invokeSuspend"):
        return "invokeSuspend"
    if found := _JVM_LAMBDA.match(name):
        name = found[1] or found[2]
    return _JVM_BUILD.sub("", name)


def _go(name: str) -> str:
    return _GO_CLOSURE.sub("", _without(name, "[", "]")).strip(".")


def _ruby(name: str) -> str:
    """Ruby 3.4 tells the class, older ones do not."""
    return re.split(r"[#.]", _RUBY_BLOCK.sub("", name))[-1]


def _php(name: str) -> str:
    if found := _PHP_CLOSURE.match(name):
        name = found[1]
    name = _PHP_ANONYMOUS.sub("class@anonymous", name.replace("->", "::")).removesuffix("()")
    return name.rpartition("\\")[2].removesuffix("{closure}").removesuffix("::")


def _rust(name: str) -> str:
    return _RUST_BUILD.sub("", _RUST_HASH.sub("", name))


def _dotnet(name: str) -> str:
    name = _DOTNET_STATE.sub(r"\1", name).removesuffix(".MoveNext")
    name = _DOTNET_GENERIC.sub("", name.partition("(")[0]).strip()
    return name.rpartition(".")[2] or name


def _native(name: str) -> str:
    """Without return type, arguments, template arguments, unnamed namespaces and what only the compiler knows."""
    if found := _BLOCK.match(name):
        name = found[1]
    if name[:2] in ("-[", "+["):
        return name
    name = _SWIFT_CLOSURE.sub("", _NATIVE_LAMBDA.sub("lambda", _ANONYMOUS_SPACE.sub("", name)))
    operator = _OPERATOR.search(name)
    head, word, tail = (name[: operator.start()], operator[0], name[operator.end() :]) if operator else (name, "", "")
    word = word.replace(" ", "").replace("()", "\0")
    bare = _without(_without(head, "<", ">") + word + _without(tail, "<", ">"), "(", ")")
    bare = _NATIVE_TAIL.sub("", bare.strip()).replace("\0", "()").strip()
    # What stands before a blank is the return type, unless it belongs to an operator's name.
    bare = bare if "operator" in bare else bare.rpartition(" ")[2]
    return bare.rpartition("!")[2].lstrip("*&") or name


def _without(name: str, opening: str, closing: str) -> str:
    """The name without what stands between such brackets, however deep; one pass."""
    if opening not in name:
        return name
    kept: list[str] = []
    depth = 0
    for character in name:
        if character == opening:
            depth += 1
        elif character == closing and depth:
            depth -= 1
        elif not depth:
            kept.append(character)
    return "".join(kept)


_BY_FAMILY: dict[str, Callable[[str], str]] = {
    "python": _python,
    "javascript": _javascript,
    "jvm": _jvm,
    "go": _go,
    "ruby": _ruby,
    "php": _php,
    "rust": _rust,
    "dotnet": _dotnet,
    "native": _native,
}
