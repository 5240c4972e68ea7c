"""A worker under sentry-sdk that dies of what it is given."""

import sys

from telemetry import sentry

sentry()


def parse(line):
    return int(line.split("=")[1])


def main(lines):
    return sum(parse(line) for line in lines)


main(sys.argv[1:])
