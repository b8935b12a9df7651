// How times, durations and JSON are written.

export const words = {
  failed: "failing", left: "left", unconfirmed: "lease lost", given_up: "given up", lost: "lost", in_flight: "in flight",
  confirmed: "confirmed", handled: "handled", unmatched: "unmatched", unseen: "not seen any more",
};

export const meanings = {
  failed: "A handler failed it, and it is not done yet: VOD hands it out again",
  left: "It was never run: VOD hands it out again",
  unconfirmed: "It was handled, and its lease ended before it was confirmed: it comes again",
  given_up: "Written to the dead letters, then confirmed", lost: "A callback that was given up, and could not be written",
  in_flight: "Handed out, and not done yet", confirmed: "Handled by all handlers that want it, and confirmed",
  handled: "A callback, handled by all handlers that want it", unmatched: "No handler wants it: confirmed",
  unseen: "It failed here, and this replica was not handed it for 6 hours",
};

const two = (n) => String(n).padStart(2, "0");

// clock writes a time, in the person's zone, with its date if that is another.
export function clock(time) {
  const t = new Date(time), day = `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} `;
  return (t.toDateString() === new Date().toDateString() ? "" : day) + `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

// long writes a duration with what matters of it.
export function long(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor(s / 3600) % 24} h`;
}

export function count(n, one, many = one + "s") {
  return `${number(n)} ${n === 1 ? one : many}`;
}

export const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

export function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}

const tokens = /"(?:[^"\\]|\\.)*"|[{[]\s*[}\]]|[{}[\],:]|[^\s{}[\],:"]+/g;

// indent lays JSON out. It changes nothing but the white space, where JSON.parse would round large numbers.
export function indent(json) {
  let depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  return (json.replace(/\s+$/, "").match(tokens) || []).map((token) => {
    switch (token) {
      case "{": case "[": depth++; return token + line();
      case "}": case "]": depth--; return line() + token;
      case ",": return token + line();
      case ":": return ": ";
      default: return /^[{[]/.test(token) ? token[0] + token[token.length - 1] : token;
    }
  }).join("");
}
