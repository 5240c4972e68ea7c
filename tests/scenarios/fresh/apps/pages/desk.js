// A freight forwarder's desk: one page that is rendered from one state, as React would.
const state = { path: "/invoices", sort: ["no", 1], filter: "", shown: 8, lines: 1, step: 1, vat: "", note: "", at: 0, playing: false, muted: false, captions: false, cards: { todo: ["Hamburg", "Porto", "Gdansk"], done: ["Oslo"] }, picked: -1, report: "", paid: "", saved: false, chips: "" };
const INVOICES = Array.from({ length: 60 }, (_, n) => ({ no: 7000 + n, client: ["Acme", "Borealis", "Cargo Sul", "Dachser", "Eimskip"][n % 5], amount: 120 + ((n * 37) % 900) }));
const server = new URLSearchParams(location.search).get("server");
const $ = (id) => document.getElementById(id);

function set(changes) {
  Object.assign(state, changes);
  render();
}

function go(path) {
  history.pushState({}, "", path);
  set({ path });
}

function rows() {
  const [key, way] = state.sort;
  return INVOICES.filter((one) => one.client.toLowerCase().includes(state.filter)).sort((a, b) => (a[key] > b[key] ? way : -way)).slice(0, state.shown);
}

const views = {
  invoices: () => `<h1>Invoices</h1><input id="filter" placeholder="Filter by client" value="${state.filter}"><table><thead><tr><th id="by-no">No.</th><th id="by-client">Client</th><th id="by-amount">Amount</th></tr></thead><tbody>${rows().map((one) => `<tr><td><a href="/invoices/${one.no}" id="invoice-${one.no}">${one.no}</a></td><td>${one.client}</td><td>${one.amount}</td></tr>`).join("")}</tbody></table>${state.shown < 60 ? '<button id="more">Show more</button>' : ""}`,
  invoice: (no) => `<h1>Invoice ${no}</h1><p>Please pay to <code id="iban">PT50 0002 0123 1234 5678 9015 4</code> <button id="copy-iban" aria-label="Copy IBAN">⧉</button></p><p id="paid">${state.paid}</p><button id="pay">Pay by card</button>`,
  expenses: () => (state.step === 1 ? `<h1>Expenses: trip</h1><form id="trip"><label>Where to? <input id="place" name="place"></label><button id="continue">Continue</button></form>`
    : state.step === 2 ? `<h1>Expenses: receipt</h1><form id="receipt" novalidate><label>Amount <input id="amount" name="amount"></label><label>VAT number of the hotel <input id="vat" name="vat"></label><button id="continue">Continue</button></form>`
    : `<h1>Expenses: sent</h1><p>You get it with your next salary.</p>`),
  quote: () => `<h1>Ask for a quote</h1><form id="quote"><label>From <input id="from" name="from" value="${state.from ?? ""}"></label><label>Loading metres <input id="metres" name="metres"></label><button id="ask">Ask</button></form><p>What are <a href="/help/metres" id="to-metres">loading metres</a>?</p>`,
  asked: () => `<h1>We will call you back</h1>`,
  help: (what) => (what === "metres" ? `<h1>Loading metres</h1><p>A pallet is 0.4 of them.</p><a href="/quote" id="to-quote">Back to your quote</a>`
    : `<h1>Help</h1><p>Call 100, day and night.</p>`),
  board: () => `<h1>Loads</h1>${Object.entries(state.cards).map(([lane, cards]) => `<section class="lane" id="lane-${lane}"><h2>${lane}</h2>${cards.map((card) => `<div class="card" id="card-${card}">${card}</div>`).join("")}</section>`).join("")}`,
  training: () => `<h1>Lashing a load</h1><div id="screen">${state.captions ? "<i>pull the strap</i>" : ""}</div><output id="clock">${state.at} s</output><div><button id="play">${state.playing ? "Pause" : "Play"}</button><button id="back-10">−10 s</button><button id="ahead-10">+10 s</button><button id="mute">${state.muted ? "Unmute" : "Mute"}</button><button id="captions">CC</button></div>`,
  report: () => `<h1>Yearly report</h1><button id="generate">Generate report</button><p id="ready">${state.report}</p>`,
  team: () => `<h1>Team</h1><label>Name <input id="team-name" name="team-name" value="Night shift"></label><p id="saved">${state.saved ? "Saved" : ""}</p><button id="save">Save changes</button><div id="assistant"></div>`,
  timesheet: () => `<h1>Timesheet</h1><ol>${Array.from({ length: state.lines }, (_, n) => `<li>Line ${n + 1}</li>`).join("")}</ol><button id="add-line">Add line</button><ul id="drivers">${["Ana", "Bo", "Cleo", "Dov", "Eva"].map((name, n) => `<li class="${state.picked === n ? "chosen" : ""}">${name}</li>`).join("")}</ul>`,
  tariffs: () => `<h1>Tariffs</h1><div id="chips">${["road", "rail", "sea", "air"].map((name) => `<button id="chip-${name}" class="${state.chips === name ? "chosen" : ""}">${name}</button>`).join("")}</div><p id="found">${state.chips ? `${state.chips}: 1,204 tariffs` : ""}</p>`,
};

