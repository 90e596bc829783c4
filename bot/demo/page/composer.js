// Where a person types: the text, the bot's commands, and the key to send.

import { make } from "./dom.js";

export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.picked = -1;
    const say = phone.say, id = "commands-" + phone.persona.id;
    this.list = make("ul", { id, class: "commands", role: "listbox", tabIndex: 0, "aria-label": say("commands"), hidden: true, onkeydown: (event) => this.key(event) });
    this.input = make("textarea", { rows: 1, maxLength: 4096, placeholder: say("write"), dir: "auto", enterKeyHint: "send", "data-say": true,
      "aria-label": say("write"), "aria-autocomplete": "list", "aria-controls": id,
      oninput: () => this.typed(), onkeydown: (event) => this.key(event) });
    this.menu = make("button", { type: "button", class: "menu", title: say("commands"), "aria-label": say("commands"), "aria-expanded": "false", "aria-controls": id, onclick: () => this.toggle() }, "/");
    this.file = make("input", { type: "file", accept: "image/png,image/jpeg", hidden: true, "data-picture": true, onchange: () => this.attach() });
    const attach = make("button", { type: "button", class: "menu", title: say("attach"), "aria-label": say("attach"), "data-attach": true, onclick: () => this.file.click() }, make("span", { "aria-hidden": "true" }, "📎"));
    this.form = make("form", { class: "composer", autocomplete: "off", onsubmit: (event) => { event.preventDefault(); this.go(); } },
      this.list, this.menu, this.input, this.file, attach,
      make("button", { type: "submit", class: "send", "data-send": true, title: say("sendit"), "aria-label": say("sendit") }, make("span", { "aria-hidden": "true" }, "➤")));
    this.form.addEventListener("focusout", (event) => { if (!this.form.contains(event.relatedTarget)) this.show([]); });
  }

  typed() {
    this.input.style.height = "auto";
    const height = this.input.scrollHeight + 2; // with its border
    this.input.style.height = Math.min(height, 120) + "px";
    this.input.style.overflowY = height > 120 ? "auto" : "hidden";
    const text = this.input.value;
    this.show(/^\/\w*$/.test(text) ? this.matching(text.slice(1).toLowerCase()) : []);
  }

  matching(start) { return (this.phone.state?.commands || []).filter((c) => c.command.startsWith(start)); }

  toggle() {
    this.show(this.list.hidden ? this.matching("") : []);
    this.input.focus();
  }

  show(commands) {
    this.picked = -1;
    this.list.hidden = commands.length === 0;
    this.menu.setAttribute("aria-expanded", String(!this.list.hidden));
    this.input.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(...commands.map((c, i) => make("li", { id: `${this.list.id}-${i}`, role: "option", "data-command": "/" + c.command, "aria-selected": "false",
      onpointerdown: (event) => event.preventDefault(), onclick: () => this.go("/" + c.command) }, make("b", { dir: "ltr" }, "/" + c.command), make("span", { dir: "auto" }, c.description))));
  }

  key(event) {
    const open = !this.list.hidden;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.go(this.list.children[this.picked]?.dataset.command);
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (open && event.key === "Escape") {
      this.show([]);
    }
  }

  move(step) {
    const items = [...this.list.children];
    this.picked = (this.picked + step + items.length + (this.picked < 0 && step < 0 ? 1 : 0)) % items.length;
    items.forEach((item, i) => item.setAttribute("aria-selected", String(i === this.picked)));
    this.input.setAttribute("aria-activedescendant", items[this.picked].id);
    items[this.picked].scrollIntoView({ block: "nearest" });
  }

  // attach sends a picture, with what is typed as its caption.
  async attach() {
    const [picture] = this.file.files, caption = this.input.value;
    this.file.value = "";
    if (!picture) return;
    const query = new URLSearchParams({ chat: this.phone.chat, user: this.phone.persona.id, caption });
    try {
      const answer = await fetch("/client/picture?" + query, { method: "POST", body: picture });
      if (!answer.ok) throw new Error((await answer.json()).error || answer.statusText);
      this.input.value = "";
      this.typed();
    } catch (error) {
      this.phone.toast(error instanceof TypeError ? this.phone.say("silent") : error.message);
    }
  }

  async go(text = this.input.value) {
    if (!text.trim()) return;
    this.input.value = "";
    this.typed();
    await this.phone.speak(text);
  }
}
