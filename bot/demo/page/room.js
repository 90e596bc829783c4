// The control room: the shop's process, the clock, the suppliers with their switches and books, and the record.

import { make, send, clock } from "./dom.js";
import { showings } from "./burn.js";
import { drawSales, money } from "./ledger.js";
import { drawLinks } from "./till.js";
import { Record } from "./record.js";

const jumps = [60, 600, 86400];

export function startRoom(say, phones) {
  const room = make("aside", { class: "room", "data-control": true, "aria-label": say("room.title") });
  const shop = new ShopCard(say);
  const time = new ClockCard(say);
  const record = new Record(say);
  const desks = new Map();
  const suppliers = make("div", { class: "desks" });
  room.append(make("h2", {}, say("room.title")), make("div", { class: "cards" }, shop.root, time.root), suppliers, record.root);

  const stream = new EventSource("/room/stream");
  stream.addEventListener("clock", (event) => clock.set(Number(event.data)));
  stream.addEventListener("room", (event) => {
    const view = JSON.parse(event.data);
    shop.draw(view);
    time.draw(view);
    for (const s of view.suppliers) {
      if (!desks.has(s.name)) {
        desks.set(s.name, new DeskCard(say, s));
        suppliers.append(desks.get(s.name).root);
      }
      desks.get(s.name).draw(s);
    }
    showings(view.showings);
  });
  stream.addEventListener("audit", (event) => record.add(JSON.parse(event.data)));
  setInterval(() => time.tick(), 1000);
  return room;
}

class ShopCard {
  constructor(say) {
    this.say = say;
    this.state = make("strong", { role: "status" });
    this.detail = make("small", {});
    this.back = make("p", { class: "faint", "data-back": true });
    this.kill = make("button", { type: "button", class: "danger", "data-restart": true, title: say("shop.kill.why"), onclick: () => this.restart() }, say("shop.kill"));
    this.root = make("section", { class: "card", "data-shop": true }, make("h3", {}, say("shop.title")), make("p", { class: "state" }, this.state, " ", this.detail), this.kill, this.back);
  }

  restart() {
    if (this.kill.getAttribute("aria-disabled") !== "true") send("/room/restart", {}).catch(() => {});
  }

  draw({ shop, redis }) {
    const say = this.say;
    this.root.hidden = !shop;
    if (!shop) return;
    this.root.dataset.state = shop.state;
    this.state.textContent = say("shop." + shop.state);
    this.kill.setAttribute("aria-disabled", String(shop.state !== "open")); // a disabled button would lose the keyboard's place
    this.detail.textContent = [say("shop.process", { pid: shop.pid }), shop.restarts ? say("shop.restarts", { n: shop.restarts }) : "", say("redis." + redis)].filter(Boolean).join(" · ");
    if (shop.state === "killed") this.killed = Date.parse(shop.since);
    if (shop.state === "open" && this.killed && shop.restarts) {
      const at = clock.time(say, this.killed);
      this.back.textContent = say("shop.back", { at, took: ((Date.parse(shop.since) - this.killed) / 1000).toFixed(1) }) + " " + say("back." + redis);
      this.back.dataset.back = redis;
    }
  }
}

class ClockCard {
  constructor(say) {
    this.say = say;
    this.ahead = 0;
    this.now = make("p", { class: "state", "data-clock": true });
    this.root = make("section", { class: "card" }, make("h3", {}, say("clock.title")), this.now,
      make("div", { class: "row" }, jumps.map((n) => make("button", { type: "button", "data-advance": n, onclick: () => send("/room/advance", { seconds: n }).catch(() => {}) }, say("clock.more", { n: say("clock." + n) })))));
  }

  draw({ offset }) {
    this.ahead = Math.round(offset / 1e9);
    this.tick();
  }

  tick() {
    const now = new Date(clock.now()).toLocaleString(this.say.locale, { timeZone: clock.zone, hour12: false, weekday: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });
    this.now.textContent = this.ahead ? this.say("clock.now", { now, ahead: span(this.ahead) }) : this.say("clock.true", { now });
  }
}

// span writes seconds as 1d 2:03:04.
function span(seconds) {
  const two = (n) => String(n).padStart(2, "0");
  const days = Math.floor(seconds / 86400), rest = seconds % 86400;
  return `${days ? days + "d " : ""}${Math.floor(rest / 3600)}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
}

class DeskCard {
  constructor(say, supplier) {
    this.say = say;
    this.balance = make("small", {});
    this.note = make("p", { class: "faint", "data-note": true, id: "note-" + supplier.name }, say("note." + supplier.name));
    this.switches = new Map(supplier.switches.map((s) => [s.name, make("button", { type: "button", "data-switch": s.name, "aria-pressed": "false", title: say(`switch.${s.name}.why`),
      onclick: (event) => this.flip(supplier.name, s.name, event.currentTarget) }, say("switch." + s.name))]));
    this.table = make("div", { class: "ledger" });
    this.root = make("section", { class: "card desk", "data-supplier": supplier.name, "aria-label": supplier.title },
      make("h3", {}, supplier.title, " ", this.balance),
      make("div", { class: "row switches", role: "group", "aria-label": say("switches", { name: supplier.title }), "aria-describedby": this.note.id }, ...this.switches.values()),
      this.note,
      this.table);
  }

  draw(supplier) {
    this.balance.textContent = this.say(supplier.name === "ocpay" ? "taken" : "balance", { amount: money(this.say, supplier, supplier.balance) });
    for (const s of supplier.switches) this.switches.get(s.name).setAttribute("aria-pressed", String(s.on));
    const sales = JSON.stringify(supplier.sales);
    if (sales === this.drawn) return;
    this.drawn = sales;
    this.table.replaceChildren((supplier.name === "ocpay" ? drawLinks : drawSales)(this.say, supplier));
  }

  async flip(supplier, name, button) {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on)); // at once; the stream says how it really is
    await send("/room/switch", { supplier, name, on }).catch(() => button.setAttribute("aria-pressed", String(!on)));
  }
}
