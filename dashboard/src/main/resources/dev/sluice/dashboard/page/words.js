// Figures as people read them.

const numbers = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export function duration(seconds) {
  if (!seconds) return "0";
  if (seconds < 0.001) return `${(seconds * 1e6).toFixed(0)} µs`;
  if (seconds < 1) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function count(number) {
  return numbers.format(number);
}

export function plural(number, one, many) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

export function ago(millis, now) {
  const seconds = Math.max(0, (now - millis) / 1000);
  if (seconds < 2) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return time(millis);
}

export function time(millis) {
  return clock.format(new Date(millis));
}

export function percent(share) {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

/** The thread's name out of "the loop (kind) of thread 'name'". */
export function threadOf(loop) {
  const found = /thread '([^']*)'/.exec(loop);
  return found ? found[1] : loop;
}

/** "/a/b/c.py:12 in f" as its parts; the folder is shortened to its last name. */
export function place(site) {
  const found = /^(.*?)([^/\\]+:\d+) in (.*)$/.exec(site);
  if (!found) return { folder: "", file: site, name: "" };
  const folders = found[1].split(/[/\\]/).filter(Boolean);
  return { folder: folders.length ? `…/${folders.at(-1)}/` : "", file: found[2], name: found[3] };
}
