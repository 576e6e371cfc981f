// Loops with the histogram of their stays, and the bars of the GIL.

import { byId, element, emptiness, setAttribute, setText } from "./elements.js";
import { count, duration, percent } from "./words.js";

const SLOW = 0.01;
const BAD = 0.1;
const MARKS = [[1e-5, "10 µs"], [1e-4, "100 µs"], [1e-3, "1 ms"], [1e-2, "10 ms"], [0.1, "100 ms"], [1, "1 s"], [10, "10 s"]];

let limits = [];
const loops = new Map();
const bars = new Map();

/** The seconds below which the stays of each count are. */
export function setLimits(nanos) {
  limits = nanos.map((each) => (each === 0 ? Infinity : each / 1e9));
}

/** The bound of the count that has the given share of all stays below it. */
function quantile(lags, share) {
  const total = lags.reduce((sum, each) => sum + each, 0);
  let seen = 0;
  for (let i = 0; i < lags.length; i++) {
    seen += lags[i];
    if (total > 0 && seen >= share * total) return limits[i];
  }
  return 0;
}

function atMost(seconds) {
  if (!seconds) return "–";
  return seconds === Infinity ? "> 34 s" : `< ${duration(seconds)}`;
}

function severity(limit) {
  return limit > BAD ? "bad" : limit > SLOW ? "slow" : "fine";
}

function makeLoop() {
  const figures = element("dl", { class: "figures" });
  const values = ["busy", "now", "median", "99 %", "longest"].map((name) => {
    const value = element("dd");
    figures.append(element("div", {}, element("dt", {}, name), value));
    return value;
  });
  const columns = limits.map((limit) => element("i", { class: severity(limit) }));
  const chart = element("div", { class: "histogram", role: "img" }, ...columns);
  const marks = element("div", { class: "marks", "aria-hidden": "true" });
  for (const [seconds, label] of MARKS) {
    const mark = element("span", {}, label);
    mark.style.left = `${(100 * (Math.log2(seconds * 1e9) - 10)) / limits.length}%`;
    marks.append(mark);
  }
  const name = element("code");
  const where = element("span", { class: "tag" });
  return { name, where, values, columns, chart, element: element("article", { class: "loop" }, element("h3", {}, name, where), figures, chart, marks) };
}

function showLoop(view, row, now) {
  const { lags } = row;
  const most = Math.max(...lags);
  setText(view.name, row.thread);
  setText(view.where, `interpreter ${row.interpreter}`);
  const last = view.last;
  if (last && now > last.now) {
    view.load = Math.min(1, Math.max(0, (1000 * (row.busy_seconds - last.busy)) / (now - last.now)));
  }
  view.last = { now, busy: row.busy_seconds };
  const highest = lags.findLastIndex((each) => each > 0);
  const texts = [
    view.load === undefined ? "–" : percent(view.load),
    row.now_seconds < 0.001 ? "at rest" : duration(row.now_seconds),
    atMost(quantile(lags, 0.5)),
    atMost(quantile(lags, 0.99)),
    atMost(limits[highest]),
  ];
  texts.forEach((text, index) => setText(view.values[index], text));
  setAttribute(view.values[1], "class", row.now_seconds > BAD ? "bad" : "");
  setAttribute(view.values[4], "class", limits[highest] > BAD ? "bad" : "");
  lags.forEach((number, index) => {
    const share = number === 0 ? 0 : 4 + (96 * Math.log1p(number)) / Math.log1p(most);
    view.columns[index].style.height = `${share}%`;
    setAttribute(view.columns[index], "title", `${atMost(limits[index])}: ${count(number)}`);
  });
  setAttribute(view.chart, "aria-label", `Stays with callbacks: half take ${texts[2]}, 99 % ${texts[3]}, the longest ${texts[4]}`);
}

/** Shows a list by elements that are kept by their names. */
function keep(parent, known, rows, name, make, show, empty) {
  const seen = new Set();
  for (const row of rows) {
    const key = name(row);
    seen.add(key);
    if (!known.has(key)) {
      known.set(key, make());
      parent.append(known.get(key).element);
    }
    show(known.get(key), row);
  }
  for (const [key, view] of known) {
    if (!seen.has(key)) {
      view.element.remove();
      known.delete(key);
    }
  }
  const there = parent.querySelector(".empty");
  if (rows.length && there) there.remove();
  if (!rows.length && !there) parent.append(empty());
}

export function showLoops(state) {
  if (!limits.length) return;
  keep(
    byId("loops"), loops, state.loops, (row) => `${row.thread} ${row.interpreter}`, makeLoop,
    (view, row) => showLoop(view, row, state.now),
    () => emptiness("No loop runs", "asyncio's loops appear here while they run."),
  );
}

function makeBar() {
  const name = element("code");
  const text = element("span", {}, element("b", { class: "holds" }), element("b", { class: "waits" }));
  const holds = element("i", { class: "holds" });
  const waits = element("i", { class: "waits" });
  return { name, text, holds, waits, element: element("div", { class: "gil" }, element("div", {}, name, text), element("div", { class: "meter", "aria-hidden": "true" }, holds, waits)) };
}

function showBar(view, row) {
  setText(view.name, row.thread);
  setText(view.text.firstChild, `holds ${percent(row.holds)}`);
  setText(view.text.lastChild, `waits ${percent(row.waits)}`);
  view.holds.style.width = `${100 * row.holds}%`;
  view.waits.style.width = `${100 * row.waits}%`;
}

export function showGil(state) {
  keep(
    byId("gil"), bars, state.gil.slice(0, 12), (row) => `${row.interpreter} ${row.thread}`, makeBar, showBar,
    () => emptiness("The GIL is free", "Threads that have it, or wait for it, appear here."),
  );
}
