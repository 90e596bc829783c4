// A supplier's books.

import { make, clock } from "./dom.js";

// money writes minor units of a supplier's currency.
export function money(say, supplier, minor) {
  const text = (minor / 10 ** supplier.digits).toLocaleString(say.locale, { minimumFractionDigits: supplier.digits ? 2 : 0, maximumFractionDigits: supplier.digits });
  return `${text} ${supplier.currency}`;
}

export function drawSales(say, supplier) {
  const caption = make("caption", {}, say("ledger", { name: supplier.title }));
  if (!supplier.sales.length) return make("p", { class: "faint" }, caption.textContent, ": ", say("ledger.none"));
  const charged = supplier.sales.reduce((sum, s) => sum + s.charged, 0);
  const head = make("tr", {}, ["at", "what", "codes", "charged", "asked"].map((c) => make("th", { scope: "col", title: c === "asked" ? say("asked.why") : "" }, say("col." + c))));
  const rows = supplier.sales.map((s) => make("tr", { "data-sale": s.id },
    make("td", {}, clock.time(say, s.at)),
    make("td", {}, make("bdi", {}, s.product), s.quantity > 1 ? ` × ${s.quantity}` : "", s.account && make("small", { dir: "ltr" }, s.account)),
    make("td", { class: "codes" }, s.codes.length ? s.codes.map((c) => make("code", { dir: "ltr" }, c)) : say("sale.back")),
    make("td", { class: "sum" }, make("bdi", {}, money(say, supplier, s.charged)), s.returned ? make("small", {}, say("sale.returned", { amount: money(say, supplier, s.returned) })) : ""),
    make("td", { class: "asked", title: say("asked.why") }, `${s.asked}×`)));
  const sum = make("p", { class: "faint", "data-sum": true }, say("ledger.sum", { n: supplier.sales.length, amount: money(say, supplier, charged) }));
  const frame = make("div", { class: "frame", tabIndex: 0, role: "region", "aria-label": caption.textContent }, make("table", {}, caption, make("thead", {}, head), make("tbody", {}, rows)));
  return make("div", {}, frame, sum);
}