function render() {
  const [, first, second] = state.path.split("/");
  const view = first === "invoices" && second ? views.invoice : (views[first] ?? views.invoices);
  const focused = document.activeElement?.id;
  $("root").innerHTML = `<aside>${["invoices", "expenses", "quote", "board", "training", "report", "team", "timesheet", "tariffs", "help"].map((name) => `<a href="/${name}" id="nav-${name}">${name}</a>`).join("")}</aside><main>${view(second)}</main>`;
  if (focused && $(focused)) $(focused).focus();
}

// All tariffs are weighed anew in the page itself, on its one thread.
function weigh(mode) {
  const until = performance.now() + 950;
  let sum = 0;
  while (performance.now() < until) sum += Math.sqrt(sum + mode.length);
  return sum;
}

let timer;
const clicked = {
  more: () => set({ shown: state.shown + 8 }),
  "copy-iban": () => window.bridge?.copy($("iban").textContent),
  pay: async () => {
    const answer = await fetch(`http://127.0.0.1:${server}/checkout/${state.path.split("/")[2]}`, { method: "POST", headers: { "X-User": localStorage.visitor } });
    $("paid").textContent = answer.ok ? "Thank you" : "Something went wrong. Please try again.";
  },
  play: () => { clearInterval(timer); if (!state.playing) timer = setInterval(() => { state.at += 1; $("clock") && ($("clock").textContent = `${state.at} s`); }, 1000); set({ playing: !state.playing }); },
  "ahead-10": () => set({ at: state.at + 10 }),
  "back-10": () => set({ at: Math.max(0, state.at - 10) }),
  mute: () => set({ muted: !state.muted }),
  captions: () => set({ captions: !state.captions }),
  generate: () => { if (!timer) timer = setTimeout(() => { timer = 0; set({ report: "report-2026.pdf" }); }, 8000); },
  save: () => set({ saved: true }),
  "add-line": () => set({ lines: state.lines + 1 }),
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='/']");
  if (link) { event.preventDefault(); go(link.getAttribute("href")); return; }
  const id = event.target.closest("[id]")?.id ?? "";
  if (id.startsWith("by-")) { const key = id.slice(3); set({ sort: [key, state.sort[0] === key ? -state.sort[1] : 1] }); return; }
  if (id.startsWith("chip-")) { weigh(id); set({ chips: id.slice(5) }); return; }
  clicked[id]?.();
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.id === "trip") set({ step: 2 });
  // A number with blanks in it is not taken, and nobody is told so.
  if (form.id === "receipt" && /^[A-Z]{2}\d{9}$/.test($("vat").value)) set({ step: 3 });
  if (form.id === "quote" && form.metres.value) go("/asked");
});

document.addEventListener("input", (event) => {
  if (event.target.id === "filter") { state.filter = event.target.value.toLowerCase(); const at = event.target.selectionStart; render(); $("filter").setSelectionRange(at, at); }
  if (event.target.id === "from") state.from = event.target.value;
});

document.addEventListener("keydown", (event) => {
  if (state.path !== "/timesheet" || !event.key.startsWith("Arrow")) return;
  set({ picked: Math.min(4, Math.max(0, state.picked + (event.key === "ArrowDown" ? 1 : -1))) });
});

// Cards are dragged with a pointer, and put down in a lane.
let held = "";
document.addEventListener("pointerdown", (event) => { held = event.target.closest(".card")?.textContent ?? ""; });
document.addEventListener("pointerup", (event) => {
  const lane = document.elementFromPoint(event.clientX, event.clientY)?.closest(".lane")?.id.slice(5);
  if (held && lane) {
    const cards = Object.fromEntries(Object.entries(state.cards).map(([name, some]) => [name, some.filter((card) => card !== held)]));
    cards[lane].push(held);
    set({ cards });
  }
  held = "";
});

window.addEventListener("popstate", () => set({ path: location.pathname }));
const start = new URLSearchParams(location.search).get("at") ?? "/invoices";
history.replaceState({}, "", start);
set({ path: start });
