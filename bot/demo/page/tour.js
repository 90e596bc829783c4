// The guided tour: five steps in a strip above the stage, which covers nothing. Where one is, and that one is through, is kept for the
// session.

import { make } from "./dom.js";

const steps = [
  { part: "customer", spot: "" },
  { part: "customer", spot: '[data-seat="customer"]' },
  { part: "room", spot: '[data-supplier="giftz"] [data-switch="lost-answer"]' },
  { part: "room", spot: "[data-restart]" },
  { part: "room", spot: "[data-audit]" },
];

export function startTour(say, layout) {
  const strip = document.querySelector("[data-tour]");
  strip.setAttribute("aria-label", say("tour.label"));
  let wanted = "";
  const mark = (selector) => {
    for (const node of document.querySelectorAll(".spot")) node.classList.remove("spot");
    const node = selector ? document.querySelector(selector) : null;
    if (selector && !node) setTimeout(() => { if (wanted === selector) mark(selector); }, 300); // not drawn yet
    wanted = selector;
    node?.classList.add("spot");
    node?.scrollIntoView({ block: "nearest" });
  };
  const end = () => {
    sessionStorage.setItem("tour", "done");
    strip.hidden = true;
    mark("");
    document.querySelector("[data-tour-start]").focus();
  };
  const go = (n, follow) => {
    sessionStorage.setItem("tour", String(n));
    strip.hidden = false;
    strip.dataset.step = n;
    if (follow) layout.choose(steps[n - 1].part);
    strip.replaceChildren(
      make("div", {}, make("h2", {}, say(`tour.${n}.title`), " ", make("small", {}, say("tour.of", { n, of: steps.length }))), make("p", {}, say("tour." + n))),
      make("div", { class: "steps" },
        make("button", { type: "button", class: "quiet", "data-tour-skip": true, hidden: n === steps.length, onclick: end }, say("tour.skip")),
        make("button", { type: "button", class: "quiet", "data-tour-back": true, disabled: n === 1, onclick: () => go(n - 1, true) }, say("tour.back")),
        make("button", { type: "button", class: "firm", "data-tour-next": true, onclick: () => (n === steps.length ? end() : go(n + 1, true)) }, say(n === steps.length ? "tour.end" : "tour.next"))));
    mark(steps[n - 1].spot);
    if (follow) strip.querySelector("[data-tour-next]").focus();
  };
  document.querySelector("[data-tour-start]").hidden = false;
  document.querySelector("[data-tour-start]").addEventListener("click", () => go(1, true));
  const kept = sessionStorage.getItem("tour");
  if (kept !== "done") go(Math.min(Math.max(Number(kept) || 1, 1), steps.length), false);
}
