// How a message looks.

import { make, clock } from "./dom.js";
import { drawText } from "./text.js";
import { drawKeyboard } from "./keys.js";
import { burnMark } from "./burn.js";

// drawMessage makes the node of one message; burns tells that it has shown codes before.
export function drawMessage(phone, m, burns) {
  const say = phone.say;
  if (m.service) {
    return make("article", { class: "message service", "data-message": m.id }, make("p", { "data-text": true }, m.service === "migrated" ? say("migrated") : m.service));
  }
  const mine = m.from === phone.persona.id;
  const secret = m.protected && (m.entities || []).some((e) => e.type === "spoiler");
  const node = make("article", { class: "message" + (mine ? " mine" : ""), "data-message": m.id, "aria-label": mine ? phone.persona.name : m.from_name,
    "data-protected": m.protected, "data-burns": burns || secret });
  const bubble = make("div", { class: "bubble" });
  if (phone.state.chat.type !== "private" && !mine) bubble.append(make("div", { class: "author", dir: "auto" }, m.from_name));
  if (m.forward_of || m.forward_by) bubble.append(make("span", { class: "quote" }, say("forwarded")));
  const target = m.reply_to && phone.state.messages.find((x) => x.id === m.reply_to);
  if (target) bubble.append(make("span", { class: "quote", dir: "auto" }, target.text || say("file")));
  if (m.photo) bubble.append(drawPhoto(say, m));
  if (m.document) bubble.append(drawFile(say, m.document));
  if (m.text) bubble.append(make("div", { class: "text", "data-text": true, dir: "auto", tabIndex: secret ? 0 : undefined }, drawText(phone, m)));
  bubble.append(burnMark(say, phone.chat, m.id), drawMeta(say, m));
  node.append(bubble);
  if (m.keyboard) node.append(drawKeyboard(phone, m));
  return node;
}

// newest is the id of the newest message that everybody sees: the ids of ephemeral ones are below zero, and they are never unread.
export const newest = (state) => Math.max(0, ...state.messages.map((m) => m.id));

function drawMeta(say, m) {
  const date = new Date(m.date);
  return make("div", { class: "meta" },
    m.protected && make("span", { class: "shield", title: say("protected.why"), "data-shield": true }, "🔒 ", say("protected")),
    m.receiver && make("span", { title: say("whisper.why"), "data-whisper": true }, "👁 ", say("whisper")),
    m.edited && make("span", {}, say("edited")),
    make("time", { dateTime: date.toISOString() }, clock.time(say, date, { hour: "2-digit", minute: "2-digit" })));
}

function drawPhoto(say, m) {
  const image = make("img", { src: "/client/file?id=" + encodeURIComponent(m.photo.id), alt: m.text || say("photo"), width: m.photo.width, height: m.photo.height });
  if (!m.has_spoiler) return make("div", { class: "photo" }, image);
  const cover = make("button", { type: "button", class: "photo covered", "aria-label": say("hidden"), onclick: () => cover.classList.remove("covered") }, image);
  return cover;
}

function drawFile(say, file) {
  const name = file.name || say("file");
  return make("a", { class: "file", "data-file": true, href: "/client/file?id=" + encodeURIComponent(file.id), download: name, "aria-label": say("download", { name }) },
    make("span", { class: "sheet", "aria-hidden": "true" }, "↓"),
    make("span", {}, make("b", { dir: "ltr" }, name), make("small", { dir: "ltr" }, size(file.size))));
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`;
}
