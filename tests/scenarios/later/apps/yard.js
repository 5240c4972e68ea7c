// The yard's scales in Express under @sentry/node.
const Sentry = require("@sentry/node");
Sentry.init({ dsn: process.env.SENTRY_DSN, release: process.env.RELEASE, environment: "production", tracesSampleRate: 1, ignoreTransactions: ["GET /-/flush"] });
const express = require("express");
const app = express();
app.use(express.json());

const WORDS = {
  en: (weight) => `a load of ${weight} kg is too heavy`,
  de: (weight) => `Eine Ladung von ${weight} kg ist zu schwer`,
  fr: (weight) => `un chargement de ${weight} kg est trop lourd`,
  fi: (weight) => `${weight} kilon kuorma on liian raskas`,
};

function axleLoad(weight, language) {
  if (weight > 0) throw new RangeError(WORDS[language](weight));
  return 0;
}

app.post("/scales/:language", (request, response) => response.json(axleLoad(request.body.weight, request.params.language)));

function declined(number) {
  return Promise.reject(`refund ${number} was declined by the bank`);
}
// It is refunded after the answer, and nobody looks whether it was.
app.post("/refunds/:number", (request, response) => {
  setTimeout(() => { declined(request.params.number); }, 5);
  response.json({ accepted: true });
});

app.get("/-/flush", async (request, response) => { await Sentry.flush(3000); response.end(); });
Sentry.setupExpressErrorHandler(app);
app.listen(Number(process.env.PORT), "127.0.0.1");
