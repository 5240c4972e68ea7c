"""Asks a supplier how many of each product are left; requests and urllib3 try again where a connection breaks."""

import logging
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

logging.basicConfig(filename=sys.argv[2], level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("stock")


class Supplier(BaseHTTPRequestHandler):
    """Hangs up now and then, and is busy now and then: each is over at the next try."""

    seen = set()

    def do_GET(self):
        number = int(self.path.rpartition("/")[2])
        first = number not in self.seen
        self.seen.add(number)
        if first and number % 11 == 3:
            self.close_connection = True
            return
        self.send_response(503 if first and number % 11 == 7 else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"14")

    def log_message(self, *args):
        pass


def main():
    supplier = ThreadingHTTPServer(("127.0.0.1", 0), Supplier)
    threading.Thread(target=supplier.serve_forever, daemon=True).start()
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=0.05, status_forcelist=[503])))
    log.info("asking for 44 products")
    for number in range(44):
        answer = session.get(f"http://127.0.0.1:{supplier.server_port}/stock/{number}", timeout=5)
        answer.raise_for_status()
        log.info("product %s: %s left", number, answer.text)
    log.info("stock is up to date: 44 asked, 44 answered")
    supplier.shutdown()


main()
