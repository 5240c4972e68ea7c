// A basket in the browser, bundled and minified anew for each release.
import * as Sentry from "@sentry/browser";

Sentry.init({ dsn: window.DSN, release: window.RELEASE, environment: "production", tracesSampleRate: 0 });

function priceOf(item) {
  return item.price.amount * item.count;
}

function sum(items) {
  return items.map((item) => priceOf(item)).reduce((a, b) => a + b, 0);
}

window.checkout = (items) => setTimeout(() => sum(items), 0);
window.flushed = () => Sentry.flush(2000);
EXTRA;
