// The inbox: what lies in it for each handler, of all replicas.

import { $, element, setText, showRows } from "/page/dom.js";
import { clock, count, number } from "/page/text.js";

export function showInbox(inbox) {
  $("inbox-part").hidden = !inbox;
  if (!inbox) return;
  setText($("inbox-state"), inbox.failing ? `It fails since ${clock(inbox.since)}: ${inbox.failing}` : "");
  setText($("inbox-at"), ["Confirmed to VOD, and not done yet", inbox.at && `counted ${clock(inbox.at)}, those of all replicas`,
    inbox.unwritten && `${count(inbox.unwritten, "outcome")} not written yet`].filter(Boolean).join(" · "));
  showRows($("inbox"), inbox.handlers, (h) => h.name, inboxRow);
}

function inboxRow(h) {
  const badge = element("span", "badge"), counts = element("div"), oldest = element("div", "quiet");
  const row = element("li", "card", element("div", "row", badge, element("b", "", h.name || "no handler")), counts, oldest);
  row.dataset.inbox = h.name;
  row.update = (h) => {
    const nobody = !h.configured && (h.waiting || h.failed);
    row.dataset.outcome = h.down || nobody || h.failed ? "failed" : "confirmed";
    setText(badge, nobody ? "not configured" : h.down ? "down" : h.failed ? "fails" : "up");
    setText(counts, [`${number(h.waiting)} waiting`, `${number(h.running)} running`, `${number(h.failed)} failed`, `${number(h.dead)} given up`].join(" · "));
    setText(oldest, h.oldest ? `the oldest was stored ${clock(h.oldest)}` : "nothing to be done");
  };
  return row;
}
