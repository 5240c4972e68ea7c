"""Numbered errors from sentry-sdk, at an even pace: ADDRESS KEY COUNT PACE; says how long its own end took."""

import sys
import time

import sentry_sdk

address, key, count, pace = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
sentry_sdk.init(
    dsn=address.replace("://", f"://{key}@") + "/1", default_integrations=False, auto_session_tracking=False
)
for number in range(count):
    sentry_sdk.capture_message(f"number {number}", level="error")
    time.sleep(pace)
begun = time.monotonic()
sentry_sdk.get_client().close()
sys.stdout.write(f"{time.monotonic() - begun:.1f}\n")
