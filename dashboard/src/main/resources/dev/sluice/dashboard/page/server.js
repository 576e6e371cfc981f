// What the page asks of its server, and how often.

const EVERY_MILLIS = 400;
const LIMIT_MILLIS = 3000;

async function get(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(LIMIT_MILLIS), cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

/** Shows each new state while the page is visible; lost is told when there is none to be had. */
export function watch(show, lost) {
  let timer = 0;
  let asking = false;
  async function ask() {
    clearTimeout(timer);
    if (asking || document.hidden) return;
    asking = true;
    try {
      show(await get("/api/state"));
    } catch (error) {
      lost(error);
    } finally {
      asking = false;
      timer = setTimeout(ask, EVERY_MILLIS);
    }
  }
  document.addEventListener("visibilitychange", ask);
  ask();
  return ask;
}

export function lagLimits() {
  return get("/api/lags");
}

export function stalls() {
  return get("/api/stalls");
}

export function chain(site) {
  return get(`/api/chain?site=${encodeURIComponent(site)}`);
}

/** Has a call at a site treated by another policy, everywhere and at once. */
export async function setSite(site, policy) {
  const answer = await fetch(`/api/site?policy=${policy}`, {
    method: "POST",
    headers: { "X-Sluice-Page": "1", "Content-Type": "text/plain; charset=utf-8" },
    body: site,
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
