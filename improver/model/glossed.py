"""String enums whose every value carries a one-line gloss, shown in help, docs and pages."""

from enum import StrEnum


class Glossed(StrEnum):
    gloss: str

    def __new__(cls, value: str, gloss: str = "") -> "Glossed":
        member = str.__new__(cls, value)
        member._value_ = value
        member.gloss = gloss
        return member
