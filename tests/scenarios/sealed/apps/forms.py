"""Forms of the clinic, with the mistakes that such code has."""


class FormError(Exception):
    pass


def compiled(name):
    """A rule's code is generated, and its file name is new in every process."""
    space = {}
    code = "def rule(record):\n    return limit(record['age'])\n"
    exec(compile(code, f"<generated {name} {id(space)}>", "exec"), {"limit": limit}, space)
    return space["rule"]


def limit(age):
    return age > 17


def fee(line):
    return line["fee"] * 2


def column(name):
    raise ValueError(f"unknown column '{name}' in '/srv/clinic/{name}/table.csv': expected one of \"{name}s\"")


def street():
    raise KeyError("street")


def insurer():
    raise ZeroDivisionError("division by zero")


def sent(part):
    try:
        return part()
    except (KeyError, ZeroDivisionError) as error:
        raise FormError("the form could not be sent") from error


def flaky(attempt):
    if attempt < 2:
        raise ConnectionError("reset by peer")
    return {"attempt": attempt}
