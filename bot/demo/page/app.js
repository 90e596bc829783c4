// The chat page: it draws what /client/events sends and posts what the person does. Nothing is kept here but what is needed to draw.
"use strict";

const $ = (id) => document.getElementById(id);
const FADE = 350;

let user = 0, chat = 0, stream = null, state = null;
let drawn = new Map();       // message id -> {json, node}
let waiting = new Map();     // callback query id -> button that waits for its answer
let opened = new Set();      // revealed spoilers, "chat/message/part"
let lastToast = -1, actionTimer = 0, picked = -1;

async function post(path, body) {
  try {
    const answer = await fetch("/client/" + path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    const result = await answer.json();
    if (!answer.ok) toast(result.error);
    return answer.ok ? result : null;
  } catch {
    toast("The demo does not answer");
    return null;
  }
}

// ---- choosing who and where

function open(newUser, newChat) {
  user = newUser;
  chat = newChat;
  sessionStorage.setItem("user", String(user));
  if (stream) stream.close();
  drawn = new Map();
  lastToast = -1;
  $("messages").replaceChildren();
  stream = new EventSource(`/client/events?user=${user}&chat=${chat}`);
  stream.addEventListener("state", (event) => draw(JSON.parse(event.data)));
  stream.onerror = () => { $("status").textContent = "waiting for the demo…"; };
}

function drawSwitches() {
  const personas = state.cast.map((p) => {
    const button = make("button", "", p.name + " ");
    button.append(make("small", "", p.role));
    button.setAttribute("aria-pressed", String(p.id === user));
    button.onclick = () => open(p.id, p.id);
    return button;
  });
  $("personas").replaceChildren(...personas);
  $("chats").hidden = state.chats.length < 2;
  $("chats").replaceChildren(...state.chats.map((c) => {
    const button = make("button", "", c.title);
    button.setAttribute("aria-pressed", String(c.id === chat));
    button.onclick = () => open(user, c.id);
    return button;
  }));
}

// ---- messages

function draw(next) {
  state = next;
  $("title").textContent = state.chat.title;
  clearTimeout(actionTimer);
  $("status").textContent = state.blocked ? "you have blocked this bot"
    : state.action ? state.action.replaceAll("_", " ") + "…" : `as ${state.user.first_name} · ${state.user.language_code || "?"}`;
  if (state.action) actionTimer = setTimeout(() => { $("status").textContent = ""; }, 5000);
  drawSwitches();
  const empty = state.chat.type === "private" && state.messages.length === 0;
  $("start").hidden = !empty;
  $("intro").hidden = !empty || !state.description;
  $("intro").textContent = state.description || "";
  const area = $("scroll");
  const atEnd = area.scrollHeight - area.scrollTop - area.clientHeight < 80;
  const added = drawMessages();
  settle();
  drawToasts();
  if (atEnd || added) area.scrollTop = area.scrollHeight;
}

function drawMessages() {
  const list = $("messages");
  const present = new Set(state.messages.map((m) => m.id));
  for (const [id, entry] of drawn) {
    if (present.has(id)) continue;
    drawn.delete(id);
    entry.node.classList.add("gone");
    setTimeout(() => entry.node.remove(), FADE);
  }
  let added = false;
  for (const m of state.messages) {
    const json = JSON.stringify(m);
    const before = drawn.get(m.id);
    if (before && before.json === json) continue;
    const node = drawMessage(m);
    if (before) {
      node.classList.add("changed");
      before.node.replaceWith(node);
    } else {
      list.append(node);
      added = true;
    }
    drawn.set(m.id, { json, node });
  }
  return added;
}

// ---- acts

async function press(m, row, col, button) {
  button.classList.add("waiting");
  const pressed = await post("press", { chat, user, message: m.id, row, col });
  if (pressed) waiting.set(pressed.callback_query_id, button);
  settle();
  if (!pressed) button.classList.remove("waiting");
  setTimeout(() => button.classList.remove("waiting"), 15000); // nobody can answer later
}

// settle stops the pulse of every button whose press was answered or will not be any more.
function settle() {
  for (const [id, button] of waiting) {
    if ((state.waiting || []).includes(id)) continue;
    button.classList.remove("waiting");
    waiting.delete(id);
  }
}

async function copy(text) {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no permission, or a page that is not served from this machine
    const area = make("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  toast(done ? "Copied" : "The browser does not let the page copy");
}

async function follow(address) {
  const payload = startPayload(address);
  if (!payload) return;
  if (chat !== user) open(user, user);
  await post("say", { chat: user, user, text: "/start " + payload });
}

// ---- toasts and alerts

function drawToasts() {
  const ids = state.toasts || [];
  if (lastToast < 0) { // what was there before the page was opened is not shown again
    lastToast = ids.reduce((top, t) => Math.max(top, t.id), 0);
    return;
  }
  for (const t of ids) {
    if (t.id <= lastToast) continue;
    lastToast = t.id;
    if (t.url) follow(t.url);
    if (!t.text) continue;
    if (t.alert) showAlert(t.text);
    else toast(t.text);
  }
}

function showAlert(text) {
  $("alert-text").textContent = text;
  if (!$("alert").open) $("alert").showModal();
}

function toast(text) {
  const line = make("p", "", text);
  line.dir = "auto";
  $("toasts").append(line);
  setTimeout(() => line.remove(), 3500);
}

// ---- typing

async function say(text) {
  if (!text.trim()) return;
  $("text").value = "";
  suggest(false);
  await post("say", { chat, user, text });
}

function suggest(all) {
  const typed = $("text").value;
  const wanted = typed.startsWith("/") ? typed.slice(1).toLowerCase() : all ? "" : null;
  const list = wanted === null || typed.includes(" ") ? [] : (state?.commands || []).filter((c) => c.command.startsWith(wanted));
  picked = -1;
  $("suggestions").hidden = list.length === 0;
  $("suggestions").replaceChildren(...list.map((c) => {
    const item = make("li");
    item.setAttribute("role", "option");
    item.dataset.command = "/" + c.command;
    item.append(make("b", "", "/" + c.command), make("span", "", c.description));
    item.onclick = () => say("/" + c.command);
    return item;
  }));
}

function move(step) {
  const items = [...$("suggestions").children];
  if (!items.length) return;
  picked = (picked + step + items.length) % items.length;
  items.forEach((item, i) => item.setAttribute("aria-selected", String(i === picked)));
  items[picked].scrollIntoView({ block: "nearest" });
}

$("composer").onsubmit = (event) => {
  event.preventDefault();
  const item = $("suggestions").children[picked];
  say(item && !$("suggestions").hidden ? item.dataset.command : $("text").value);
};
$("text").oninput = () => suggest(false);
$("text").onkeydown = (event) => {
  if ($("suggestions").hidden) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Escape") {
    $("suggestions").hidden = true;
  }
};
$("menu").onclick = () => { if ($("suggestions").hidden) suggest(true); else $("suggestions").hidden = true; $("text").focus(); };
$("start").onclick = () => say("/start");
$("alert-close").onclick = () => $("alert").close();

(async () => {
  const cast = await (await fetch("/client/personas")).json();
  if (!cast || !cast.length) {
    $("status").textContent = "nobody is here: the demo was started without a cast";
    return;
  }
  const kept = Number(sessionStorage.getItem("user"));
  const who = cast.find((p) => p.id === kept) || cast[0];
  open(who.id, who.id);
})();
