// The page: it asks for the state each second, and shows it. See api.js for what is safe to show.

import { $, appOfURL, at, element, get, go, goTo, keepFocus, say, setText, showRows } from "./api.js";
import { callRow, callbackRow } from "./calls.js";
import { showConnect } from "./connect.js";
import { showFailures, showFaults } from "./faults.js";
import "./fidelity.js";
import { filtered, showFiltered } from "./filter.js";
import { setFile, showSettings } from "./forms.js";
import { showMedia } from "./media.js";
import { showEvents } from "./rows.js";
import { long } from "./text.js";

let busy = false; // a state was asked for
let lost = false; // it did not come
let timer = 0;

function show(s) {
  const hadFocus = document.activeElement || document.body;
  const n = s.Stats, c = s.Stats.Callbacks;
  showCounts([
    ["waiting", n.Waiting, "waiting"], ["flight", n.InFlight, "in flight"], ["confirmed", n.Confirmed, "confirmed"],
    n.Expired ? ["again", n.Expired, n.Expired === 1 ? "window missed" : "windows missed"] : null,
    n.Dropped ? ["dropped", n.Dropped, "dropped"] : null,
  ].filter(Boolean));
  $("pushed").hidden = s.Settings.Mode !== "PUSH" && !s.Callbacks.length;
  setText($("callback-counts"), `${c.Answered} answered, ${c.Pending} pending, ${c.GivenUp} given up` +
    (c.NoURL ? `, ${c.NoURL} without a URL` : ""));
  const all = s.Found || { Waiting: n.Waiting, InFlight: n.InFlight, Past: n.Confirmed + n.Dropped };
  for (const [id, events, total, which] of [
    ["waiting", s.Waiting, all.Waiting, "newest N"], ["inflight", s.InFlight, all.InFlight, "N that end next,"],
    ["past", s.Past, all.Past, "last N"],
  ]) {
    setText($(id + "-count"), total > events.length ? `the ${which.replace("N", events.length)} of ${total}` : String(total));
  }
  showEvents({ waiting: s.Waiting, inflight: s.InFlight, past: s.Past }, s.WindowMs);
  showFiltered(s);
  showMedia(s.Media);
  showRows($("calls"), s.Calls, callRow);
  showRows($("callbacks"), s.Callbacks, callbackRow);
  showRows($("apps"), s.SubAppIds, (id) => element("option", "", String(id)));
  showSettings(s.Settings);
  showFaults(s.Faults);
  showFailures(s.Failures);
  showConnect(s.Key);
  showTitle(n.Waiting, s.Faults !== "" || s.Failures !== "" || s.Settings.Mode === "PUSH");
  setFile(s.LastFileId);
  $("ahead-banner").hidden = !s.AheadMs;
  setText($("ahead"), long(s.AheadMs));
  keepFocus(hadFocus);
}

function showCounts(counts) {
  showRows($("counts"), counts, ([state, n, word]) => {
    const badge = element("span", "badge", `${n} ${word}`);
    badge.dataset.state = state;
    if (!n) badge.dataset.none = "";
    return badge;
  });
}

// showTitle tells one tab from another: how much waits, where, and by its colour whether something is switched on that hurts.
function showTitle(waiting, hurts) {
  const title = `${waiting} waiting · ${location.host}${at.app ? ` · ${at.app}` : ""}`;
  if (document.title !== title) document.title = title;
  const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="${
    hurts ? "#c77700" : "#0b5cad"}"/><path d="M5 3.5v9l7-4.5z" fill="#fff"/></svg>`;
  const href = "data:image/svg+xml," + encodeURIComponent(icon);
  if ($("icon").getAttribute("href") !== href) $("icon").setAttribute("href", href);
}

async function refresh() {
  clearTimeout(timer);
  if (busy) {
    timer = setTimeout(refresh, 100);
    return;
  }
  busy = true;
  const wanted = () => `state?SubAppId=${at.app}${filtered()}`;
  const asked = wanted();
  try {
    const state = await get(asked);
    if (asked === wanted()) show(state);
    if (lost) say("The emulator answers again");
    lost = false;
  } catch (error) {
    lost = true;
    say("The emulator does not answer: " + error.message, true);
  }
  busy = false;
  timer = setTimeout(refresh, document.hidden ? 5000 : 1000); // hidden, the tab still has a title
}

$("app").addEventListener("change", () => {
  if (!$("app").checkValidity()) return say("A SubAppId is a number", true);
  say("", true);
  location.hash = Number($("app").value) || "";
  visit();
});
addEventListener("hashchange", visit); // by Back, too

// visit shows the application that the URL names.
function visit() {
  at.app = appOfURL();
  $("app").value = String(at.app);
  setFile("");
  refresh();
}
for (const to of document.querySelectorAll("[data-to]")) {
  to.addEventListener("click", () => goTo(to.dataset.to));
}
document.addEventListener("acted", refresh);
document.addEventListener("filtered", refresh);
document.addEventListener("visibilitychange", () => document.hidden || refresh());

$("endpoint").textContent = location.origin;
go("events");
visit();
