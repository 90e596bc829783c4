// Inline keyboards.

import { make, copy } from "./dom.js";
import { link } from "./text.js";

const styles = ["danger", "success", "primary"];

export function drawKeyboard(phone, m) {
  return make("div", { class: "keys" }, m.keyboard.map((row, r) => make("div", {}, row.map((b, c) => drawKey(phone, m, b, r, c)))));
}

// drawKey makes one key; its text is the label and nothing else, marks are drawn by the style sheet.
function drawKey(phone, m, b, row, col) {
  const style = styles.includes(b.style) ? b.style : "";
  const label = make("span", { dir: "auto" }, b.text);
  if (b.url) return link(phone, b.url, { class: "key leaves " + style, "data-key": true }, [label]);
  const key = make("button", { type: "button", class: "key " + style, "data-key": true }, label);
  if (b.copy_text) {
    key.classList.add("copies");
    key.setAttribute("data-copy", "");
    key.addEventListener("click", async () => {
      const done = await copy(b.copy_text.text);
      key.classList.toggle("copied", done);
      setTimeout(() => key.classList.remove("copied"), 1500);
      phone.toast(phone.say(done ? "copied" : "nocopy"));
    });
  } else if (b.pay) {
    key.addEventListener("click", () => phone.act("pay", { chat: phone.chat, message: m.id }));
  } else if (b.callback_data) {
    key.addEventListener("click", () => phone.press(m.id, row, col, key));
  } else {
    key.disabled = true;
  }
  return key;
}
