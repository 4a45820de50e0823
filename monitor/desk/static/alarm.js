// A grave incident is noticed until somebody acknowledges it: words on every page, the title, a sound, a notice.
"use strict";
(() => {
  const place = document.getElementById("alarm");
  const button = document.getElementById("sound");
  if (!place) return;
  const title = document.title;
  const RUNG_EVERY = 20000;
  const LOOKED_EVERY = 5000;
  const ASKED_EVERY = 30000;
  const mayNotify = () => "Notification" in window && isSecureContext && Notification.permission !== "denied";
  const isOn = () => localStorage.getItem("huiying-sound") === "on";

  let speaker = null;
  const tone = (pitch, after, lasts) => {
    const voice = speaker.createOscillator();
    const volume = speaker.createGain();
    const from = speaker.currentTime + after;
    voice.frequency.value = pitch;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(0.5, from + 0.02);
    volume.gain.linearRampToValueAtTime(0, from + lasts);
    voice.connect(volume).connect(speaker.destination);
    voice.start(from);
    voice.stop(from + lasts);
  };
  const wake = async () => {
    speaker ??= new AudioContext();
    await speaker.resume();
    label();
  };
  const sound = (times) => {
    for (let n = 0; n < times; n += 1) {
      tone(880, n * 0.6, 0.25);
      tone(660, n * 0.6 + 0.28, 0.25);
    }
  };

  // Several open pages ring as one: whoever rings says when.
  const ring = () => {
    if (!waiting.length || !isOn()) return;
    const rangAt = Number(localStorage.getItem("huiying-rang")) || 0;
    if (Math.abs(Date.now() - rangAt) < RUNG_EVERY) return;
    localStorage.setItem("huiying-rang", String(Date.now()));
    wake();
    sound(3);
    if (!document.hasFocus()) notify();
  };
  const notices = new Map();
  const notify = () => {
    if (!mayNotify() || Notification.permission !== "granted") return;
    for (const link of waiting) {
      const id = link.dataset.alarm;
      const notice = new Notification(`【${link.dataset.kind}】未确认收到`, {
        body: link.textContent, tag: `huiying-${id}`, requireInteraction: true,
      });
      notice.addEventListener("click", () => { window.focus(); location.href = link.href; });
      notices.set(id, notice);
    }
  };
  const withdraw = (stays) => {
    for (const [id, notice] of notices) {
      if (stays.has(id)) continue;
      notice.close();
      notices.delete(id);
    }
  };
  addEventListener("pagehide", () => withdraw(new Set()));

  let waiting = [];
  let shown = "";
  const show = (text) => {
    if (text === shown) return;
    shown = text;
    place.innerHTML = text;
    waiting = [...place.querySelectorAll("[data-alarm]")];
    document.title = (place.querySelector("strong")?.textContent ?? "") + title;
    withdraw(new Set(waiting.map((link) => link.dataset.alarm)));
    ring();
  };
  const ask = async () => {
    try {
      const answer = await fetch("/alarm", {credentials: "same-origin"});
      if (answer.ok && !answer.redirected) show((await answer.text()).trim());
    } catch { /* The page itself says that the connection is lost; what was waiting keeps sounding. */ }
  };
  ask();
  document.addEventListener("desk:changed", ask);
  setInterval(ring, LOOKED_EVERY);
  setInterval(() => { if (document.hidden) ask(); }, ASKED_EVERY);

  const label = () => {
    const name = mayNotify() ? "声音与通知" : "声音";
    const isBlocked = isOn() && speaker?.state === "suspended";
    button.textContent = isBlocked ? "声音被浏览器拦住，点此恢复" : `${isOn() ? "关闭" : "开启"}${name}`;
  };
  button.addEventListener("click", async () => {
    if (isOn() && speaker?.state !== "suspended") {
      localStorage.setItem("huiying-sound", "off");
      withdraw(new Set());
      await speaker?.suspend();
    } else {
      localStorage.setItem("huiying-sound", "on");
      localStorage.removeItem("huiying-rang");
      await wake();
      if (!waiting.length) sound(1);
      ring();
      if (mayNotify() && Notification.permission === "default") await Notification.requestPermission();
    }
    label();
  });
  // A browser lets a page sound only after a person touched it.
  for (const touch of ["pointerdown", "keydown"]) {
    document.addEventListener(touch, () => { if (isOn() && speaker?.state !== "running") wake(); });
  }
  addEventListener("storage", label);
  if (isOn()) {
    speaker = new AudioContext();
    speaker.addEventListener("statechange", label);
  }
  label();
  button.hidden = false;
})();
