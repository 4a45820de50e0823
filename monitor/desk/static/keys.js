// Single-key shortcuts; never while somebody types, and everybody can switch them off.
"use strict";
(() => {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const button = document.getElementById("keys-open");
  const isOn = document.getElementById("keys-on");
  isOn.checked = localStorage.getItem("huiying-keys") !== "off";
  isOn.addEventListener("change", () => localStorage.setItem("huiying-keys", isOn.checked ? "on" : "off"));
  button.addEventListener("click", () => dialog.showModal());
  button.hidden = false;

  const LISTS = [".cards h2 a, .checks h2 a", ".hits h2 a, .hits .tags a", "main tbody th a", "main section h2"];
  const move = (step) => {
    const rows = LISTS.map((list) => [...document.querySelectorAll(list)]).find((list) => list.length) ?? [];
    if (!rows.length) return;
    const focused = document.activeElement;
    const row = focused.closest("article, li, tr, section") ?? focused;
    const at = rows.findIndex((other) => other === focused || (row !== focused && row.contains(other)));
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    if (next.tagName === "H2") next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({block: "center"});
  };

  // An act by key is pressed twice: words meant for a field that has lost its focus must not do anything.
  const press = (target) => {
    if (!target) return;
    if (target === document.activeElement) { target.click(); return; }
    target.focus();
    target.scrollIntoView({block: "center"});
    target.classList.add("armed");
    target.addEventListener("blur", () => target.classList.remove("armed"), {once: true});
  };
  // An act's form is opened at its first field; what is typed from then on is typed there.
  const open = (key) => {
    const act = document.querySelector(`details[data-key="${key}"]`);
    for (let place = act; place; place = place.parentElement.closest("details")) place.open = true;
    act?.querySelector("select, textarea, input:not([type=hidden])").focus();
    act?.scrollIntoView({block: "center"});
  };

  // Whoever works down the board goes on at the same place, where the next one stands by now.
  const rows = () => [...document.querySelectorAll(".card, .checks li")];
  const PLACE = "huiying-place";
  if (document.getElementById("board")) {
    rows()[sessionStorage.getItem(PLACE)]?.querySelector("h2 a").focus({preventScroll: true});
    sessionStorage.removeItem(PLACE);
    // At the click already: by the time the page goes, its line may have changed and lost the focus.
    const remember = (place) => {
      const at = rows().indexOf(place.closest(".card, .checks li"));
      if (at >= 0) sessionStorage.setItem(PLACE, at);
    };
    document.addEventListener("click", (event) => remember(event.target));
    addEventListener("pagehide", () => remember(document.activeElement));
  }
  const ofCard = (id) => document.activeElement.closest(".card")?.querySelector(`button[id^="${id}-"]`);

  const go = (to) => {
    const link = document.querySelector(`.top nav a[data-key="${to}"]`);
    if (link) location.href = link.href;
  };
  const search = () => {
    const field = document.querySelector("main input[name=q]");
    if (field) field.focus();
    else if (document.querySelector('.top nav a[href="/history"]')) location.href = "/history#q";
  };
  if (location.hash === "#q") search();

  const SHORTCUTS = {
    j: () => move(1),
    k: () => move(-1),
    a: () => press(document.getElementById("acknowledge") ?? ofCard("ack")),
    c: () => press(document.getElementById("confirm")),
    l: () => press(document.getElementById("place")),
    o: () => press(document.querySelector(".acts .offer button")),
    e: () => open("e"),
    r: () => open("r"),
    x: () => open("x"),
    f: () => {
      const filters = document.querySelector(".filters");
      if (!filters) return;
      filters.open = true;
      filters.querySelector("select").focus();
    },
    "/": search,
    "?": () => dialog.showModal(),
  };
  let wentAt = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (!isOn.checked || dialog.open || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest("input, select, textarea")) return;
    const isSecond = event.timeStamp - wentAt < 1500;
    wentAt = event.key === "g" ? event.timeStamp : -Infinity;
    const act = isSecond ? () => go(event.key) : SHORTCUTS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
