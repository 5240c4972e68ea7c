"""What a tour costs."""


def toll_of(line):
    return line["amount"] * 1.19


def fuel_of(line):
    return line["amount"] + 4
