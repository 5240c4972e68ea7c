"""A worker that logs what it does, and what went wrong under another level than one would look for."""

import logging
import sys

logging.basicConfig(
    filename=sys.argv[2], level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
)
log = logging.getLogger("worker")


def save(number):
    raise OSError(28, "No space left on device")


def hidden():
    for number in range(40):
        log.info("picked up order %d of customer %s", 1000 + number, f"c{number % 7}")
        if number % 4 == 1:
            try:
                save(number)
            except OSError as error:
                log.info("could not save order %d: %s", 1000 + number, error)
        else:
            log.info("order %d saved in %d ms", 1000 + number, 12 + number % 5)


def parallel():
    for number in range(9):
        try:
            save(number)
        except OSError:
            log.exception("saving order %d for %s failed", number * 311, f"ann{number}@example.org")
        log.info("heartbeat %d", number)


def harmless():
    for number in range(30):
        log.info("import finished: %d rows, 0 errors, 0 failed", 200 + number)
        log.info("rendered error_page.html for the preview of theme %d", number % 3)
        log.warning("upstream answered late, retry 1 of 3")
        log.info("retry succeeded after %d ms", 80 + number)
        log.info("no exceptions were found in the audit of day %d", number)


{"hidden": hidden, "parallel": parallel, "harmless": harmless}[sys.argv[1]]()
