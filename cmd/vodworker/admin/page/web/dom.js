// What all parts of the page share. Everything is put in as text, never as HTML: an event holds what anybody has sent.

export const $ = (id) => document.getElementById(id);

// plain shows the marks that would turn text around, and what follows: one name must not look like another. Payloads stay as they are.
const plain = (text) => typeof text === "string" ? text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "\ufffd") : text;

export function element(tag, className, ...content) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...content.filter((c) => c !== "" && c !== null && c !== undefined).map(plain));
  return e;
}

export function button(text, onClick, className) {
  const b = element("button", className, text);
  b.type = "button";
  b.addEventListener("click", onClick);
  return b;
}

// setText leaves what is right alone, so that only changes are read out, and what is selected stays so.
export function setText(e, text) {
  setExact(e, plain(text));
}

export function setExact(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

// showRows shows an item each in a row that stays the same for the same key, so that what is open stays open. make makes one
// with an update(item).
export function showRows(list, items, keyOf, make) {
  const rows = (list.rows ||= new Map()), seen = new Set();
  let before = null;
  for (const item of items) {
    const key = keyOf(item);
    seen.add(key);
    if (!rows.has(key)) rows.set(key, make(item));
    const row = rows.get(key);
    row.update(item);
    const place = before ? before.nextSibling : list.firstChild;
    if (place !== row) list.insertBefore(row, place);
    before = row;
  }
  for (const [key, row] of rows) {
    if (seen.has(key)) continue;
    row.remove();
    rows.delete(key);
  }
}

// showChoices fills a select, and leaves it alone while nothing is new.
export function showChoices(select, choices, chosen) {
  const text = JSON.stringify(choices);
  if (select.shown !== text) {
    select.shown = text;
    select.replaceChildren(...choices.map(([value, label]) => new Option(plain(label), value)));
  }
  if (select.value !== chosen) select.value = chosen;
}

let saying = 0;

// say shows what came of something: good news for a while, bad news until there is other news.
export function say(text, bad) {
  clearTimeout(saying);
  setText($("said"), text);
  $("said").classList.toggle("bad", Boolean(bad));
  if (!bad) saying = setTimeout(() => say("", true), 8000);
}

// ask asks the person, and resolves to whether the answer is yes.
export function ask(question, yes) {
  setText($("question"), question);
  setText($("yes"), yes);
  return new Promise((resolve) => {
    const end = (answer) => {
      $("sure").close();
      resolve(answer);
    };
    $("yes").onclick = () => end(true);
    $("no").onclick = () => end(false);
    $("sure").oncancel = () => resolve(false);
    $("sure").showModal();
    $("no").focus();
  });
}

// call returns what the worker answers. What it refuses is an error that says why.
export async function call(path, method = "GET") {
  const response = await fetch(new URL(path, location.origin), { method }); // the address may have the token, which fetch refuses
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = { error: text.trim() || response.statusText };
  }
  if (!response.ok) throw new Error(answer.error);
  return answer;
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
