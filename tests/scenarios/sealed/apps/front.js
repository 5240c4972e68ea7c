// The front of the clinic, under @sentry/browser with tracing.
import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: window.DSN, release: window.RELEASE || "front@1", environment: "production", tracesSampleRate: 1,
  integrations: [Sentry.browserTracingIntegration({ idleTimeout: 1500, finalTimeout: 15000 })],
});

function floorOf(room) {
  return room.number.slice(0, 1);
}

function nurseOf(room) {
  return room.number.slice(1);
}

window.showFloor = () => setTimeout(() => floorOf({}), 0);
window.showNurse = () => setTimeout(() => nurseOf({}), 0);
window.flushed = () => Sentry.flush(2000);
