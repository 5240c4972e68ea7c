"""Numbered events from posthog, at an even pace: ADDRESS KEY COUNT PACE; says how long its own end took."""

import sys
import time

from posthog import Posthog

address, key, count, pace = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
client = Posthog(key, host=address)
for number in range(count):
    client.capture(f"number {number}", distinct_id="u1")
    time.sleep(pace)
begun = time.monotonic()
client.shutdown()
sys.stdout.write(f"{time.monotonic() - begun:.1f}\n")
