"""A batch job under OpenTelemetry that works through a table for a while, as it should."""

import os
import time

from sqlalchemy import text
from telemetry import engine, flush_otel, otel

tracer = otel()
database = engine(os.environ["SCRATCH"] + "/nightly.db")
with tracer.start_as_current_span("nightly settlement"):
    with database.begin() as db:
        db.execute(text("create table if not exists settled (day text, total integer)"))
    for day in range(2):
        with tracer.start_as_current_span("settle a day"):
            time.sleep(2.2)
            with database.begin() as db:
                db.execute(text("insert into settled select :day, count(*) from settled"), {"day": day})
flush_otel()
