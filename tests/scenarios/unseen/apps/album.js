// A photographer's album under @sentry/browser with tracing: thumbnails as they come, and the titles in one request.
import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: window.DSN, release: "album@5", environment: "production", tracesSampleRate: 1,
  integrations: [Sentry.browserTracingIntegration({ idleTimeout: 1200, finalTimeout: 15000 })],
});
window.flushed = () => Sentry.flush(2000);

setTimeout(async () => {
  const titles = await (await fetch("titles.json")).json();
  document.getElementById("wall").append(...titles.map(({ photo, title }) => {
    const image = new Image(150, 150);
    image.src = `thumb-${photo}.svg`;
    image.alt = title;
    return image;
  }));
}, 30);
