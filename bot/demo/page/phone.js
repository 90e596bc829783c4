// One phone: the chats of one person, one of them open.

import { make, send, after } from "./dom.js";
import { speech } from "./words.js";
import { drawMessage, newest } from "./message.js";
import { Composer } from "./composer.js";

const near = 90; // pixels from the end that still count as the end

export class Phone {
  constructor(persona, counted) {
    this.persona = persona;
    this.counted = counted;
    this.say = speech(persona.language);
    this.chats = new Map(); // id -> {state, read}
    this.chat = persona.chat || persona.id;
    this.drawn = new Map(); // message id -> {json, node}
    this.pressed = new Map(); // callback query id -> button that waits for its answer
    this.opened = new Set(); // spoilers that were opened: "chat/message/offset"
    this.toasted = -1;
    this.build();
  }

  build() {
    const say = this.say, of = (words) => `${words} · ${this.persona.name}`;
    this.title = make("bdi", {}, "…");
    this.status = make("span", { class: "status", "aria-live": "off" });
    this.tabs = make("nav", { class: "chats", "aria-label": of(say("chats")), hidden: true });
    this.intro = make("p", { class: "intro", dir: "auto", hidden: true });
    this.start = make("button", { type: "button", class: "start", "data-start": true, hidden: true, onclick: () => this.speak("/start") }, say("start"));
    this.list = make("div", { class: "messages", "data-messages": true, role: "log", "aria-label": of(say("messages")) });
    this.dots = make("div", { class: "dots", "data-typing": true, "aria-hidden": "true", hidden: true }, make("i"), make("i"), make("i"));
    this.area = make("div", { class: "scroll", tabIndex: 0, role: "group", "aria-label": of(say("messages")), onscroll: () => this.look() },
      this.intro, this.start, this.list, this.dots);
    this.fresh = make("span", { class: "badge", hidden: true });
    this.down = make("button", { type: "button", class: "down", hidden: true, title: say("newest"), "aria-label": say("newest"), onclick: () => this.toEnd(false, true) }, "↓", this.fresh);
    this.toasts = make("div", { class: "toasts", role: "status", "aria-live": "polite", "data-toasts": true });
    this.composer = new Composer(this);
    this.body = make("div", { class: "body" },
      make("header", {}, make("span", { class: "face", "aria-hidden": "true" }, "C"), make("div", { class: "who" }, make("strong", {}, this.title), this.status), this.tabs),
      this.toasts, this.area, this.down, this.composer.form);
    this.ok = make("button", { type: "button", onclick: () => this.closeAlert() }, say("ok"));
    this.notice = make("p", { dir: "auto" });
    this.alert = make("dialog", { role: "alertdialog", "aria-label": say("notice"), onkeydown: (e) => { if (e.key === "Escape") this.closeAlert(); } }, this.notice, this.ok);
    this.root = make("section", { class: "phone", "data-persona": this.persona.id, dir: say.dir, lang: say.language,
      "aria-label": `${this.persona.name} · ${say("role." + this.persona.role)}` }, this.body, this.alert);
    for (const kind of ["copy", "cut", "dragstart"]) document.addEventListener(kind, (event) => this.guard(event));
    this.stick = true; // the end stays in sight, whatever changes its size, until the person scrolls away from it
    const sizes = new ResizeObserver(() => { if (this.stick) this.toEnd(true); });
    sizes.observe(this.area);
    sizes.observe(this.list);
    for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) this.area.addEventListener(kind, () => { this.moved = Date.now(); }, { passive: true });
  }

  get state() { return this.chats.get(this.chat)?.state; }

  // receive takes the newest state of one of the chats.
  receive(state) {
    const before = this.chats.get(state.chat.id);
    const last = newest(state);
    this.chats.set(state.chat.id, { state, read: before ? before.read : last });
    for (const id of this.chats.keys()) { // a group that became a supergroup is another chat
      if (id !== state.chat.id && !state.chats.some((c) => c.id === id)) this.chats.delete(id);
    }
    if (!state.chats.some((c) => c.id === this.chat)) this.go(state.chats.at(-1).id);
    this.drawTabs();
    this.drawToasts(state.toasts || []);
    if (state.chat.id === this.chat) this.draw();
  }

  go(chat) {
    if (chat === this.chat) return;
    this.chat = chat;
    this.drawn.clear();
    this.list.replaceChildren();
    if (this.state) {
      this.drawTabs();
      this.draw();
      this.toEnd(true);
    }
  }

  draw() {
    const state = this.state, say = this.say, group = state.chat.type !== "private";
    this.root.dataset.chat = this.chat;
    this.title.textContent = group ? state.chat.title : "Cardrop";
    const busy = state.action && (state.action === "typing" ? say("typing") : say("sending"));
    this.busy = busy ? Date.now() + 5000 : 0;
    this.dots.hidden = !busy;
    this.status.textContent = state.blocked ? say("blocked") : busy || say(group ? "members" : "online");
    this.status.classList.toggle("busy", Boolean(busy));
    const empty = state.messages.length === 0;
    this.start.hidden = !empty || group;
    this.intro.textContent = group ? say("group.empty") : state.description || "";
    this.intro.hidden = !empty || !this.intro.textContent;
    const mine = this.drawMessages(state);
    this.settle();
    if (this.stick || mine) this.toEnd(!this.settled);
    this.settled = true;
    this.look();
  }

  // drawMessages changes what differs and tells whether the person's own message was added.
  drawMessages(state) {
    const present = new Set(state.messages.map((m) => m.id));
    for (const [id, entry] of this.drawn) {
      if (present.has(id)) continue;
      this.drawn.delete(id);
      const burns = entry.node.hasAttribute("data-burns");
      if (entry.node.contains(document.activeElement)) this.area.focus({ preventScroll: true }); // the keyboard's place is not lost
      entry.node.classList.add(burns ? "burned" : "gone");
      entry.node.inert = true;
      after(burns ? 1100 : 300, () => entry.node.remove());
    }
    let mine = false, above = null;
    for (const m of state.messages) {
      const json = JSON.stringify(m);
      const before = this.drawn.get(m.id);
      const over = above;
      above = before?.node;
      if (before?.json === json) continue;
      const node = drawMessage(this, m, before?.node.hasAttribute("data-burns"));
      if (before) {
        const focused = before.node.contains(document.activeElement) ? [...before.node.querySelectorAll("button, a")].indexOf(document.activeElement) : -1;
        node.classList.add("changed");
        before.node.replaceWith(node);
        if (focused >= 0) (node.querySelectorAll("button, a")[focused] || this.area).focus({ preventScroll: true });
      } else {
        if (over && over.nextSibling) over.after(node); // an ephemeral message comes in place of another, and makes room for it again
        else this.list.append(node);
        mine ||= m.from === this.persona.id;
      }
      above = node;
      this.drawn.set(m.id, { json, node });
    }
    return mine;
  }

  drawTabs() {
    const chats = this.state?.chats || [];
    this.tabs.hidden = chats.length < 2;
    if (this.tabs.hidden) return;
    const wanted = JSON.stringify(chats) + this.chat;
    if (this.tabsDrawn !== wanted) {
      this.tabsDrawn = wanted;
      this.tabs.replaceChildren(...chats.map((c) => make("button", { type: "button", "data-open-chat": c.id, "aria-pressed": String(c.id === this.chat),
        onclick: () => { this.go(c.id); this.counted(); } }, make("span", { dir: "auto" }, c.type === "private" ? this.say("chat.bot") : c.title), make("span", { class: "badge", hidden: true }))));
    }
    for (const button of this.tabs.children) {
      const n = this.unreadIn(Number(button.dataset.openChat));
      const badge = button.querySelector(".badge");
      badge.hidden = !n;
      badge.textContent = n;
      badge.setAttribute("aria-label", this.say("unread", { n }));
    }
  }

  // ---- reading

  atEnd() { return this.area.scrollHeight - this.area.scrollTop - this.area.clientHeight < near; }

  // toEnd shows the newest message: its end, or the codes it begins with when they burn and do not fit.
  toEnd(jump, quite) {
    this.stick = true;
    const last = this.list.lastElementChild, tall = !quite && last?.hasAttribute("data-burns") && last.offsetHeight > this.area.clientHeight;
    const top = tall ? this.area.scrollTop + last.getBoundingClientRect().top - this.area.getBoundingClientRect().top - 8 : this.area.scrollHeight;
    this.area.scrollTo({ top, behavior: jump ? "instant" : "auto" });
    this.look();
  }

  // look marks as read what can be seen.
  look() {
    const shown = document.visibilityState === "visible" && this.root.offsetParent !== null;
    const end = this.atEnd();
    const entry = this.chats.get(this.chat);
    if (shown && end) this.stick = true;
    else if (shown && Date.now() - (this.moved || 0) < 700) this.stick = false;
    if (entry && shown && end) entry.read = Math.max(entry.read, newest(entry.state));
    const n = this.unreadIn(this.chat);
    this.down.hidden = end;
    this.fresh.hidden = !n;
    this.fresh.textContent = n;
    this.drawTabs();
    if (n !== this.counts) {
      this.counts = n;
      this.counted();
    }
  }

  unreadIn(chat) {
    const entry = this.chats.get(chat);
    return entry ? entry.state.messages.filter((m) => m.id > entry.read && m.from !== this.persona.id && !m.service).length : 0;
  }

  unread() { return [...this.chats.keys()].reduce((sum, id) => sum + this.unreadIn(id), 0); }

  // tick ends what lasts a time only.
  tick() {
    if (this.busy && this.busy < Date.now() && this.state) {
      this.state.action = "";
      this.draw();
    }
  }

  // ---- acts

  async act(path, body) {
    try {
      return await send("/client/" + path, { user: this.persona.id, ...body });
    } catch (error) {
      this.toast(error instanceof TypeError ? this.say("silent") : error.message);
      return null;
    }
  }

  async speak(text, chat = this.chat) {
    if (text.trim()) await this.act("say", { chat, text });
  }

  async press(message, row, col, button) {
    button.classList.add("waiting");
    button.setAttribute("aria-busy", "true");
    const asked = await this.act("press", { chat: this.chat, message, row, col });
    if (asked) this.pressed.set(asked.callback_query_id, button);
    else this.still(button);
    setTimeout(() => this.still(button), 15000); // nobody can answer later
    this.settle();
  }

  still(button) {
    button.classList.remove("waiting");
    button.removeAttribute("aria-busy");
  }

  // settle stops every button whose press was answered.
  settle() {
    const waiting = [...this.chats.values()].flatMap((c) => c.state.waiting || []);
    for (const [id, button] of this.pressed) {
      if (waiting.includes(id)) continue;
      this.still(button);
      this.pressed.delete(id);
    }
  }

  // follow opens a link to this bot: the private chat, with what the link carries.
  async follow(payload) {
    this.go(this.persona.id);
    await this.speak("/start " + payload, this.persona.id);
  }

  // ---- what the bot answers

  drawToasts(list) {
    const top = list.reduce((max, t) => Math.max(max, t.id), 0);
    if (this.toasted < 0) { // what was there before the page was opened is not shown again
      this.toasted = top;
      return;
    }
    for (const t of list) {
      if (t.id <= this.toasted) continue;
      this.toasted = t.id;
      const payload = /\?start=([\w-]+)$/.exec(t.url || "");
      if (payload) this.follow(payload[1]);
      if (t.text && t.alert) this.showAlert(t.text);
      else if (t.text) this.toast(t.text);
    }
  }

  toast(text) {
    const line = make("p", { dir: "auto" }, text);
    this.toasts.append(line);
    while (this.toasts.children.length > 3) this.toasts.firstChild.remove(); // more would cover what they are about
    setTimeout(() => line.remove(), 4000);
  }

  showAlert(text) {
    this.notice.textContent = text;
    this.back = document.activeElement;
    this.body.inert = true;
    if (!this.alert.open) this.alert.show();
    if (this.root.contains(this.back) || this.back === document.body) this.ok.focus({ preventScroll: true });
  }

  closeAlert() {
    this.alert.close();
    this.body.inert = false;
    (this.back?.isConnected && this.back !== document.body ? this.back : this.area).focus({ preventScroll: true });
  }

  // guard keeps protected texts from being copied or dragged away by hand, as Telegram's own clients do, and says so. A selection that only
  // begins or ends elsewhere is refused, too.
  guard(event) {
    if (this.root.offsetParent === null) return;
    const marked = getSelection(), range = marked.rangeCount && !marked.isCollapsed ? marked.getRangeAt(0) : null;
    const taken = [...this.list.querySelectorAll("[data-protected]")].some((node) => (range ? range.intersectsNode(node) : node.contains(document.activeElement)));
    if (!taken) return;
    event.preventDefault();
    this.toast(this.say("protected.why"));
  }
}
