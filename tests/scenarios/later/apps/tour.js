// A driver's tour in the browser, under @sentry/browser, whose traces go on in the fleet's server.
import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: window.DSN, release: window.RELEASE, environment: "production", tracesSampleRate: 1,
  tracePropagationTargets: [/127\.0\.0\.1/],
  integrations: [Sentry.browserTracingIntegration({ idleTimeout: 1500, finalTimeout: 15000 })],
});

async function loadTour(number) {
  const answer = await fetch(`http://127.0.0.1:${new URLSearchParams(location.search).get("server")}/tours/${number}`);
  if (!answer.ok) throw new Error(`the tour could not be loaded: ${answer.status}`);
  return answer.json();
}

loadTour(7).then((tour) => document.getElementById("stops").append(tour.stops));
window.flushed = () => Sentry.flush(2000);
