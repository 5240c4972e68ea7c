// Head of every page of a gym's site: its style and its menu.
document.write(`<style>
  body { font: 15px/1.5 system-ui; margin: 0 } nav { background: #132; padding: 4px 16px } nav a { color: #fff; display: inline-block; padding: 12px 14px }
  main { padding: 12px 28px; max-width: 860px } button, .button { min-width: 120px; min-height: 42px; margin: 6px 6px 6px 0 } label { display: block; margin: 10px 0 }
  button[aria-disabled="true"] { opacity: .8 } .text { height: 1100px } #pad { position: relative; width: 640px; height: 220px; border: 1px solid #888 }
  #pad canvas { position: absolute; inset: 0 } #pad i { position: absolute; pointer-events: none } td { padding: 8px 14px }
</style><nav>${["home", "classes", "prices", "join", "contact", "account"].map((name) => `<a href="gym-${name}.html" id="nav-${name}">${name}</a>`).join("")}</nav>`);
const $ = (id) => document.getElementById(id);
