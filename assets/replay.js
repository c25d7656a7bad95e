// The bar of time: it moves the page to a past moment and plays on from there. The address holds the
// moment (`?pada=…&seperti=…`), so that what one sees can be sent to another.
//
// A step waits until the page has drawn the one before it: whoever drags or plays faster than the
// page draws skips moments, and never piles up questions.
(function () {
  "use strict";

  const { byId, clock, day, fill, go, moment, present, query, readAddress, replayed, text } = window.komando;

  const MINUTE = 60 * 1000;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const WIB = 7 * HOUR;
  const STEP = 10 * MINUTE;
  const SPEEDS = [1, 10, 60, 600];
  const PLAY_MS = 1000;
  const DRAWN_WITHIN_MS = 4000;
  const LOOK_MS = 50;
  const REST_MS = 600;
  const MARK_PX = 16;
  const LINES = 6;
  const LEAD = "Seperti diketahui";
  const MODES = { "saat-itu": "saat itu", sekarang: "sekarang" };

  const at = () => replayed(readAddress());
  const seen = () => (readAddress().query.seperti === "sekarang" ? "sekarang" : "saat-itu");
  const dayOf = (ms) => Math.floor((ms + WIB) / DAY) * DAY - WIB;
  const local = (ms) => new Date(ms + WIB).toISOString().slice(0, ms % MINUTE === 0 ? 16 : 19);
  const earlier = (ms) => Math.floor((ms - 1) / STEP) * STEP;
  const real = () => performance.now();

  // ── Moving through time ────────────────────────────────────────────────────────────────────

  let wanted = null;
  let isMoving = false;

  // Go to a moment as soon as the page has drawn the last one; what is asked meanwhile replaces it.
  function seek(ms) {
    wanted = ms;
    if (isMoving) return;
    isMoving = true;
    guessed = null;
    move().finally(() => (isMoving = false));
  }

  async function move() {
    while (wanted !== null) {
      const ms = wanted;
      wanted = null;
      if (ms >= present()) {
        leave();
        return;
      }
      const stride = at() === null ? 0 : ms - at();
      await step({ pada: local(ms), seperti: seen() });
      if (wanted === null && stride !== 0 && Math.abs(stride) <= HOUR) ahead(ms + stride);
    }
  }

  // Whoever goes on goes on in the same direction: the server draws the next moment meanwhile.
  let guessed = null;
  async function ahead(ms) {
    const turn = {};
    guessed = turn;
    if (ms >= present()) return;
    const address = readAddress();
    address.query.pada = local(ms);
    for (const slot of document.querySelectorAll("[data-panel]:not(button)")) {
      if (guessed !== turn || isMoving) return;
      const names = (slot.dataset.params || "").split(" ").filter(Boolean);
      await fetch("/panel/" + slot.dataset.panel + "?" + query(address, names)).catch(() => null);
    }
  }

  // Resolves when every panel and the map show what was asked for.
  function step(patch) {
    const open = new Set(document.querySelectorAll("[data-panel]:not(button)"));
    const drawn = (event) => open.delete(event.detail.slot);
    document.addEventListener("komando:gambar", drawn);
    go(patch);
    const until = real() + DRAWN_WITHIN_MS;
    const isBusy = () =>
      [...open].some((slot) => slot.isConnected) || document.querySelector(".map-canvas[aria-busy='true']") !== null;
    return new Promise((resolve) => {
      const look = () => {
        if (isBusy() && real() < until) {
          setTimeout(look, LOOK_MS);
          return;
        }
        document.removeEventListener("komando:gambar", drawn);
        resolve();
      };
      setTimeout(look, LOOK_MS);
    });
  }

  function enter(ms) {
    seek(ms);
    const slider = byId("putar-ulang-geser");
    if (slider) slider.focus({ preventScroll: true });
  }

  function leave() {
    stop();
    wanted = null;
    if (at() !== null) go({ pada: null, seperti: null });
  }

  // ── Playing ────────────────────────────────────────────────────────────────────────────────

  let speed = 60;
  let playing = null;

  // The address tells minutes: at 1× a second is played and nothing is asked.
  function play() {
    const turn = {};
    playing = turn;
    let head = at();
    let last = real();
    const next = async () => {
      if (playing !== turn || at() === null) return;
      const began = real();
      // Whole beats, so that what comes next is known and can be asked for ahead.
      head += Math.max(1, Math.round((began - last) / PLAY_MS)) * PLAY_MS * speed;
      last = began;
      const to = Math.floor(head / MINUTE) * MINUTE;
      if (to > at()) seek(to);
      while (isMoving && playing === turn) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      setTimeout(next, Math.max(0, PLAY_MS - (real() - began)));
    };
    setTimeout(next, PLAY_MS);
    show();
  }

  function stop() {
    playing = null;
    show();
  }

  // ── What happened on the day ───────────────────────────────────────────────────────────────

  let asked = "";
  let marks = [];

  function loadMarks(since) {
    const until = Math.min(since + DAY, present());
    const area = readAddress().query.wilayah || "";
    const key = since + area;
    if (key === asked) return;
    asked = key;
    marks = [];
    showMarks();
    const span = new URLSearchParams({ dari: local(since), sampai: local(Math.floor(until / 1000) * 1000), wilayah: area });
    fetch("/putar-ulang/tanda?" + span)
      .then((answer) => (answer.ok ? answer.json() : []))
      .then((found) => {
        if (asked !== key) return;
        marks = found;
        showMarks();
      })
      .catch(() => (asked = ""));
  }

  // Marks too near to each other to be told apart are one, as grave as the gravest of them.
  function showMarks() {
    const place = byId("putar-ulang-tanda");
    const ms = at();
    if (!place || ms === null) return;
    const since = dayOf(ms);
    const width = Math.max(place.clientWidth, 1);
    const span = Math.max(STEP, Math.ceil((DAY * MARK_PX) / width / STEP) * STEP);
    const groups = new Map();
    marks.forEach((mark) => {
      const group = Math.floor((mark.t * 1000 - since) / span);
      groups.set(group, (groups.get(group) || []).concat([mark]));
    });
    const html = [...groups]
      .map(([group, found]) => {
        const gravest = found.reduce((one, other) => (other.grave < one.grave ? other : one));
        const share = (100 * Math.min(DAY, (group + 0.5) * span)) / DAY;
        const lines = found
          .slice()
          .sort((one, other) => one.grave - other.grave || one.t - other.t)
          .slice(0, LINES)
          .map((mark) => clock(mark.t * 1000) + " " + mark.text);
        if (found.length > LINES) lines.push("dan " + (found.length - LINES) + " lainnya");
        return (
          '<button type="button" class="replay-mark grave-' + gravest.grave + (gravest.t * 1000 > ms ? " is-ahead" : "") +
          '" data-act="replay-at" data-value="' + local(gravest.t * 1000) + '" style="--at:' + share.toFixed(2) + '%" aria-label="' +
          text("Ke pukul " + lines.join("; ")) + '"><span class="swatch swatch-' + gravest.shape + '" style="--mark:var(' +
          gravest.color + ')"></span>' + (found.length > 1 ? "<b>" + found.length + "</b>" : "") +
          '<span class="replay-tip" aria-hidden="true">' + lines.map((line) => "<span>" + text(line) + "</span>").join("") +
          "</span></button>"
        );
      })
      .join("");
    fill(place, html);
  }

  // ── What became known only later ───────────────────────────────────────────────────────────

  let resting = null;
  let lateHtml = "";
  let lateKey = "";

  function loadLate() {
    const { pada, wilayah } = readAddress().query;
    const key = new URLSearchParams({ pada: pada || "", wilayah: wilayah || "" }).toString();
    if (key === lateKey) return;
    const button = byId("putar-ulang-baru");
    if (button) button.hidden = true;
    clearTimeout(resting);
    if (at() === null) return;
    resting = setTimeout(() => {
      lateKey = key;
      fetch("/putar-ulang/baru?" + key)
        .then((answer) => (answer.ok ? answer.text() : ""))
        .then((html) => {
          if (readAddress().query.pada !== pada) return;
          lateHtml = html;
          showLate();
        })
        .catch(() => (lateKey = ""));
    }, REST_MS);
  }

  function showLate() {
    const button = byId("putar-ulang-baru");
    const made = document.createElement("template");
    made.innerHTML = lateHtml;
    const found = made.content.querySelector("[data-count]");
    const count = found ? Number(found.dataset.count) : 0;
    if (!button) return;
    button.hidden = count === 0;
    const rows = count.toLocaleString("id") + " baris ";
    button.textContent =
      (seen() === "sekarang" ? rows + "baru diketahui kemudian" : rows + "belum diketahui saat itu") +
      (found && found.dataset.assumed ? " (diasumsikan)" : "");
  }

  // ── The band ───────────────────────────────────────────────────────────────────────────────

  const button = (act, value, label, more = "") =>
    '<button type="button" data-act="' + act + '" data-value="' + value + '" ' + more + ">" + label + "</button>";

  const ticks = () =>
    [0, 3, 6, 9, 12, 15, 18, 21, 24]
      .map((hour) => '<span style="--at:' + (100 * hour) / 24 + '%">' + String(hour).padStart(2, "0") + ".00</span>")
      .join("");

  function build(band) {
    band.innerHTML =
      '<div class="replay-head"><strong class="replay-word">PUTAR ULANG</strong>' +
      '<span class="replay-text" role="status"></span>' +
      '<button type="button" id="putar-ulang-baru" class="replay-late" data-act="replay-late" hidden></button>' +
      '<button type="button" class="replay-back" data-act="live">Kembali ke kondisi terkini</button></div>' +
      '<div class="replay-controls">' +
      '<div class="replay-group">' +
      button("replay-day", -1, "‹", 'aria-label="Hari sebelumnya" title="Hari sebelumnya"') +
      '<label class="replay-when"><span class="visually-hidden">Tanggal dan jam, WIB</span>' +
      '<input type="datetime-local" id="putar-ulang-saat" min="2010-01-01T00:00"><span>WIB</span></label>' +
      button("replay-day", 1, "›", 'aria-label="Hari berikutnya" title="Hari berikutnya"') +
      "</div>" +
      '<div class="replay-group" role="group" aria-label="Pengetahuan yang dipakai">' +
      Object.entries(MODES).map(([mode, word]) => button("replay-mode", mode, '<span class="mode-lead">' + LEAD + "</span> " + word)).join("") +
      "</div>" +
      '<div class="replay-group" role="group" aria-label="Pemutaran">' +
      button("replay-play", "", "▶ Putar", 'class="replay-play"') +
      SPEEDS.map((one) => button("replay-speed", one, one + "×", 'aria-label="' + one + ' kali kecepatan nyata"')).join("") +
      "</div>" +
      '<button type="button" data-act="open" data-url="/putar-ulang/saat" title="Saat penting dalam riwayat">Saat penting</button>' +
      "</div>" +
      '<div class="replay-line"><div id="putar-ulang-tanda" class="replay-marks"></div>' +
      '<input type="range" id="putar-ulang-geser" min="0" max="1440" step="any" aria-label="Waktu pada hari itu">' +
      '<div class="replay-ticks" aria-hidden="true">' + ticks() + "</div></div>";
    const slider = byId("putar-ulang-geser");
    slider.addEventListener("input", () => {
      stop();
      const minutes = Math.round(Number(slider.value));
      seek(Math.min(dayOf(at()) + minutes * MINUTE, earlier(present())));
    });
    byId("putar-ulang-saat").addEventListener("change", (event) => {
      const ms = Date.parse(event.target.value + "+07:00");
      if (Number.isNaN(ms)) return;
      stop();
      seek(ms);
    });
    new ResizeObserver(showMarks).observe(byId("putar-ulang-tanda"));
  }

  function show() {
    const band = byId("putar-ulang");
    if (!band) return;
    const ms = at();
    const said = readAddress().query.pada || "";
    fill(byId("saat-diminta"), text(said.slice(0, 40)));
    byId("saat-lain").hidden = ms !== null || !said;
    document.documentElement.dataset.replay = ms === null ? "" : seen();
    band.hidden = ms === null;
    if (ms === null) {
      clearTimeout(resting);
      return;
    }
    if (!band.firstChild) build(band);
    const since = dayOf(ms);
    const note = band.querySelector(".replay-text");
    // Nobody wants to be told of every second that is played.
    note.setAttribute("aria-live", playing ? "off" : "polite");
    note.textContent = moment(ms) + ", " + LEAD.toLowerCase() + " " + MODES[seen()];
    const slider = byId("putar-ulang-geser");
    if (document.activeElement !== slider || wanted === null) slider.value = (ms - since) / MINUTE;
    slider.setAttribute("aria-valuetext", clock(ms) + " WIB");
    slider.style.setProperty("--present", ((100 * (present() - since)) / DAY).toFixed(2) + "%");
    const when = byId("putar-ulang-saat");
    if (document.activeElement !== when) when.value = local(ms).slice(0, 16);
    band.querySelectorAll("[data-act='replay-mode']").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.value === seen())));
    band.querySelectorAll("[data-act='replay-speed']").forEach((one) => one.setAttribute("aria-pressed", String(Number(one.dataset.value) === speed)));
    const playButton = band.querySelector(".replay-play");
    playButton.textContent = playing ? "❚❚ Jeda" : "▶ Putar";
    playButton.setAttribute("aria-pressed", String(playing !== null));
    band.title = day(ms);
    loadMarks(since);
    showMarks();
    loadLate();
    showLate();
  }

  // ── What a person does ─────────────────────────────────────────────────────────────────────

  const acts = {
    replay: () => (at() === null ? enter(earlier(present())) : byId("putar-ulang-geser").focus()),
    "replay-at": (node) => {
      if (byId("laci").open) byId("laci").close();
      stop();
      seek(Date.parse(node.dataset.value + "+07:00"));
    },
    "replay-day": (node) => {
      stop();
      seek(Math.min(at() + Number(node.dataset.value) * DAY, earlier(present())));
    },
    "replay-mode": (node) => step({ seperti: node.dataset.value }),
    "replay-play": () => (playing ? stop() : play()),
    "replay-speed": (node) => {
      speed = Number(node.dataset.value);
      show();
    },
    "replay-late": (node) => window.komando.openDrawer(node.textContent, lateHtml),
    live: leave,
  };
  Object.entries(acts).forEach(([name, does]) => window.komando.act(name, does));

  const KEYS = {
    ArrowLeft: (event) => -(event.shiftKey ? HOUR : STEP),
    ArrowRight: (event) => (event.shiftKey ? HOUR : STEP),
  };

  // Keys mean time where nothing else has the focus that they mean something to.
  document.addEventListener("keydown", (event) => {
    const ms = at();
    if (ms === null || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const node = event.target;
    const isSlider = node.id === "putar-ulang-geser";
    if (!isSlider && node !== document.body && node.id !== "isi" && !(node.closest("#putar-ulang") && node.tagName === "BUTTON")) return;
    if (event.key in KEYS) {
      stop();
      seek(Math.min((wanted === null ? ms : wanted) + KEYS[event.key](event), earlier(present())));
    } else if (event.key === " " && node.tagName !== "BUTTON") {
      acts["replay-play"]();
    } else if (event.key === "Escape" && !document.querySelector(".leaflet-popup, [role='menu']")) {
      leave();
    } else {
      return;
    }
    event.preventDefault();
  });

  document.addEventListener("komando:alamat", show);
  document.addEventListener("komando:detak", show);
  document.addEventListener("komando:versi", show);
})();
