// The shop's record as it grows, newest first.

import { make, clock } from "./dom.js";

const shown = 200;

export class Record {
  constructor(say) {
    this.say = say;
    this.seen = new Set();
    this.none = make("p", { class: "faint" }, say("audit.none"));
    this.list = make("ol", { "data-audit": true, tabIndex: 0, "aria-label": say("audit.title"), dir: "ltr" });
    this.root = make("section", { class: "card audit" }, make("h3", {}, say("audit.title")), this.none, this.list);
  }

  add(events) {
    this.none.hidden = true;
    for (const e of events) {
      if (this.seen.has(e.id)) continue; // after a reconnect the stream begins anew
      this.seen.add(e.id);
      this.list.prepend(this.line(e));
    }
    while (this.list.children.length > shown) this.list.lastChild.remove();
  }

  line(e) {
    const order = e.order ? `${e.order.slice(0, 4)}-${e.order.slice(4)}` : "";
    const details = Object.entries(e.data || {}).map(([k, v]) => `${k} ${v}`).join(", ");
    return make("li", { "data-event": e.kind, class: kind(e.kind) }, make("time", { dateTime: e.at }, clock.time(this.say, e.at)), " ",
      make("b", {}, e.kind), " ", order && make("span", { class: "order" }, order, " "), make("small", {}, details));
  }
}

// kind colors what matters: codes on and off the screen, and what was refused.
function kind(name) {
  if (/DELIVERED|SHOWING/.test(name)) return "on";
  if (/REMOVED|SAVED|SHREDDED/.test(name)) return "off";
  return /DENIED|FAILED|PAUSED|UNOPENABLE/.test(name) ? "bad" : "";
}
