// How a message looks. The functions read the state of app.js and change nothing but the nodes they make.
"use strict";

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function drawMessage(m) {
  const item = make("li", m.from === user ? "mine" : "");
  item.dataset.id = m.id;
  if (m.service) {
    item.className = "service";
    item.textContent = m.service;
    return item;
  }
  const bubble = make("div", "bubble");
  if (state.chat.type !== "private" && m.from !== user) bubble.append(make("div", "author", m.from_name));
  if (m.forward_of) bubble.append(make("span", "quote", "forwarded"));
  const target = m.reply_to && state.messages.find((x) => x.id === m.reply_to);
  if (target) bubble.append(make("span", "quote", target.text || "file"));
  if (m.photo) bubble.append(drawPhoto(m));
  if (m.document) bubble.append(drawFile(m.document));
  if (m.text) {
    const text = make("div", "text");
    text.dir = "auto";
    text.append(...drawText(m));
    bubble.append(text);
  }
  bubble.append(drawMeta(m));
  item.append(bubble);
  if (m.keyboard) item.append(drawKeyboard(m));
  return item;
}

function drawMeta(m) {
  const meta = make("div", "meta");
  if (m.protected) {
    const badge = make("span", "badge", "protected");
    badge.title = "This message cannot be forwarded or saved";
    meta.append(badge);
  }
  if (m.edited) meta.append(make("span", "", "edited"));
  meta.append(make("time", "", new Date(m.date).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })));
  return meta;
}

function drawPhoto(m) {
  const image = make("img", m.has_spoiler ? "photo covered" : "photo");
  image.src = "/client/file?id=" + encodeURIComponent(m.photo.id);
  image.alt = m.text || "photo";
  image.onclick = () => image.classList.remove("covered");
  return image;
}

function drawFile(file) {
  const link = make("a", "file", "📄 " + (file.name || "file"));
  link.href = "/client/file?id=" + encodeURIComponent(file.id);
  link.download = file.name || "file";
  link.append(make("small", "", file.size + " B"));
  return link;
}

// drawText turns text and entities into nodes. Offsets count UTF-16 units, as JavaScript strings do.
function drawText(m, from = 0, to = m.text.length, entities = m.entities || []) {
  const nodes = [];
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let at = from;
  while (sorted.length) {
    const e = sorted.shift();
    if (e.offset > at) nodes.push(document.createTextNode(m.text.slice(at, e.offset)));
    const end = e.offset + e.length;
    const inner = [];
    while (sorted.length && sorted[0].offset < end) inner.push(sorted.shift());
    nodes.push(drawEntity(m, e, drawText(m, e.offset, end, inner)));
    at = end;
  }
  if (at < to) nodes.push(document.createTextNode(m.text.slice(at, to)));
  return nodes;
}

function drawEntity(m, e, inner) {
  const tags = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote", expandable_blockquote: "blockquote" };
  const raw = m.text.slice(e.offset, e.offset + e.length);
  let node;
  if (e.type === "spoiler") {
    const key = `${chat}/${m.id}/${raw}`;
    node = make("button", opened.has(key) ? "spoiler open" : "spoiler");
    node.type = "button";
    node.title = "Tap to reveal";
    node.onclick = () => { opened.add(key); node.classList.add("open"); };
  } else if (e.type === "bot_command") {
    node = make("button", "command");
    node.type = "button";
    node.onclick = () => say(raw);
  } else if (e.type === "text_link" || e.type === "url") {
    node = make("a");
    const address = e.url || raw;
    if (/^https?:\/\//i.test(address)) Object.assign(node, { href: address, target: "_blank", rel: "noopener noreferrer" });
  } else {
    node = make(tags[e.type] || "span");
  }
  node.append(...inner);
  return node;
}

// ---- buttons

function drawKeyboard(m) {
  const keys = make("div", "keys");
  m.keyboard.forEach((row, r) => {
    const line = make("div");
    row.forEach((b, c) => line.append(drawButton(m, b, r, c)));
    keys.append(line);
  });
  return keys;
}

function drawButton(m, b, row, col) {
  const style = ["danger", "success", "primary"].includes(b.style) ? b.style : "";
  if (b.url && !startPayload(b.url)) {
    const link = make("a", style, b.text + " ↗");
    Object.assign(link, { href: b.url, target: "_blank", rel: "noopener noreferrer" });
    return link;
  }
  const button = make("button", b.copy_text ? style + " copies" : style, b.text);
  button.type = "button";
  button.dir = "auto";
  if (b.url) button.onclick = () => follow(b.url);
  else if (b.copy_text) button.onclick = () => copy(b.copy_text.text);
  else if (b.callback_data) button.onclick = () => press(m, row, col, button);
  else button.disabled = true;
  return button;
}

// startPayload returns the payload of a link that opens this bot, null for any other address.
function startPayload(address) {
  const match = /^(?:https?:\/\/)?t\.me\/([^/?]+)\?start=([\w-]+)$/i.exec(address);
  return match && match[1].toLowerCase() === state.bot.username.toLowerCase() ? match[2] : null;
}
