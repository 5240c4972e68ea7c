// The front of the shop, under @sentry/browser with tracing.
import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: window.DSN, release: window.RELEASE || "front@1", environment: "production", tracesSampleRate: 1,
  integrations: [Sentry.browserTracingIntegration({ idleTimeout: 1500, finalTimeout: 15000 })],
});

window.flushed = () => Sentry.flush(2000);
