// Live clocks and live pages. Everything also works without it: reading, acknowledging, every form.
"use strict";
(() => {
  const body = document.body;
  const rate = Number(body.dataset.rate) || 1;
  let serverAt = Date.parse(body.dataset.now);
  let markedAt = performance.now();
  const now = () => serverAt + (performance.now() - markedAt) * rate;

  const two = (n) => String(n).padStart(2, "0");
  const length = (seconds) => {
    const s = Math.floor(Math.abs(seconds));
    const days = Math.floor(s / 86400);
    const clock = `${two(Math.floor((s % 86400) / 3600))}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
    return days ? `${days}天 ${clock}` : clock;
  };
  const showClocks = () => {
    for (const place of document.querySelectorAll("[data-due]")) {
      const left = (Date.parse(place.dataset.due) - now()) / 1000;
      place.textContent = (left < 0 ? "已逾期 " : "剩 ") + length(left);
      if (left < 0) {
        const clock = place.closest(".clock");
        clock.classList.remove("fine", "soon");
        clock.classList.add("late");
      }
    }
  };
  showClocks();
  setInterval(showClocks, 1000);

  for (const link of document.querySelectorAll(".top nav a")) {
    const isHere = link.pathname === location.pathname;
    if (!isHere && !location.pathname.startsWith(`${link.pathname}/`)) continue;
    link.setAttribute("aria-current", isHere ? "page" : "true");
    link.parentElement.scrollLeft = link.offsetLeft - 60;
  }

  // What takes seconds says so, and is asked once: a second click would be refused as another trial.
  const asked = [];
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.dataset.busy) return;
    if (asked.length) { event.preventDefault(); return; }
    asked.push([button, button.textContent]);
    button.textContent = button.dataset.busy;
  });
  addEventListener("pageshow", (event) => {
    for (const [button, words] of asked.splice(0)) button.textContent = words;
    // A page out of the browser's memory shows what was true when it was left.
    if (event.persisted && board) location.reload();
  });

  const page = body.dataset.page;
  const board = document.getElementById("board");
  const lost = document.getElementById("lost");
  const fresh = document.getElementById("fresh");
  const news = document.getElementById("news");
  if (!board && !fresh && !document.getElementById("alarm")) return;

  const counts = () => [...board.querySelectorAll("h1")].map((h) => h.textContent.trim()).join("，");
  // Whoever walks through the board by key keeps the place when it changes.
  const same = (place) => {
    if (!board.contains(place)) return [];
    const title = place.closest(".card")?.querySelector("h2 a");
    return [place, title ?? place].map((one) => (one.id ? `#${one.id}` : `a[href="${one.getAttribute("href")}"]`));
  };
  // Whoever is choosing a filter keeps it, untouched, while the rest of the board changes around it.
  const renew = (text) => {
    const next = document.createElement("template");
    next.innerHTML = text;
    const [old, fresh] = [board, next.content].map((place) => place.querySelector(".filters"));
    if (old && fresh) fresh.open = old.open;
    if (!fresh || !old?.contains(document.activeElement)) { board.replaceChildren(next.content); return; }
    while (old.previousSibling) old.previousSibling.remove();
    while (old.nextSibling) old.nextSibling.remove();
    while (fresh.previousSibling) board.insertBefore(fresh.parentNode.firstChild, old);
    while (fresh.nextSibling) board.append(fresh.nextSibling);
  };
  let isFetching = false;
  let isStale = false;
  const refreshBoard = async () => {
    if (isFetching) { isStale = true; return; }
    isFetching = true;
    try {
      const answer = await fetch(`/board${location.search}`, {credentials: "same-origin"});
      if (answer.redirected || !answer.ok) { location.reload(); return; }
      const focused = same(document.activeElement);
      const before = counts();
      renew(await answer.text());
      if (!board.contains(document.activeElement)) {
        focused.map((one) => board.querySelector(one)).find((place) => place)?.focus();
      }
      if (counts() !== before) news.textContent = counts();
      showClocks();
    } catch { lost.hidden = false; } finally {
      isFetching = false;
      if (isStale) { isStale = false; refreshBoard(); }
    }
  };

  // Who types, has opened something, stands somewhere by key or has marked words is not interrupted.
  let isTouched = false;
  document.addEventListener("input", () => { isTouched = true; });
  document.addEventListener("click", (event) => { if (event.target.closest("summary")) isTouched = true; });
  const isReading = () => isTouched || String(getSelection()) || document.activeElement.closest("main");
  const changed = (incidents) => {
    document.dispatchEvent(new Event("desk:changed"));
    if (board) { refreshBoard(); return; }
    if (!fresh || !incidents.some((n) => n === "*" || page === `incident-${n}`)) return;
    // What was just done must stay readable: a tired person who misses it does it again.
    if (isReading() || document.querySelector(".act[open], .said")) fresh.hidden = false;
    else location.reload();
  };

  // The server marks the time every 15 seconds. A longer silence is a machine that slept or a dead line,
  // which the browser itself may not notice for minutes.
  const SILENCE = 45000;
  const WATCHED_EVERY = 5000;
  let stream = null;
  let last = body.dataset.seq;
  let heardAt = Date.now();
  const heard = (event) => {
    heardAt = Date.now();
    last = event.lastEventId || last;
  };
  const listen = () => {
    stream?.close();
    heardAt = Date.now();
    stream = new EventSource(`/events?after=${last}`);
    stream.addEventListener("open", () => {
      heardAt = Date.now();
      if (lost.hidden) return;
      lost.hidden = true;
      changed([]);
    });
    stream.addEventListener("time", (event) => {
      heard(event);
      serverAt = Date.parse(event.data);
      markedAt = performance.now();
    });
    stream.addEventListener("change", (event) => {
      heard(event);
      changed(event.data.split(","));
    });
    stream.addEventListener("error", () => { lost.hidden = false; });
  };
  // A board leads to the sign-in form by itself; any other page may hold what somebody is just writing.
  const askWho = async () => {
    const answer = await fetch("/api/v1/me").catch(() => null);
    if (answer?.status === 401) lost.textContent = "登录已到期：请先复制正在填写的内容，再刷新页面重新登录";
  };
  listen();
  setInterval(() => {
    if (!stream) return;
    if (Date.now() - heardAt > SILENCE || stream.readyState === EventSource.CLOSED) {
      if (stream.readyState === EventSource.CLOSED && !board) askWho();
      lost.hidden = false;
      changed([]);
      listen();
    }
  }, WATCHED_EVERY);
  // A browser keeps six lines to one server: with more pages open, only the board listens in the background.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && !board) { stream?.close(); stream = null; return; }
    if (document.hidden) return;
    if (!stream) listen();
    changed([]);
  });
})();
