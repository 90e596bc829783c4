// The books of who takes customers' money: links, and what was paid by them.

import { make, send, clock } from "./dom.js";
import { money } from "./ledger.js";

export function drawLinks(say, cashier) {
  const caption = make("caption", {}, say("till", { name: cashier.title }));
  if (!cashier.sales.length) return make("p", { class: "faint" }, caption.textContent, ": ", say("till.none"));
  const head = make("tr", {}, ["at", "link", "state", "paid", "asked"].map((c) => make("th", { scope: "col", title: c === "asked" ? say("asked.why") : "" }, say("col." + c))));
  const rows = cashier.sales.map((link) => make("tr", { "data-sale": link.id, "data-state": link.state },
    make("td", {}, clock.time(say, link.at)),
    make("td", {}, make("bdi", {}, link.product), make("small", { dir: "ltr" }, money(say, cashier, link.due))),
    make("td", {}, say("link." + link.state), link.state === "open" && payKey(say, link)),
    make("td", { class: "sum" }, make("bdi", {}, money(say, cashier, link.charged))),
    make("td", { class: "asked", title: say("asked.why") }, `${link.asked}×`)));
  const frame = make("div", { class: "frame", tabIndex: 0, role: "region", "aria-label": caption.textContent }, make("table", {}, caption, make("thead", {}, head), make("tbody", {}, rows)));
  return make("div", {}, frame);
}

function payKey(say, link) {
  const key = make("button", { type: "button", class: "pay", "data-pay": link.id, title: say("link.pay.why"), onclick: () => {
    key.disabled = true; // the stream says what became of it
    send("/room/pay", { supplier: "ocpay", name: link.id }).catch(() => { key.disabled = false; });
  } }, say("link.pay"));
  return make("div", {}, key);
}
