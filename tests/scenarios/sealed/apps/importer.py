"""An importer that logs as JSON and in plain words, under levels that say little."""

import json
import logging
import sys
import time


class Json(logging.Formatter):
    def format(self, record):
        return json.dumps(
            {
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": record.getMessage(),
            }
        )


def hidden(log):
    for number in range(50):
        log.info("row %d read from file part-%d.csv", number * 13, number % 4)
        if number % 5 == 2:
            log.debug("connection to ledger-%d.internal:5432 refused, row %d dropped", number % 3, number * 13)


def two(log):
    for number in range(8):
        log.error("invoice %d rejected: tax id DE%d is not known", 70 + number, number * 99991)
        log.error("mail to visitor%d@example.org bounced after %d ms", number, 40 + number)


def harmless(log):
    for number in range(25):
        log.info("error rate 0.0 over the last %d minutes", number)
        log.info("client disconnected before the answer was complete (request %d)", number)
        log.info("GET /no-such-page-%d 404", number)
        log.debug("lock is held by another worker, waiting %d ms", 5 * number)
        log.info("user searched for 'fatal error in windows'")


handler = logging.FileHandler(sys.argv[2])
handler.setFormatter(Json())
logger = logging.getLogger("importer")
logger.setLevel(logging.DEBUG)
logger.addHandler(handler)
{"hidden": hidden, "two": two, "harmless": harmless}[sys.argv[1]](logger)
