// Live clocks and live pages. Everything also works without it: reading, acknowledging, every form.
"use strict";
(() => {
  const body = document.body;
  const rate = Number(body.dataset.rate) || 1;
  let serverAt = Date.parse(body.dataset.now);
  let heardAt = performance.now();
  const now = () => serverAt + (performance.now() - heardAt) * rate;

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

  // What takes seconds says so, and is asked once: a second click would be refused as another trial.
  const asked = [];
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.dataset.busy) return;
    if (asked.length) { event.preventDefault(); return; }
    asked.push([button, button.textContent]);
    button.textContent = button.dataset.busy;
  });
  addEventListener("pageshow", () => {
    for (const [button, words] of asked.splice(0)) button.textContent = words;
  });

  const page = body.dataset.page;
  const board = document.getElementById("board");
  const lost = document.getElementById("lost");
  const fresh = document.getElementById("fresh");
  if (!board && !fresh) return;

  let isFetching = false;
  let isStale = false;
  const refreshBoard = async () => {
    if (isFetching) { isStale = true; return; }
    isFetching = true;
    try {
      const answer = await fetch(`/board${location.search}`, {credentials: "same-origin"});
      if (answer.redirected || !answer.ok) { location.reload(); return; }
      const focused = document.activeElement && document.activeElement.id;
      board.innerHTML = await answer.text();
      if (focused) document.getElementById(focused)?.focus();
      showClocks();
    } catch { lost.hidden = false; } finally {
      isFetching = false;
      if (isStale) { isStale = false; refreshBoard(); }
    }
  };

  let isTouched = false;
  document.addEventListener("input", () => { isTouched = true; });
  const changed = (incidents) => {
    if (board) { refreshBoard(); return; }
    if (!incidents.some((n) => n === "*" || page === `incident-${n}`)) return;
    // What was just done must stay readable: a tired person who misses it does it again.
    if (isTouched || document.querySelector(".act[open], .said")) fresh.hidden = false;
    else location.reload();
  };

  const stream = new EventSource(`/events?after=${body.dataset.seq}`);
  stream.addEventListener("open", () => { lost.hidden = true; });
  stream.addEventListener("time", (event) => {
    serverAt = Date.parse(event.data);
    heardAt = performance.now();
  });
  stream.addEventListener("change", (event) => changed(event.data.split(",")));
  stream.addEventListener("error", () => { lost.hidden = false; });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && board) refreshBoard();
  });
})();
