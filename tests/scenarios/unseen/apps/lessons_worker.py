"""The school's worker: it makes exports and sends them by mail, and says so in its log."""

import logging
import random
import sys

FORMAT = "%(asctime)s %(levelname)-7s [%(name)s] %(message)s"
logging.basicConfig(filename=sys.argv[2], level=logging.INFO, format=FORMAT)
log = logging.getLogger("school.exports")
dice = random.Random(sys.argv[1])
FORMATS = {"csv": ",", "tsv": "\t"}


def build_export(rows, kind):
    return "\n".join(FORMATS[kind].join(row) for row in rows)


def work(kinds):
    log.info("worker is ready, 4 slots")
    for number, kind in enumerate(kinds):
        job = 7100 + number
        log.info("export %d was taken from the queue after %d ms", job, dice.randrange(4, 40))
        try:
            built = build_export([("Ann", "violin"), ("Bo", "piano")] * 20, kind)
        except KeyError:
            log.exception("export %d could not be made", job)
            continue
        log.info("export %d has %d bytes and was mailed", job, len(built))
        if number % 9 == 4:
            log.warning("mail server was slow: 421 try again later, trying again in 2 s")
            log.info("mail of export %d was accepted, second try", job)
    log.info("queue is empty, 0 failed jobs wait")


if sys.argv[1] == "excel":
    # Since the page offers Excel.
    work(["csv", "csv", "xlsx", "tsv"] * 6)
else:
    work(["csv", "csv", "tsv"] * 8)
