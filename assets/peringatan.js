// Alarms at the desk: the count beside the navigation, the sound, and what a person does about one.
//
// Every page hears of alarms that nobody knows of yet; a Siaga 1 or 2 among them sounds until it is
// acknowledged, snoozed or muted here. The sound is made in code: there is no media to fetch.
(function () {
  "use strict";

  const { act, byId, note, post, readAddress } = window.komando;

  const PAGE = "/peringatan";
  const WAITING = PAGE + "/belum";
  const ACTION = PAGE + "/tindakan";
  const ACTION_ON_ALL = PAGE + "/diketahui";
  const LEDGER = "alarm_ledger";
  const FOLLOWED = ["alarms", LEDGER];
  // Two tones, louder and faster for Siaga 1.
  const SOUNDS = {
    siaga1: { tones: [880, 660, 880], every: 5000 },
    siaga2: { tones: [660, 550], every: 15000 },
  };
  const TONE_S = 0.22;
  const ASK_AGAIN_MS = 1200;

  // ── Mute ───────────────────────────────────────────────────────────────────────────────────

  let muted = false;
  try {
    muted = localStorage.getItem("suara") === "mati";
  } catch {
    // Storage may be switched off; then the choice lasts as long as the page.
  }

  function mute(value) {
    muted = value;
    try {
      localStorage.setItem("suara", value ? "mati" : "hidup");
    } catch {
      // As above.
    }
    showSound();
    sound();
  }

  function showSound() {
    document.querySelectorAll('[data-act="alarm-sound"]').forEach((node) => {
      const word = muted ? "Suara: mati" : isUnlocked() ? "Suara: hidup" : "Suara: klik untuk menghidupkan";
      if (node.textContent !== word) node.textContent = word;
      node.setAttribute("aria-pressed", String(!muted));
    });
  }

  // ── Sound ──────────────────────────────────────────────────────────────────────────────────

  let audio = null;
  let timer = null;
  let waiting = { count: 0, loud: [], gravest: null };

  const isUnlocked = () => audio !== null && audio.state === "running";

  // A browser lets a page sound only after somebody touched it.
  function unlock() {
    if (!window.AudioContext) return;
    audio = audio || new AudioContext();
    if (audio.state === "suspended") audio.resume().then(showSound).then(sound);
    else showSound();
  }

  function beep(tones) {
    const begin = audio.currentTime;
    tones.forEach((hertz, number) => {
      const oscillator = audio.createOscillator();
      const gain = audio.createGain();
      const at = begin + number * TONE_S;
      oscillator.frequency.value = hertz;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.2, at + 0.02);
      gain.gain.setValueAtTime(0.2, at + TONE_S - 0.06);
      gain.gain.linearRampToValueAtTime(0, at + TONE_S - 0.02);
      oscillator.connect(gain).connect(audio.destination);
      oscillator.start(at);
      oscillator.stop(at + TONE_S);
    });
  }

  function sound() {
    clearTimeout(timer);
    timer = null;
    document.documentElement.dataset.alarm = waiting.gravest || "";
    if (muted || !waiting.gravest || !isUnlocked()) return;
    const one = SOUNDS[waiting.gravest];
    beep(one.tones);
    timer = setTimeout(sound, one.every);
  }

  // ── What waits ─────────────────────────────────────────────────────────────────────────────

  let known = null;
  let again = null;

  const link = () => document.querySelector('.nav-link[href^="' + PAGE + '"]');

  function ask() {
    // Who has no way to the alarms is told nothing of them.
    if (!link()) return;
    fetch(WAITING)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error("belum: " + answer.status))))
      .then((found) => {
        const isNew = found.loud.some((name) => !waiting.loud.includes(name)) || found.gravest !== waiting.gravest;
        waiting = found;
        showCount();
        if (isNew) sound();
        clearTimeout(again);
        const wait = found.again ? (Date.parse(found.again) - window.komando.present()) / window.komando.speed() : 0;
        if (wait > 0) again = setTimeout(ask, wait + 500);
      })
      .catch(() => (known = null));
  }

  function showCount() {
    document.querySelectorAll("[data-alarm-count]").forEach((node) => {
      const text = waiting.count ? String(waiting.count) : "";
      if (node.textContent !== text) node.textContent = text;
      node.hidden = !waiting.count;
      node.dataset.gravest = waiting.gravest || "";
    });
  }

  document.addEventListener("komando:versi", (event) => {
    const feeds = event.detail.feeds;
    // A replayed document has no ledger: what waits is always what waits now.
    if (event.detail.key !== undefined) return;
    const now = FOLLOWED.map((name) => (feeds[name] ? feeds[name].version : 0)).join();
    if (now === known) return;
    known = now;
    ask();
  });
  document.addEventListener("komando:alamat", () => {
    showCount();
    if (known !== null && document.querySelector('[data-alarm-count]')) ask();
  });

  // ── What a person does ─────────────────────────────────────────────────────────────────────

  function send(body, node) {
    if (node) node.disabled = true;
    return post(ACTION, body)
      .then(() => {
        if (byId("laci") && byId("laci").open && node && byId("laci").contains(node)) byId("laci").close();
        document.querySelectorAll('.alarm[data-alarm="' + CSS.escape(body.alarm) + '"]').forEach((row) => row.classList.add("is-sent"));
        noted();
      })
      .catch(() => node && (node.disabled = false));
  }

  function noted() {
    ask();
    // The server looks at the ledger once a second.
    setTimeout(() => {
      window.komando.hurry(LEDGER);
      window.komando.poll();
    }, ASK_AGAIN_MS);
  }

  act("alarm", (node) => send({ alarm: node.dataset.alarm, action: node.dataset.do }, node));
  act("alarm-all", (node) => {
    node.disabled = true;
    post(ACTION_ON_ALL, { alarms: JSON.parse(node.dataset.alarms), action: node.dataset.do })
      .then((done) => {
        if (done.left) note(node.textContent + ": " + done.noted, done.left + " lainnya sudah ditangani atau sudah berakhir.", "blue");
        noted();
      })
      .catch(() => (node.disabled = false));
  });
  act("alarm-send", (node) => {
    const form = node.closest("form");
    const body = { alarm: node.dataset.alarm, action: node.dataset.do };
    const field = (name) => form.querySelector('[name="' + name + '"]');
    if (field("reason")) body.reason = field("reason").value;
    if (field("owner")) body.owner = field("owner").value;
    if (field("minutes")) body.minutes = Number(field("minutes").value);
    send(body, node);
  });
  act("alarm-sound", () => {
    unlock();
    mute(isUnlocked() || muted ? !muted : false);
  });

  // Arrows go through the list; A acknowledges the alarm that has the focus.
  document.addEventListener("keydown", (event) => {
    unlock();
    const row = event.target.closest && event.target.closest(".alarm, .alarm-gathered");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step && row[step]) {
      event.preventDefault();
      row[step].querySelector(".alarm-open").focus();
    }
    if ((event.key === "a" || event.key === "A") && row.matches(".alarm")) {
      const button = row.querySelector(".alarm-ack");
      if (button) button.click();
    }
  });
  document.addEventListener("pointerdown", unlock);

  document.addEventListener("komando:gambar", showSound);

  window.komando.alarms = () => waiting;
})();
