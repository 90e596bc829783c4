// What the browser tests ask the demo page: only what a person could see and touch is found.
globalThis.probe = {
  hit: null, // what the newest click met
  aim: null, // what the next click is meant for

  phone: (who) => document.querySelector(`section[data-persona="${who}"]`),
  messages: (who) => [...document.querySelectorAll(`section[data-persona="${who}"] [data-messages] > article[data-message]:not(.gone, .burned)`)],
  // plain is a text without the marks that isolate its parts in right-to-left text.
  plain: (text) => text.replace(/[\u2066-\u2069\u200e\u200f]/g, ""),
  text: (who) => probe.messages(who).map((m) => m.innerText).join("\n---\n"),
  last: (who) => Math.max(0, ...probe.messages(who).map((m) => Number(m.dataset.message))),
  newest: (who, text) => probe.messages(who).findLast((m) => probe.plain(m.innerText).includes(text)),
  // key is the newest key whose label holds a text, or is that text if it begins with "=".
  key: (who, label) => probe.messages(who).flatMap((m) => [...m.querySelectorAll("[data-key]")]).findLast((k) => {
    const text = probe.plain(k.textContent);
    return label.startsWith("=") ? text === label.slice(1) : text.includes(label);
  }),
  secret: (who) => probe.messages(who).findLast((m) => m.querySelector("[data-copy]") && m.querySelector("[data-shield]")),
  // left is how many seconds the newest code still has on the screen; 0 without one.
  left(who) {
    const [, minutes, seconds] = probe.secret(who)?.querySelector("[data-burn]:not([hidden]) .left")?.textContent.match(/(\d+):(\d\d)/) || [0, 0, 0];
    return Number(minutes) * 60 + Number(seconds);
  },
  sales: (supplier) => [...document.querySelectorAll(`section[data-supplier="${supplier}"] tr[data-sale]`)],
  records: (kind) => document.querySelectorAll(`[data-audit] li[data-event="${kind}"]`).length,

  // place tells where a click would meet a node, and whether it would: nothing lies over it.
  place(node) {
    if (!node || node.disabled) return { x: 0, y: 0, free: false, over: node ? "disabled" : "not there" };
    probe.aim = node;
    probe.hit = null;
    const inside = (box) => box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    const middle = (box) => ({ x: Math.round(box.left + box.width / 2), y: Math.round(box.top + box.height / 2) });
    let at = middle(node.getBoundingClientRect());
    let top = document.elementFromPoint(at.x, at.y);
    if (!inside(node.getBoundingClientRect()) || !node.contains(top)) {
      node.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
      at = middle(node.getBoundingClientRect());
      top = document.elementFromPoint(at.x, at.y);
    }
    const free = Boolean(top) && node.contains(top);
    return { ...at, free, over: free || !top ? "" : top.outerHTML.slice(0, 160) };
  },

  // met tells whether the newest click met what it was meant for; else what it met, nothing for a click that did not come yet.
  met() {
    if (!probe.hit) return "";
    return probe.aim.contains(probe.hit) ? "aim" : probe.hit.outerHTML.slice(0, 160);
  },

  // unseen lists what of a message that burns cannot be seen without scrolling: its first code, its countdown, its keys.
  unseen(who) {
    const message = probe.secret(who), area = message?.closest(".scroll").getBoundingClientRect();
    if (!message?.checkVisibility()) return ["no message that burns"];
    return [message.querySelector("[data-spoiler]"), message.querySelector("[data-burn]"), ...message.querySelectorAll("[data-key]")].filter((node) => {
      const box = node.getBoundingClientRect(), frame = node.closest(".text")?.getBoundingClientRect() || area;
      return box.top < frame.top - 1 || box.bottom > frame.bottom + 1 || box.top < area.top - 1 || box.bottom > area.bottom + 1;
    }).map((node) => node.outerHTML.slice(0, 120));
  },

  // covered lists the keys of a person's newest message over which a toast lies.
  covered(who) {
    const toasts = [...probe.phone(who).querySelectorAll("[data-toasts] p")].map((t) => t.getBoundingClientRect());
    return [...probe.messages(who).at(-1).querySelectorAll("[data-key]")].filter((key) => {
      const box = key.getBoundingClientRect();
      return toasts.some((t) => t.left < box.right && t.right > box.left && t.top < box.bottom && t.bottom > box.top);
    }).map((key) => key.textContent);
  },

  // overlaps lists texts and keys that can be seen and lie over each other, but for what floats on purpose.
  overlaps() {
    const floats = ".toasts, dialog, .down, .commands, .offscreen, .badge";
    const seen = (node) => {
      let { top, left, bottom, right } = node.getBoundingClientRect();
      for (let frame = node.parentElement; frame; frame = frame.parentElement) {
        if (getComputedStyle(frame).overflow === "visible") continue;
        const box = frame.getBoundingClientRect();
        [top, left, bottom, right] = [Math.max(top, box.top), Math.max(left, box.left), Math.min(bottom, box.bottom), Math.min(right, box.right)];
      }
      return { node, top: Math.max(top, 0), left: Math.max(left, 0), bottom: Math.min(bottom, innerHeight), right: Math.min(right, innerWidth) };
    };
    const boxes = [...document.querySelectorAll("button, textarea, h1, h2, h3, p, td, th, caption, time, .text, .burn, .file, .shield, .status, .who strong, [data-audit] li")]
      .filter((node) => !node.closest(floats) && !node.matches(".gone *, .burned *") && node.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      .map(seen).filter((b) => b.right - b.left > 2 && b.bottom - b.top > 2);
    const name = ({ node }) => `${node.tagName.toLowerCase()}.${node.className} "${node.textContent.trim().slice(0, 30)}"`;
    const list = [];
    boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
      const over = Math.min(a.right, b.right) - Math.max(a.left, b.left), deep = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (over > 2 && deep > 2 && !a.node.contains(b.node) && !b.node.contains(a.node)) list.push(`${name(a)} and ${name(b)} overlap by ${Math.round(over)}×${Math.round(deep)}`);
    }));
    return list.slice(0, 10);
  },

  // wide lists what sticks out of the page at its sides, and texts that are cut off without a way to see the rest.
  wide() {
    const list = [];
    if (document.documentElement.scrollWidth > innerWidth) list.push(`the page is ${document.documentElement.scrollWidth} px wide in a window of ${innerWidth}`);
    for (const node of document.querySelectorAll("button, article, section, aside, h1, h2, h3, p, time, td, textarea, header")) {
      const box = node.getBoundingClientRect();
      if (!box.width || !node.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const name = `${node.tagName.toLowerCase()}.${node.className} "${node.textContent.trim().slice(0, 40)}"`;
      const frame = node.parentElement?.closest(".frame, .scroll, .chats, [data-audit], .toasts");
      if ((box.right > innerWidth + 1 || box.left < -1) && !frame) list.push(`${name} ends at ${Math.round(box.right)} and starts at ${Math.round(box.left)}`);
      const style = getComputedStyle(node);
      if (node.matches("button, h1, h2, h3, td, time") && style.overflowX !== "visible" && style.textOverflow !== "ellipsis" && node.scrollWidth > node.clientWidth + 1) list.push(`${name} is cut off`);
    }
    const log = [...document.querySelectorAll(".scroll")].filter((s) => s.scrollWidth > s.clientWidth + 1);
    if (log.length) list.push(`the messages of ${log.map((s) => s.getAttribute("aria-label"))} scroll sideways`);
    return list;
  },
};
document.addEventListener("click", (event) => { if (event.isTrusted) probe.hit = event.target; }, true); // not what the page clicks itself
