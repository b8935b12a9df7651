// How times, durations and JSON are written.

// clock writes a time as the emulator's log does: 24 hours, milliseconds, in the emulator's zone, which the time is in.
export function clock(time, later = 0) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(time) || ["", "+", 0, 0];
  const zone = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60000 : 60000);
  return new Date(Date.parse(time) + later + zone).toISOString().slice(11, 23);
}

// utc writes a time with its date, as a JSON log in UTC does.
export function utc(time, later = 0) {
  return new Date(Date.parse(time) + later).toISOString();
}

// left writes how long there is left: 29 s, 59:55, 1:00:00.
export function left(ms) {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s left`;
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  if (seconds >= 3600) parts.unshift(Math.floor(seconds / 3600));
  return parts.map((n, i) => (i ? String(n).padStart(2, "0") : n)).join(":") + " left";
}

// long writes a time that may be long, by its two largest units: 4 days, 1 day 2 h, 30 s, 200 ms.
export function long(ms) {
  if (ms < 1000) return `${ms} ms`;
  const seconds = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86400), " day"], [Math.floor(seconds / 3600) % 24, " h"], [Math.floor(seconds / 60) % 60, " min"],
    [seconds % 60, " s"],
  ];
  const largest = parts.findIndex(([n]) => n);
  return parts.slice(largest, largest + 2).filter(([n]) => n)
    .map(([n, unit]) => n + unit + (unit === " day" && n > 1 ? "s" : "")).join(" ");
}

// count writes a number of things.
export function count(n, one, many = one + "s") {
  return `${n} ${n === 1 ? one : many}`;
}

const tokens = /"(?:[^"\\]|\\.)*"|[{[]\s*[}\]]|[{}[\],:]|[^\s{}[\],:"]+/g;

// indent lays JSON out. It changes nothing but the white space, where JSON.parse would round large numbers.
export function indent(json) {
  let depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  return json.replace(/\s+$/, "").match(tokens).map((token) => {
    switch (token) {
      case "{": case "[": depth++; return token + line();
      case "}": case "]": depth--; return line() + token;
      case ",": return token + line();
      case ":": return ": ";
      default: return /^[{[]/.test(token) ? token[0] + token[token.length - 1] : token;
    }
  }).join("");
}
