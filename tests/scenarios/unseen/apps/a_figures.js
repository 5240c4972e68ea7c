// A shop owner's figures in a browser, under @sentry/browser.
import * as Sentry from "@sentry/browser";

Sentry.init({ dsn: window.DSN, release: window.RELEASE, environment: "production" });
Sentry.setUser({ id: localStorage.getItem("visitor") ?? "" });
const account = new URLSearchParams(location.search).get("account");

function peakOf(figures) {
  return Math.max(...figures.days.map((day) => day.sold));
}

function draw(figures) {
  const peak = peakOf(figures);
  document.getElementById("chart").innerHTML = figures.days
    .map((day) => `<i style="height:${Math.round((80 * day.sold) / peak)}px" title="${day.date}: ${day.sold}"></i>`).join("");
  document.getElementById("peak").textContent = `${peak} on the best day`;
}

async function load() {
  const figures = await (await fetch(`figures-${account}.json`)).json();
  document.getElementById("name").textContent = figures.name;
  draw(figures);
  return figures;
}

document.getElementById("redraw").addEventListener("click", async () => { draw(await (await fetch(`figures-${account}.json`)).json()); });
load().finally(() => { window.drawn = true; });
window.flushed = () => Sentry.flush(2000);
