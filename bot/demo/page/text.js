// Text with its entities. Offsets count UTF-16 units, as JavaScript strings do.

import { make } from "./dom.js";

const tags = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote", expandable_blockquote: "blockquote" };

export function drawText(phone, m, from = 0, to = m.text.length, entities = m.entities || []) {
  const nodes = [];
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let at = from;
  while (sorted.length) {
    const e = sorted.shift();
    if (e.offset > at) nodes.push(m.text.slice(at, e.offset));
    const end = e.offset + e.length;
    const inner = [];
    while (sorted.length && sorted[0].offset < end) inner.push(sorted.shift());
    nodes.push(drawEntity(phone, m, e, drawText(phone, m, e.offset, end, inner)));
    at = end;
  }
  if (at < to) nodes.push(m.text.slice(at, to));
  return nodes;
}

function drawEntity(phone, m, e, inner) {
  const raw = m.text.slice(e.offset, e.offset + e.length);
  switch (e.type) {
    case "spoiler":
      return drawSpoiler(phone, m, e, inner);
    case "bot_command":
      return make("button", { type: "button", class: "command", onclick: () => phone.speak(raw) }, ...inner);
    case "text_link":
    case "url":
      return link(phone, e.url || raw, {}, inner);
    default:
      return make(tags[e.type] || "span", {}, ...inner);
  }
}

// drawSpoiler hides a text until it is pressed; then it is plain text, isolated from the direction around it.
function drawSpoiler(phone, m, e, inner) {
  const key = `${phone.chat}/${m.id}/${e.offset}`;
  const shown = () => make("bdi", { class: "spoiler open", "data-spoiler": "open", tabIndex: -1 }, ...inner);
  if (phone.opened.has(key)) return shown();
  const button = make("button", { type: "button", class: "spoiler", "data-spoiler": "", "aria-label": phone.say("hidden"), title: phone.say("hidden"), onclick: () => {
    phone.opened.add(key);
    const node = shown();
    button.replaceWith(node);
    node.focus({ preventScroll: true });
  } }, make("span", {}, "\u00a0"));
  button.firstChild.style.inlineSize = Math.min(e.length, 24) + "ch";
  return button;
}

// startPayload is the payload of a link that opens this bot; null for any other address.
export function startPayload(phone, address) {
  const match = /^(?:https?:\/\/)?t\.me\/([^/?]+)\?start=([\w-]+)$/i.exec(address);
  return match && match[1].toLowerCase() === phone.state.bot.username.toLowerCase() ? match[2] : null;
}

// link goes where an address says: into the private chat for a link to this bot, else to a new tab; another kind of address goes nowhere.
export function link(phone, address, props, inner) {
  const payload = startPayload(phone, address);
  if (payload) return make("button", { type: "button", class: "command", ...props, onclick: () => phone.follow(payload) }, ...inner);
  if (!/^https?:\/\//i.test(address)) return make("span", props, ...inner);
  return make("a", { ...props, href: address, target: "_blank", rel: "noopener noreferrer", title: phone.say("leaves") }, ...inner);
}
