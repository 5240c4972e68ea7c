// A planner of meals in one page: its router pushes states, nothing is loaded anew.
const RECIPES = { 1: "Tomato soup", 2: "Zucchini soup", 3: "Lentil curry", 4: "Apple pie", 5: "Tomato salad", 6: "Rye bread" };
const app = document.getElementById("app");

function scaled(recipe, servings) {
  return recipe.ingredients.map((one) => one.amount * servings);
}

const views = {
  recipes: () => `<h1>Recipes</h1><input id="q" type="search" placeholder="What would you like?"><p id="hits"></p><ul id="list">${Object.entries(RECIPES).map(([id, name]) => `<li><button class="recipe" id="recipe-${id}" data-go="/recipes/${id}">${name}</button></li>`).join("")}</ul>`,
  recipe: (id) => `<h1>${RECIPES[id]}</h1><p>Chop, cook, season.</p>
    <button id="print" aria-label="Print recipe"><svg viewBox="0 0 24 24"><rect width="24" height="24"></rect></svg></button>
    <button id="scale">For six people</button> <button id="favourite" aria-pressed="false" role="switch">Favourite</button>
    <div id="stars">${[1, 2, 3, 4, 5].map((n) => `<button id="star-${n}">☆</button>`).join("")}</div>`,
  days: () => `<h1>Which days?</h1><label><input type="checkbox" id="monday"> Monday</label><button id="next" data-go="/plan/meals">Choose meals</button>`,
  meals: () => `<h1>Which meals?</h1><label><input type="checkbox" id="soup"> Soup</label><button id="next" data-go="/plan/list">Make the shopping list</button>`,
  list: () => `<h1>Your shopping list</h1><p>6 tomatoes</p><button id="finish" data-go="/plan/done">Send to my phone</button>`,
  done: () => `<h1>It is on its way</h1>`,
  register: () => `<h1>Register</h1><form id="register" novalidate><label>Name <input id="full-name" name="full-name"></label><label>E-mail <input id="mail" name="mail"></label>
    <label>Diet <select id="diet" name="diet"><option>any<option>vegan</select></label><label>Health insurance number <input id="insurance" name="insurance"></label><p id="problem" role="alert"></p><button id="send">Create my account</button></form>`,
  welcome: () => `<h1>Welcome</h1>`,
  imprint: () => `<h1>Imprint</h1><p>Planner Ltd, Quay 1</p>`,
  unlock: () => `<h1>Your PIN</h1><output id="shown">····</output><div>${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `<button class="key" id="key-${n}">${n}</button>`).join("")}</div>`,
};

function show() {
  const [, first, second] = location.pathname.split("/");
  const name = { plan: second, recipes: second ? "recipe" : "recipes" }[first] ?? first;
  app.innerHTML = (views[name] ?? views.recipes)(second);
}

function go(path) {
  history.pushState({}, "", path);
  show();
}

function searched() {
  const words = document.getElementById("q").value.toLowerCase().split(" ");
  const hits = Object.entries(RECIPES).filter(([, name]) => words.every((word) => name.toLowerCase().includes(word)));
  document.getElementById("hits").textContent = `${hits.length} recipes`;
  document.getElementById("list").innerHTML = hits.map(([id, name]) => `<li><button class="recipe" id="recipe-${id}" data-go="/recipes/${id}">${name}</button></li>`).join("");
  posthog.capture("recipes searched", { query: words.join(" "), result_count: hits.length });
}

document.addEventListener("input", (event) => { if (event.target.id === "q") searched(); });
document.addEventListener("submit", (event) => {
  event.preventDefault();
  const mail = document.getElementById("mail").value;
  if (mail.includes("@")) go("/welcome");
  else document.getElementById("problem").textContent = "An e-mail address has an @ in it";
});
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-go], button");
  if (!target) return;
  if (target.dataset.go) {
    event.preventDefault();
    go(target.dataset.go);
  } else if (target.id === "scale") {
    app.append(scaled({ name: RECIPES[1] }, 6).join(", "));
  } else if (target.id === "favourite") {
    target.setAttribute("aria-pressed", String(target.getAttribute("aria-pressed") !== "true"));
    target.textContent = target.getAttribute("aria-pressed") === "true" ? "★ Favourite" : "Favourite";
  } else if (target.id.startsWith("star-")) {
    [...target.parentElement.children].forEach((star, n) => { star.textContent = n < Number(target.id.slice(5)) ? "★" : "☆"; });
  } else if (target.className === "key") {
    const shown = document.getElementById("shown");
    shown.textContent = shown.textContent.replace("·", target.textContent);
  }
});
window.addEventListener("popstate", show);
history.replaceState({}, "", new URLSearchParams(location.search).get("at") ?? "/recipes");
show();
