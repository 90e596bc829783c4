// The page: phones of the people in the cast, and the control room. It draws what two event streams send and posts what a person does.
//
// What tests and style sheets may hold on to:
//   a phone          section[data-persona="<user id>"][data-chat="<open chat>"], its holder button[data-pick], its chats button[data-open-chat]
//   in it            [data-messages], article[data-message="<id>"] with [data-text], [data-shield], [data-burns]; [data-start], [data-say],
//                    [data-send], [data-typing], [role=status] with toasts, dialog[open] as an alert
//   on a message     button[data-key], button[data-copy], a[data-file], [data-spoiler=""] (hidden) and [data-spoiler=open], [data-burn]
//   control room     aside[data-control], section[data-supplier], button[data-switch][aria-pressed], tr[data-sale], [data-shop][data-state],
//                    button[data-restart], [data-back], [data-clock], button[data-advance="<seconds>"], [data-audit] li[data-event]
//   around           button[role=tab][data-tab], [data-tour][data-step], [data-tour-start], [data-tour-next], [data-tour-back], [data-tour-skip]

import { make, clock } from "./dom.js";
import { speech } from "./words.js";
import { Phone } from "./phone.js";
import { startRoom } from "./room.js";
import { startTour } from "./tour.js";
import { Layout } from "./layout.js";
import { startBurning } from "./burn.js";

const seatOf = { customer: "customer", reseller: "reseller", member: "reseller", admin: "admin" };

async function open() {
  const say = speech(navigator.language);
  document.documentElement.lang = say.language;
  document.documentElement.dir = say.dir;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);

  const stage = await (await fetch("/client/stage")).json();
  clock.zone = stage.zone || undefined;
  const layout = new Layout(say, document.getElementById("stage"), document.querySelector(".tabs"));
  const phones = new Map();
  for (const name of ["customer", "reseller", "admin"]) {
    const people = stage.cast.filter((p) => (seatOf[p.role] || "customer") === name);
    if (people.length) layout.add(name, seat(say, name, people, phones, layout));
  }
  startBurning();
  listen(say, phones, layout);
  document.querySelector('[data-word="tagline"]').hidden = !stage.room; // it tells of suppliers and a shop
  if (stage.room) {
    layout.add("room", startRoom(say, phones));
    startTour(say, layout);
  }
  layout.arrange();
}

// seat is the place of one phone, with the people who may hold it.
function seat(say, name, people, phones, layout) {
  const home = make("div", { class: "seat", "data-seat": name });
  const held = people.map((p) => {
    const phone = new Phone(p, () => layout.count());
    phones.set(p.id, phone);
    return phone;
  });
  const names = people.map((p) => make("button", { type: "button", "data-pick": p.id, "aria-pressed": "false", onclick: () => hold(p.id) },
    make("bdi", {}, p.name), make("small", {}, name === "customer" ? p.language : people.length > 1 ? say("role." + p.role) : ""), make("span", { class: "badge", hidden: true })));
  const hold = (id) => {
    held.forEach((phone, i) => {
      phone.root.hidden = phone.persona.id !== id;
      names[i].setAttribute("aria-pressed", String(phone.persona.id === id));
      phone.look();
    });
    sessionStorage.setItem("held." + name, String(id));
    layout.count();
  };
  home.append(make("div", { class: "people", role: "group", "aria-label": say("people") }, make("h2", {}, say("seat." + name)), names), ...held.map((p) => p.root));
  home.unread = () => held.reduce((sum, phone, i) => {
    const n = phone.unread();
    const badge = names[i].querySelector(".badge");
    badge.hidden = !n || !phone.root.hidden;
    badge.textContent = n;
    return sum + n;
  }, 0);
  const kept = Number(sessionStorage.getItem("held." + name));
  const wanted = people.find((p) => p.id === kept) || people.find((p) => p.language === say.language) || people[0];
  hold(name === "customer" ? wanted.id : (people.find((p) => p.id === kept) || people[0]).id);
  return home;
}

function listen(say, phones, layout) {
  const link = document.querySelector("[data-link]");
  const stream = new EventSource("/client/stream");
  stream.addEventListener("state", (event) => {
    const state = JSON.parse(event.data);
    phones.get(state.user.id)?.receive(state);
    layout.count();
  });
  stream.onopen = () => { link.hidden = true; link.textContent = ""; };
  stream.onerror = () => { link.hidden = false; link.textContent = say("link.lost"); };
  document.addEventListener("visibilitychange", () => { for (const phone of phones.values()) phone.look(); layout.count(); });
  setInterval(() => { for (const phone of phones.values()) phone.tick(clock.now()); }, 1000);
}

open();
