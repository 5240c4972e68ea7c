"""What a salon does beside its web site: reminders that a queue's consumer sends, and a list that is synced."""

import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from opentelemetry.trace import SpanKind
from sqlalchemy import text
from telemetry import engine, flush_otel, otel

tracer = otel()


class Others(BaseHTTPRequestHandler):
    """A text message's carrier, and a newsletter's list, whose pages each name the next one."""

    def do_GET(self):
        time.sleep(0.16)
        page = int(self.path.rpartition("=")[2] or 0) if "cursor" in self.path else 0
        self._say(b'{"next": %d}' % (page + 1 if page < 13 else 0))

    def do_POST(self):
        time.sleep(0.05)
        self._say(b"{}")

    def _say(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


others = ThreadingHTTPServer(("127.0.0.1", 0), Others)
threading.Thread(target=others.serve_forever, daemon=True).start()
OUTSIDE = f"http://127.0.0.1:{others.server_port}"
ABOUT = {
    "messaging.system": "rabbitmq", "messaging.destination.name": "reminders", "messaging.operation.type": "process",
}  # fmt: skip


def remind():
    for _ in range(3):
        with tracer.start_as_current_span("process reminders", kind=SpanKind.CONSUMER, attributes=ABOUT):
            requests.post(f"{OUTSIDE}/messages", json={"text": "See you tomorrow"}, timeout=5).raise_for_status()
        time.sleep(0.02)


def sync():
    database = engine(os.environ["SCRATCH"] + "/sync.db")
    with database.begin() as db:
        db.execute(text("create table if not exists subscribers (mail text primary key, page integer)"))
    with tracer.start_as_current_span("sync subscribers"):
        cursor = 0
        while True:
            page = requests.get(f"{OUTSIDE}/lists/7/members?cursor={cursor}", timeout=5).json()
            rows = [{"mail": f"{cursor}-{number}@example.org", "page": cursor} for number in range(100)]
            with database.begin() as db:
                db.execute(text("insert or replace into subscribers values (:mail, :page)"), rows)
            cursor = page["next"]
            if not cursor:
                break


{"remind": remind, "sync": sync}[sys.argv[1]]()
flush_otel()
