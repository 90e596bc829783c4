// Making nodes. Nothing on this page is ever parsed as HTML.

// make builds an element: properties starting with "data-" or "aria-", role, dir, lang and for become attributes, on… a listener, the
// rest properties; children are nodes or texts, empty ones are left out.
export function make(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (/^(data-|aria-|role$|dir$|lang$|for$|scope$)/.test(name)) node.setAttribute(name, value === true ? "" : String(value));
    else node[name] = value;
  }
  node.append(...children.flat().filter((c) => c !== undefined && c !== null && c !== false && c !== ""));
  return node;
}

// send posts JSON; the answer's result, or an Error with the words of the server.
export async function send(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error);
  return result;
}

// copy puts a text into the clipboard and tells whether that worked.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // no permission, or a page that is not served from this machine
    const area = make("textarea", { value: text, class: "offscreen" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

// clock is the world's time: the machine's own, moved by what the control room says.
export const clock = {
  skew: 0,
  zone: undefined, // the shop's, so that the page and the bot's own words name the same hour
  time(say, at, options = {}) { return new Date(at).toLocaleTimeString(say.locale, { timeZone: this.zone, hour12: false, ...options }); },
  set(now) { this.skew = now - Date.now(); },
  now() { return Date.now() + this.skew; },
};

// after runs something when an animation is over, at once for people who want no motion.
export function after(ms, then) {
  setTimeout(then, matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : ms);
}
