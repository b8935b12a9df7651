// The filter of events, which a reload keeps.

import { $, element, setText, showRows } from "./api.js";

const lists = ["waiting", "inflight", "past"];
const wanted = JSON.parse(sessionStorage.getItem("filter") || '{"type":"","text":""}');

// showFiltered hides the rows that are not wanted, and says how many there are of how many.
export function showFiltered(sent) {
  const rows = lists.flatMap((list) => [...$(list).children]);
  const types = [...new Set([...rows.map((row) => row.dataset.type), wanted.type].filter(Boolean))].sort();
  showRows($("filter-type"), ["", ...types], (type) => {
    const option = element("option", "", type || "All types");
    option.value = type;
    return option;
  });
  $("filter-type").value = wanted.type;
  let shown = 0;
  for (const row of rows) {
    row.hidden = !row.matches({ type: wanted.type, text: wanted.text.toLowerCase() });
    if (!row.hidden) shown++;
  }
  for (const list of lists) $(list).parentElement.hidden = ![...$(list).children].some((row) => !row.hidden);
  const filters = Boolean(wanted.type || wanted.text);
  $("unfilter").hidden = !filters;
  setText($("filtered"), filters ? `${shown} of ${rows.length}` : "");
  $("nothing").hidden = shown > 0;
  setText($("nothing"), rows.length ? "No listed event is like that." : sent ? "No event is queued, and none has left."
    : "There is no event yet. Upload a video to make one.");
}

function want(type, text) {
  Object.assign(wanted, { type, text });
  sessionStorage.setItem("filter", JSON.stringify(wanted));
  document.dispatchEvent(new Event("filtered"));
}

$("filter-text").value = wanted.text;
$("filter").addEventListener("submit", (event) => event.preventDefault());
for (const [id, on] of [["filter-type", "change"], ["filter-text", "input"]]) {
  $(id).addEventListener(on, () => want($("filter-type").value, $("filter-text").value.trim()));
}
$("unfilter").addEventListener("click", () => {
  $("filter-text").value = "";
  want("", "");
});
