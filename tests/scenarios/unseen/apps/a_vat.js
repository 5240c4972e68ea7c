// A sign-up for companies, which asks a public service about VAT numbers: Express under @sentry/node.
const Sentry = require("@sentry/node");
Sentry.init({ dsn: process.env.SENTRY_DSN, release: process.env.RELEASE, environment: "production", tracesSampleRate: 1, ignoreTransactions: [/flush/] });
Sentry.setTag("service", process.env.OTEL_SERVICE_NAME);
const express = require("express");
const http = require("http");
const app = express();
app.use(express.json());
app.use((request, response, next) => { Sentry.setUser({ id: request.get("x-user") ?? "" }); next(); });

// The public service: on its maintenance day it says 200, and shows a page of its own instead.
const pages = [
  '<!DOCTYPE html><html><title>Maintenance</title><p>We are back at 6 pm. Reference 7f31</p></html>',
  '<html><head><title>Service unavailable</title></head><body>Bitte versuchen Sie es später.</body></html>',
];
let asked = 0;
const service = http.createServer((request, response) => {
  asked += 1;
  if (process.env.MAINTENANCE && asked > 4) return response.end(pages[asked % 2]);
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ valid: !request.url.endsWith("000"), name: "Nordwind GmbH" }));
}).listen(0, "127.0.0.1");

async function lookUp(number) {
  const answer = await fetch(`http://127.0.0.1:${service.address().port}/vat/${number}`);
  return await answer.json();
}

app.get("/status", (request, response) => response.send("ok"));
app.get("/plans", (request, response) => response.json(["starter", "team", "company"]));
app.get("/vat/:number", async (request, response) => {
  const found = await lookUp(request.params.number);
  if (!found.valid) return response.status(422).json({ error: "no company has this number" });
  response.json({ name: found.name });
});
app.post("/companies", async (request, response) => {
  if (!request.body.vat) return response.status(400).json({ error: "vat is missing" });
  const found = await lookUp(request.body.vat);
  response.status(201).json({ name: found.name });
});
app.get("/-/flush", async (request, response) => { await Sentry.flush(3000); response.end(); });
Sentry.setupExpressErrorHandler(app);
app.listen(Number(process.env.PORT), "127.0.0.1");
