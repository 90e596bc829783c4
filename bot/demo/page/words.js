// The page's own words. A phone speaks the language of its owner's Telegram, the control room that of the browser.

import { english } from "./words.en.js";
import { french } from "./words.fr.js";
import { arabic } from "./words.ar.js";

const all = { en: english, fr: french, ar: arabic };

// speech gives the words of a language tag: a function of key and values, with its tag and direction. Words that change for a single
// thing have a second text, whose key ends in ".one".
export function speech(tag) {
  const language = all[(tag || "").slice(0, 2).toLowerCase()] ? tag.slice(0, 2).toLowerCase() : "en";
  const say = (key, values = {}) => {
    const one = values.n === 1 ? all[language][key + ".one"] : undefined;
    const text = one ?? all[language][key] ?? english[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  };
  say.language = language;
  say.locale = language === "ar" ? "ar-DZ-u-nu-latn" : language === "fr" ? "fr-DZ" : "en-GB";
  say.dir = language === "ar" ? "rtl" : "ltr";
  return say;
}
