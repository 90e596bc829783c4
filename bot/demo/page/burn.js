// The countdown under codes. Its end is the shop's own stored delete-at (the control room's stream tells it), not a guess of the page: it
// moves when the owner asks for more time, and it stays when the shop is killed.

import { make, clock } from "./dom.js";

const ends = new Map(); // "chat/message" -> {from, until}

// showings takes what the shop has on screens now.
export function showings(list) {
  for (const s of list) {
    const key = `${s.chat}/${s.message}`, until = Date.parse(s.until), known = ends.get(key);
    if (known?.until !== until) ends.set(key, { from: known ? known.from : clock.now(), until });
  }
  tick();
}

// burnMark is the place of the countdown in a message; it shows when there is one.
export function burnMark(say, chat, message) {
  const mark = make("div", { class: "burn", "data-burn": `${chat}/${message}`, role: "timer", hidden: true },
    make("span", { class: "flame", "aria-hidden": "true" }, "🔥"), make("span", { class: "left" }), make("progress", { max: 1, value: 1, "aria-hidden": "true" }));
  mark.say = say;
  draw(mark);
  return mark;
}

function draw(mark) {
  const end = ends.get(mark.dataset.burn);
  mark.hidden = !end;
  if (!end) return;
  const left = Math.max(0, end.until - clock.now());
  const seconds = Math.round(left / 1000);
  const text = seconds ? mark.say("burn.left", { left: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` }) : mark.say("burn.now");
  if (mark.children[1].textContent !== text) mark.children[1].textContent = text;
  mark.children[2].value = Math.min(1, left / Math.max(1, end.until - end.from));
  mark.classList.toggle("hot", seconds <= 10);
  mark.closest("article")?.setAttribute("data-burns", "");
}

function tick() {
  for (const mark of document.querySelectorAll("[data-burn]")) draw(mark);
}

// startBurning draws every countdown four times a second.
export function startBurning() { setInterval(tick, 250); }
