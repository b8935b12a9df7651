// Dead letters: list, show, replay one at a time, purge. Both ask first.

import { $, ask, button, call, copy, element, say, setExact, setText, showRows } from "/page/dom.js";
import { clock, count, indent, number } from "/page/text.js";

let asked = 0, given = -1, listing = false;

// showLetters lists them when it has been a while, and when one more was given up: once at a time, since the folder may hold very many.
export function showLetters(s) {
  $("letters-part").hidden = !s.letters_at;
  setText($("letters-at"), s.letters_at ? `They go to ${s.letters_at}.` : "");
  const now = s.totals.given_up || 0;
  if (!s.letters || listing || (performance.now() - asked < 10000 && now === given)) return;
  given = now;
  list();
}

async function list() {
  asked = performance.now();
  listing = true;
  try {
    const answer = await call("/api/letters");
    setText($("letters-count"), answer.letters.length < answer.all ? `the last ${answer.letters.length} of ${number(answer.all)}` : number(answer.all));
    showRows($("letters"), answer.letters, (l) => l.name + l.last, letterRow);
  } catch (error) {
    say("The dead letters: " + error.message, true);
  }
  listing = false;
}

function letterRow(l) {
  const details = element("details", "", element("summary", "row", element("b", "", l.type || l.name), element("code", "quiet", l.file || l.task || ""),
    element("span", "end", l.last ? clock(l.last) : ""), element("span", "bad error", l.odd || l.error || l.reason)));
  const json = element("pre"), facts = element("p", "quiet");
  const replay = button("Replay", () => run(l, replay)), purge = button("Purge", () => remove(l, purge), "warning");
  replay.hidden = Boolean(l.odd);
  const tools = element("p", "buttons", replay, purge, button("Copy payload", () => copy(json.textContent, json)));
  details.append(element("div", "body", facts, tools, json));
  details.addEventListener("toggle", async () => {
    if (!details.open || l.odd) return;
    try {
      const whole = await call("/api/letter?name=" + encodeURIComponent(l.name));
      setText(facts, `${whole.reason}; ${whole.missing?.length ? `missing ${whole.missing.join(", ")}` : "no handler wanted it"}; ${
        count(whole.attempts || 0, "attempt")}; failed from ${clock(whole.first)} to ${clock(whole.last)}${whole.error ? `: ${whole.error}` : ""}`);
      setExact(json, indent(whole.payload));
    } catch (error) {
      say(error.message, true);
      list();
    }
  });
  const row = element("li", "", details);
  row.dataset.letter = l.name;
  row.update = () => {};
  return row;
}

const called = (l) => `${l.type || "file"} ${l.file || l.task || l.name}`;

async function act(button, f) {
  button.disabled = true;
  try {
    await f();
  } catch (error) {
    say(error.message, true);
  }
  button.disabled = false;
  await list();
  document.dispatchEvent(new Event("acted"));
}

async function run(l, button) {
  if (!await ask(`Run ${l.missing?.length ? l.missing.join(", ") : "the handlers that want it"} on ${called(l)} again?`, "Replay")) return;
  say("Replaying …");
  act(button, async () => {
    const done = await call("/api/replay?name=" + encodeURIComponent(l.name), "POST");
    if (done.requeued) say(`${called(l)} waits again: the worker hands it to its handlers`);
    else say(done.gone ? `Replayed: ${called(l)} is done, its letter is gone` : `It stays: ${done.error}`, !done.gone);
  });
}

async function remove(l, button) {
  if (!await ask(`Throw ${called(l)} away? VOD does not hand it out again.`, "Purge")) return;
  act(button, async () => {
    await call("/api/purge?name=" + encodeURIComponent(l.name), "POST");
    say(`Purged ${called(l)}`);
  });
}
