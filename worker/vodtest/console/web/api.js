// What all parts of the page share: the calls to the emulator, and what the person sees of them.
//
// Everything that comes from the emulator is put in as text, never as HTML: an event holds what anybody has sent.

export const $ = (id) => document.getElementById(id);
const path = "/emulator/";

// at is where the page is: the application, which the URL has, and the file that was uploaded last.
export const at = { app: appOfURL(), file: "" };

export function appOfURL() {
  return /^#[0-9]{1,15}$/.test(location.hash) ? Number(location.hash.slice(1)) : 0;
}

export function element(tag, className, ...content) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...content.filter((c) => c !== "" && c !== null && c !== undefined));
  return e;
}

export function button(text, onClick, className) {
  const b = element("button", className, text);
  b.type = "button";
  b.addEventListener("click", onClick);
  return b;
}

// setText leaves what is right alone, so that only changes are read out.
export function setText(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

// showRows makes all rows anew if there is anything new.
export function showRows(list, items, row) {
  const text = JSON.stringify(items);
  if (list.shown === text) return;
  list.shown = text;
  list.replaceChildren(...items.map(row));
}

let saying = 0;

// say shows what came of something: good news for a while, bad news until there is other news.
export function say(text, bad) {
  clearTimeout(saying);
  $("said").textContent = text;
  $("said").classList.toggle("bad", Boolean(bad));
  if (!bad) saying = setTimeout(() => say("", true), 8000);
  if (!text) return;
  const news = $("said").getBoundingClientRect(), used = document.activeElement.getBoundingClientRect();
  if (document.activeElement.matches("button") && used.bottom > news.top && used.top < news.bottom) {
    scrollBy(0, used.bottom - news.top + 8); // what was pressed is not covered
  }
}

// keepFocus gives the focus back to what had it, which may have moved. If it is hidden or gone, the next place is its row, then
// the top of the page.
export function keepFocus(had) {
  const to = [had, had.closest("li")?.querySelector("summary"), $("title")].find((e) => e?.checkVisibility());
  if (to !== document.activeElement) to.focus({ preventScroll: true });
}

// go shows a part of the page, where there is room for one only.
export function go(panel) {
  document.body.dataset.tab = panel;
  for (const part of document.querySelectorAll("[data-panel]")) part.classList.toggle("here", part.dataset.panel === panel);
  for (const to of document.querySelectorAll("[data-to]")) {
    if (to.dataset.to === panel) to.setAttribute("aria-current", "true");
    else to.removeAttribute("aria-current");
  }
}

// goTo shows a part of the page, and of that the top.
export function goTo(panel) {
  go(panel);
  if (document.querySelector("nav").checkVisibility()) scrollTo(0, 0); // it is the only one
  else document.querySelector(`[data-panel=${panel}]`).scrollIntoView();
}

async function answerOf(name, options) {
  const response = await fetch(path + name, options);
  const text = await response.text();
  if (!response.ok) throw new Error(JSON.parse(text).Error);
  return text;
}

export async function get(name) {
  return JSON.parse(await answerOf(name, {}));
}

// getText returns JSON as it is written: numbers of any size stay what they are.
export function getText(name) {
  return answerOf(name, {});
}

// act has something done, says what came of it, and asks for the new state. A body is an object, or JSON.
export async function act(name, body, done) {
  try {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const made = JSON.parse(await answerOf(name, { method: "POST", body: text }));
    say(made.Note || done(made));
  } catch (error) {
    say(error.message, true);
  }
  document.dispatchEvent(new Event("acted"));
}

// copy puts text on the clipboard. Browsers allow it on localhost and by https; elsewhere it selects what shows the text.
export async function copy(text, shownBy) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    getSelection().selectAllChildren(shownBy);
    say("It is selected: copy it with Ctrl+C or ⌘C");
  }
}
