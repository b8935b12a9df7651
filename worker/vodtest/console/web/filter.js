// The filter of events, which a reload keeps. The emulator filters, for the page does not have them all.

import { $, element, goTo, setText, showRows } from "./api.js";

const wanted = JSON.parse(sessionStorage.getItem("filter") || '{"type":"","text":""}');
const types = new Set(); // that were seen

// filtered is the filter as a part of a query.
export function filtered() {
  return `&Type=${encodeURIComponent(wanted.type)}&Find=${encodeURIComponent(wanted.text)}`;
}

// showFiltered says how many events of a state the filter has found, of how many.
export function showFiltered(s) {
  const groups = [["waiting", s.Waiting], ["inflight", s.InFlight], ["past", s.Past]];
  for (const [list, events] of groups) {
    $(list).parentElement.hidden = !events.length;
    for (const event of events) types.add(event.Type);
  }
  const known = [...$("types").options].map((option) => option.value);
  const options = new Set([...types, ...known, wanted.type].filter(Boolean));
  showRows($("filter-type"), ["", ...[...options].sort()], (type) => {
    const option = element("option", "", type || "All types");
    option.value = type;
    return option;
  });
  $("filter-type").value = wanted.type;
  $("unfilter").hidden = !s.Found;
  setText($("filtered"), s.Found ? `${s.Found.Waiting + s.Found.InFlight + s.Found.Past} of ${s.Found.Of}` : "");
  $("nothing").hidden = groups.some(([, events]) => events.length);
  setText($("nothing"), s.Found ? "No event is like that. Of those that have left, the last 100 are kept."
    : s.Stats.Sent ? "No event is queued, and none has left." : "There is no event yet. Upload a video to make one.");
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
$("unfilter").addEventListener("click", () => find(""));
document.addEventListener("find", (event) => {
  find(event.detail);
  goTo("events");
});

// find wants events of all types that have a text.
function find(text) {
  $("filter-text").value = text;
  want("", text);
}
