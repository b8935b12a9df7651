// Rows of calls and callbacks.

import { element } from "./api.js";
import { clock, count, utc } from "./text.js";

// ended is when a call was over, which is when the log tells of it.
function ended(c, ...before) {
  const time = element("time", "end", ...before, `${c.TookMs} ms, ${clock(c.Time, c.TookMs)}`);
  time.dateTime = time.title = utc(c.Time, c.TookMs);
  return time;
}

export function callRow(c) {
  const bad = c.Error && c.Code !== "ResourceNotFound";
  const events = c.Action === "ConfirmEvents" ? `${c.Confirmed || 0} of ${c.Events} confirmed` : count(c.Events, "event");
  const answer = c.Code || c.Error || (/^(Pull|Confirm)Events$/.test(c.Action) ? events : c.Forwarded ? "answered by the stub" : "done");
  return element("li", "",
    element("b", "", c.Action || "(no action)"),
    c.SubAppId ? element("span", "quiet", String(c.SubAppId)) : "",
    element("span", bad ? "bad" : "", answer),
    c.Code && c.Events ? element("span", "quiet", events) : "",
    c.Fault ? element("span", "quiet", "fault ", element("code", "", c.Fault)) : "",
    ended(c, c.Times > 1 ? `${c.Times} times, ` : ""));
}

export function callbackRow(c) {
  return element("li", "",
    element("b", "", c.Type || "(no type)"),
    element("span", "", c.Name),
    c.FileId ? element("code", "quiet", c.FileId) : "",
    c.Url ? element("span", "quiet", "to ", element("code", "", c.Url)) : "",
    c.Try ? element("span", "", `try ${c.Try}`) : "",
    element("span", c.Error ? "bad" : "", c.Error ? c.Error + (c.Last && c.Try ? ": given up" : "") : `answered ${c.Status}`),
    ended(c));
}
