// The figures above, and what is shown only where there is some: requests, microthreads, allowances.

import { byId, element, setAttribute, setText } from "./elements.js";
import { Table } from "./tables.js";
import { ago, count, duration, plural, time } from "./words.js";

const tiles = new Map();

function tile(name) {
  if (!tiles.has(name)) {
    const value = element("dd");
    const note = element("dd", { class: "muted" });
    tiles.set(name, { value, note, element: element("div", {}, element("dt", {}, name), value, note) });
    byId("tiles").append(tiles.get(name).element);
  }
  return tiles.get(name);
}

function setTile(name, value, note, grave) {
  const its = tile(name);
  setText(its.value, value);
  setText(its.note, note);
  setAttribute(its.element, "class", grave ? "grave" : "");
}

export function showTiles(state) {
  const { calls } = state;
  const lost = calls.reduce((sum, row) => sum + row.seconds_lost, 0);
  const still = state.loops.filter((loop) => loop.now_seconds > 0.1).length;
  setTile("Loops", count(state.loops.length), still ? `${count(still)} standing still` : "running", still > 0);
  setTile("Blocking sites", count(calls.length), plural(calls.reduce((sum, row) => sum + row.count, 0), "call", "calls"), false);
  setTile("Time lost", duration(lost), calls.length ? `longest ${duration(Math.max(...calls.map((row) => row.longest)))}` : "in blocking calls", lost > 1);
  const last = state.stalls[0];
  setTile("Stalls", count(state.stall_count), last ? `last ${ago(last.began, state.now)}` : "none yet", Boolean(last && !last.over));
  if (state.request_count) {
    setTile("Requests", count(state.request_count), `slowest ${duration(state.requests[0]?.seconds ?? 0)}`, false);
  }
}

const requests = new Table(
  "Slowest requests",
  [
    { key: "method", label: "Method", value: (row) => row.method, fill: (cell, row) => setText(cell, row.method) },
    { key: "target", label: "Target", value: (row) => row.target, fill: (cell, row) => setText(cell, row.target) },
    { key: "status", label: "Status", number: true, value: (row) => row.status, fill: (cell, row) => setText(cell, String(row.status)) },
    { key: "duration", label: "Duration", number: true, value: (row) => row.seconds, fill: (cell, row) => setText(cell, duration(row.seconds)) },
    { key: "ended", label: "Ended", number: true, value: (row) => row.ended, fill: (cell, row, now) => { setText(cell, ago(row.ended, now)); setAttribute(cell, "title", time(row.ended)); } },
  ],
  (row) => `${row.ended} ${row.seconds} ${row.target}`,
  "duration",
);

export function startSections() {
  byId("requests").append(requests.element);
}

export function showRequests(state) {
  byId("requests-section").hidden = state.requests.length === 0;
  setText(byId("requests-note"), `of the last five minutes; ${plural(state.request_count, "request", "requests")} in all`);
  requests.show(state.requests, state.now);
}

function words(key) {
  return key.replaceAll("_", " ");
}

function text(value) {
  return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
}

function pairs(values) {
  const list = element("dl", { class: "figures" });
  for (const [key, value] of values) {
    list.append(element("div", {}, element("dt", {}, words(key)), element("dd", {}, text(value))));
  }
  return list;
}

function listing(title, rows) {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const head = element("tr", {}, ...keys.map((key) => element("th", { scope: "col" }, words(key))));
  const body = rows.slice(0, 200).map((row) =>
    element("tr", {}, ...keys.map((key) => element("td", { "data-label": words(key) }, text(row[key] ?? "")))));
  return element("div", { class: "scroller" },
    element("table", {}, element("caption", {}, `${words(title)}: ${rows.length}`), element("thead", {}, head), element("tbody", {}, ...body)));
}

/** Whatever sluice.microthread.report() tells: lists of dictionaries as tables, the rest as pairs. */
function parts(report) {
  const made = [];
  const plain = [];
  for (const [key, value] of Object.entries(report)) {
    if (Array.isArray(value) && value.length && value.every((each) => each && typeof each === "object")) made.push(listing(key, value));
    else if (value && typeof value === "object" && !Array.isArray(value)) made.push(element("h3", {}, words(key)), ...parts(value));
    else if (!Array.isArray(value) || value.length) plain.push([key, value]);
  }
  return plain.length ? [pairs(plain), ...made] : made;
}

let shownReports = "";

export function showMicrothreads(state) {
  const reports = Object.values(state.interpreters).map((each) => each.microthreads).filter(Boolean);
  const all = reports.flatMap(parts);
  byId("micro-section").hidden = all.length === 0;
  const now = JSON.stringify(reports);
  if (now !== shownReports) {
    shownReports = now;
    byId("micro").replaceChildren(...all);
  }
}

let shownUnused = "";

export function showUnused(state) {
  const unused = Object.values(state.interpreters).flatMap((each) => each.allowances ?? []).filter((each) => each.used === 0);
  byId("unused-section").hidden = unused.length === 0;
  const now = JSON.stringify(unused);
  if (now !== shownUnused) {
    shownUnused = now;
    byId("unused").replaceChildren(...unused.map((each) =>
      element("li", {}, element("code", {}, each.allowance), element("span", { class: "muted" }, each.place))));
  }
}
