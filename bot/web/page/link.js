// What makes the pages behind a one-time link more comfortable. They work without it, too: the button is a form, and the page with the codes
// goes by itself.
"use strict";
(() => {
  const form = document.querySelector("form");
  if (form) {
    form.addEventListener("submit", (press) => {
      const file = press.submitter && press.submitter.value === "file";
      setTimeout(() => { // after the browser has read the form
        for (const button of form.querySelectorAll("button")) button.disabled = true;
        if (file) document.getElementById("used").hidden = false;
      });
    });
    return;
  }
  const seconds = Number(document.body.dataset.seconds);
  if (!seconds) return;
  const end = Date.now() + seconds * 1000;
  const clear = () => document.body.replaceChildren();
  const leave = () => { clear(); location.replace("gone"); };
  setTimeout(leave, seconds * 1000);
  // A machine that slept, and a page that comes back from the browser's memory.
  document.addEventListener("visibilitychange", () => { if (Date.now() >= end) leave(); });
  addEventListener("pageshow", (shown) => { if (shown.persisted || Date.now() >= end) leave(); });
  addEventListener("pagehide", clear);
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector(".secret").textContent);
      button.textContent = document.body.dataset.copied;
    });
  }
})();
