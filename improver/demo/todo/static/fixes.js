// Tells visitors that what failed for them has been fixed; each message until they close it.
const toasts = document.getElementById("toasts");

function closed() {
  return JSON.parse(localStorage.getItem("closed-fixes") || "[]");
}

function show(fix) {
  const toast = document.createElement("div");
  const words = document.createElement("p");
  const close = document.createElement("button");
  toast.className = "toast";
  words.textContent = fix.message;
  close.textContent = "Close";
  close.addEventListener("click", () => {
    localStorage.setItem("closed-fixes", JSON.stringify([...closed(), fix.id]));
    toast.remove();
  });
  toast.append(words, close);
  toasts.append(toast);
}

async function ask() {
  const url = new URL(toasts.dataset.fixes);
  url.searchParams.set("user", toasts.dataset.user);
  const answer = await fetch(url);
  if (!answer.ok) return;
  const fixes = await answer.json();
  fixes.filter((fix) => !closed().includes(fix.id)).forEach(show);
}

// The list must work as well when nobody answers.
if (toasts.dataset.fixes) ask().catch(() => {});
