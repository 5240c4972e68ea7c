"""When a membership is to be renewed: what the site and the nightly job of a sports club both ask."""

from datetime import date

JOINED = {
    1: date(2022, 3, 14), 2: date(2024, 2, 29), 3: date(2019, 11, 2), 4: date(2020, 2, 29), 5: date(2025, 8, 30),
    6: date(2023, 1, 31), 7: date(2024, 2, 29), 8: date(2021, 12, 24),
}  # fmt: skip


def next_renewal(joined, year):
    return joined.replace(year=year)
