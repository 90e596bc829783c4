// Where things stand: everything side by side on a wide screen, one phone beside the control room on a middle one, one thing at a time
// with tabs on a phone.

import { make } from "./dom.js";

const wide = matchMedia("(min-width: 1240px)");
const middle = matchMedia("(min-width: 720px)");

export class Layout {
  constructor(say, stage, tabs) {
    this.say = say;
    this.stage = stage;
    this.tabs = tabs;
    this.parts = new Map(); // name -> {node, tab, badge}
    this.chosen = sessionStorage.getItem("tab") || "customer";
    tabs.setAttribute("aria-label", say("views"));
    tabs.parentNode.setAttribute("aria-label", say("views"));
    tabs.addEventListener("keydown", (event) => this.move(event));
    wide.addEventListener("change", () => this.arrange());
    middle.addEventListener("change", () => this.arrange());
  }

  add(name, node) {
    const badge = make("span", { class: "badge", hidden: true });
    const tab = make("button", { type: "button", role: "tab", id: "tab-" + name, "data-tab": name, "aria-controls": "part-" + name,
      onclick: () => this.choose(name) }, make("span", {}, this.say("seat." + name)), badge);
    node.id = "part-" + name;
    node.classList.add("part");
    this.parts.set(name, { node, tab, badge });
    this.tabs.append(tab);
    (node.tagName === "ASIDE" ? this.stage : this.stage.firstElementChild).append(node);
  }

  choose(name) {
    if (!this.parts.has(name)) return;
    this.chosen = name;
    sessionStorage.setItem("tab", name);
    this.arrange();
  }

  // behind tells whether a part stands behind a tab now.
  behind(name) {
    return !wide.matches && !(middle.matches && name === "room");
  }

  arrange() {
    if (!this.parts.has(this.chosen) || !this.behind(this.chosen)) this.chosen = wide.matches ? this.chosen : "customer";
    this.tabs.parentNode.hidden = wide.matches;
    for (const [name, { node, tab }] of this.parts) {
      const behind = this.behind(name), on = name === this.chosen;
      tab.hidden = !behind;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      node.hidden = behind && !on;
      if (node.tagName === "ASIDE") continue;
      if (behind) {
        node.setAttribute("role", "tabpanel");
        node.setAttribute("aria-labelledby", tab.id);
      } else {
        node.removeAttribute("role");
        node.removeAttribute("aria-labelledby");
      }
    }
    this.count();
  }

  // count puts the unread messages onto the tabs and into the title.
  count() {
    let sum = 0;
    for (const { node, badge, tab } of this.parts.values()) {
      const n = node.unread ? node.unread() : 0;
      sum += n;
      badge.hidden = !n;
      badge.textContent = n;
      tab.title = n ? this.say("unread", { n }) : "";
    }
    document.title = (sum ? `(${sum}) ` : "") + "Cardrop demo";
  }

  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -99, End: 99 }[event.key];
    if (!step) return;
    event.preventDefault();
    const shown = [...this.parts].filter(([, p]) => !p.tab.hidden).map(([name]) => name);
    const turn = this.say.dir === "rtl" && Math.abs(step) === 1 ? -step : step;
    const at = shown.indexOf(this.chosen);
    const next = Math.abs(turn) > 1 ? (turn < 0 ? 0 : shown.length - 1) : (at + turn + shown.length) % shown.length;
    this.choose(shown[next]);
    this.parts.get(shown[next]).tab.focus();
  }
}
