// Lists whose rows open, of events and of files.

import { $, element, showRows } from "./api.js";

// openingRow makes a row: badges that tell its state, a title, what there is room for beside it, an id, and an end. What it
// shows when it is open, makeBody makes once it is: an element with an update, which gets what row.tell was told last.
export function openingRow({ badges, title, what, id, end }, makeBody) {
  const fill = element("span");
  const bar = element("span", "bar", fill);
  bar.setAttribute("aria-hidden", "true");
  const details = element("details", "", element("summary", "row",
    element("span", "state", ...badges), element("b", "", title),
    element("span", "what", what, element("code", "", id)), end, bar));
  const row = element("li", "", details);
  let told = [], body = null;
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    if (!body) details.append(body = makeBody());
    body.update(...told);
    body.load?.();
  });
  row.tell = (...news) => {
    told = news;
    if (details.open) body?.update(...told);
  };
  // fill shows how much there is of something, from 0 to 1, if there is anything to show.
  row.fill = (share) => {
    bar.hidden = share === undefined;
    if (share !== undefined) fill.style.transform = `scaleX(${share})`;
  };
  return row;
}

// showFacts shows what is known: names with a text or elements, without those of which there is nothing.
export function showFacts(list, facts, show = (value) => value) {
  showRows(list, facts.filter(([, value]) => value), ([name, value]) =>
    element("div", "", element("dt", "", name), element("dd", "", show(value))));
}

// showOpening shows things in lists by the names of these. rows has the row of each by its id, in whatever list, so that what
// is open stays open. Who has the focus may lose it.
export function showOpening(rows, lists, { idOf, make, update }) {
  const old = new Set(rows.keys());
  const placed = Object.entries(lists).map(([name, things]) => [name, things.map((thing) => {
    const id = idOf(thing);
    if (!old.delete(id)) rows.set(id, make(thing));
    const row = rows.get(id);
    if (row.parentElement !== $(name)) row.remove();
    update(row, thing, name);
    return row;
  })]);
  for (const id of old) {
    rows.get(id).remove();
    rows.delete(id);
  }
  for (const [name, shown] of placed) {
    shown.forEach((row, i) => row === $(name).children[i] || $(name).insertBefore(row, $(name).children[i] || null));
  }
}
