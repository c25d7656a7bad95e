// What every screen shares, the pages of Dash and the wall's plain HTML alike: it follows /versi,
// asks for the panels whose data moved, judges how fresh each number is, and holds moment and area
// in the address bar. One namespace, `komando`, and no inline script anywhere; the name begins with
// an underscore so that it comes before the scripts of the pages.
//
// What comes often (ages, states, panels of plain HTML) is written into the page directly: Dash's
// renderer tells every component of a page of each change, which costs more than the change itself.
// React leaves alone what stands inside an element that it was given without children.
//
// It tells of what happens by events on `document`: "komando:versi" (a new versions document),
// "komando:detak" (a poll ended), "komando:alamat" (the address changed), "komando:tema",
// "komando:gambar" (a panel was drawn; detail.slot) and "komando:gagal" (detail.message, and
// detail.node: what was pressed).
(function () {
  "use strict";

  const POLL_MS = 5000;
  const POLL_JITTER_MS = 1000;
  const POLL_TIMEOUT_MS = 10000;
  const LOST_AFTER_MS = 10000;
  const REDRAW_MS = 5000;
  const RETRY_MS = 600;
  const IN_USE_MS = 30000;
  // Each worker looks at the lake once a second.
  const RETRIES = 3;
  const DRIFT_MS = 3000;
  const EARLIEST_MS = Date.UTC(1900, 0, 1);
  const WHOLE_CITY = "31";
  const ANY_FEED = "*";
  const MIDNIGHT = "midnight";
  const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d:\d\d)?)?$/;
  // What Plotly gives in pixels.
  const MEASURES = new Set(["size", "width", "height", "standoff", "thickness", "l", "r", "t", "b", "xshift", "yshift", "ax", "ay"]);
  const DAY_BEGINS = 5.5;
  const NIGHT_BEGINS = 18;
  const CARRIED = ["wilayah", "pada", "seperti"];
  // The page of one area, complaint or publication has it in its path instead.
  const AREA_PAGE = "/wilayah/";
  const IN_PATH = { [AREA_PAGE]: "wilayah", "/pengaduan/": "nomor", "/peringkat/terbitan/": "terbitan", "/ringkasan/": "edisi" };

  // From what needs no one's attention to what does, as data/freshness.py orders them.
  const STATES = {
    fresh: "Terkini",
    empty: "Nihil",
    never: "Belum ada data",
    late: "Terlambat",
    expired: "Kedaluwarsa",
    disconnected: "Terputus",
  };
  const ORDER = Object.keys(STATES);
  const DAYS = ["Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"];
  const MONTHS = [
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
  ];

  const byId = (id) => document.getElementById(id);
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent("komando:" + name, { detail: detail }));

  // ── HTML ───────────────────────────────────────────────────────────────────────────────────

  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const text = (value) => String(value).replace(/[&<>"]/g, (sign) => ESCAPES[sign]);

  const written = new WeakMap();
  let acted = null;

  // What tells each element from its like in the HTML that takes its place: the record in which it
  // stands (`data-key`), its tag, and which of those it is.
  const tag = (one) => (one.form ? one.form.cloneNode(false).outerHTML : "") + one.cloneNode(false).outerHTML;
  function signs(elements, told) {
    const count = {};
    return elements.map((one) => {
      const record = one.closest("[data-key]");
      const sign = (record ? record.dataset.key : "") + "\n" + told(one);
      count[sign] = (count[sign] || 0) + 1;
      return sign + count[sign];
    });
  }

  const isTyped = (one) =>
    one.matches("[type=checkbox], [type=radio]")
      ? one.checked !== one.defaultChecked
      : one.options
        ? one.selectedIndex !== Math.max(0, Array.from(one.options).findIndex((option) => option.defaultSelected))
        : one.value !== one.defaultValue;

  // Write only what differs, and keep what the reader did: focus, scrolling, opened details, what
  // stands in the fields of a form, and what was said of the form when it was refused.
  function fill(node, html) {
    if (!node || written.get(node) === html) return;
    const parts = (query) => Array.from(node.querySelectorAll(query));
    const focusable = "a, button, input, select, textarea, summary, [tabindex]";
    // A button that was switched off while it waits has lost the focus.
    const waits = document.activeElement === document.body && acted && acted.disabled;
    const active = waits ? acted : document.activeElement;
    const focused = node.contains(active) ? active : null;
    const before = focused ? parts(focusable) : [];
    const place = before.indexOf(focused);
    const focusedSign = signs(before, tag)[place];
    const caret = focused && Number.isInteger(focused.selectionStart) ? [focused.selectionStart, focused.selectionEnd] : null;
    const scrollers = () => [node.closest(".panel-body"), ...parts(".table-scroll")].filter(Boolean);
    const scrolled = scrollers().map((one) => [one.scrollLeft, one.scrollTop]);
    const folds = signs(parts("details"), () => "");
    const opened = new Map(parts("details").map((one, index) => [folds[index], one.open]));
    const fields = () => parts("form :is(input:not([type=file]), select, textarea)");
    const names = signs(fields(), tag);
    const typed = new Map(fields().map((one, index) => [names[index], one]).filter(([, one]) => isTyped(one)));
    const forms = () => signs(parts("form"), tag);
    const refusals = new Map(forms().map((sign, index) => [sign, parts("form")[index].querySelector(".drawer-refusal")]));
    node.innerHTML = html;
    written.set(node, html);
    // Where nothing was there to be closed, a part that comes opened stays so.
    const folded = signs(parts("details"), () => "");
    parts("details").forEach((one, index) => (one.open = opened.has(folded[index]) ? opened.get(folded[index]) : one.open));
    const named = signs(fields(), tag);
    fields().forEach((one, index) => {
      if (!typed.has(named[index])) return;
      const was = typed.get(named[index]);
      if (one.type === "checkbox" || one.type === "radio") one.checked = was.checked;
      else one.value = was.value;
      if (one.selectedIndex < 0) one.selectedIndex = 0;
    });
    forms().forEach((sign, index) => refusals.get(sign) && parts("form")[index].append(refusals.get(sign)));
    scrollers().forEach((one, index) => one.scrollTo(...(scrolled[index] || [0, 0])));
    if (!focused) return;
    const there = parts(focusable);
    const like = [there[place], ...there].find((one) => one && one.dataset.act && one.dataset.act === focused.dataset.act);
    // Of a field that is gone no other takes the next words.
    const isField = focused.matches("input, select, textarea");
    const beside = () => there.slice(0, place + 1).reverse().find((one) => one.checkVisibility() && !one.disabled);
    const next = there[signs(there, tag).indexOf(focusedSign)] || (isField ? null : like || beside());
    if (next) next.focus({ preventScroll: true });
    if (next && caret) next.setSelectionRange(...caret);
  }

  // ── Time ───────────────────────────────────────────────────────────────────────────────────

  // City time runs on from the last document by the clock of the tab, which nobody can set wrong;
  // in the demo it may run faster than the real one.
  const real = () => performance.now();
  let anchor = { city: Date.now(), real: real(), speed: 1 };
  const present = () => anchor.city + (real() - anchor.real) * anchor.speed;

  // The moment on which the page stands: the present, or the one that is replayed.
  const now = () => {
    const at = replayed(readAddress());
    return at === null ? present() : at;
  };

  // A machine that slept, or a tab that was put aside, finds the time again with any answer.
  function correct(answer) {
    const told = Date.parse(answer.headers.get("Date") || "");
    if (anchor.speed !== 1 || Number.isNaN(told) || Math.abs(told - present()) < DRIFT_MS) return;
    anchor = { city: told, real: real(), speed: 1 };
  }

  const two = (number) => String(number).padStart(2, "0");

  // Jakarta has no summer time, so that its wall clock is UTC plus seven hours, read as UTC.
  const wib = (ms) => new Date(ms + 7 * 3600 * 1000);
  const clock = (ms) => two(wib(ms).getUTCHours()) + "." + two(wib(ms).getUTCMinutes());
  const clockWithSeconds = (ms) => clock(ms) + "." + two(wib(ms).getUTCSeconds());
  const day = (ms) => {
    const date = wib(ms);
    const month = MONTHS[date.getUTCMonth()];
    return DAYS[date.getUTCDay()] + ", " + date.getUTCDate() + " " + month + " " + date.getUTCFullYear();
  };
  const moment = (ms) => day(ms) + " pukul " + clock(ms) + " WIB";
  // Of a midnight, the day that it ends.
  const dayBefore = (iso) => day(Date.parse(iso) - 1).split(", ")[1];

  const duration = (ms) => {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    if (seconds >= 2 * 86400) return Math.floor(seconds / 86400).toLocaleString("id") + " hari";
    if (seconds >= 2 * 3600) return Math.floor(seconds / 3600) + " jam";
    if (seconds >= 60) return Math.floor(seconds / 60) + " mnt";
    return seconds + " dtk";
  };
  const age = (ms, at = now()) => (at - ms < 5000 ? "baru saja" : duration(at - ms) + " lalu");
  const ageMark = (iso) =>
    '<time data-age datetime="' + text(iso) + '" title="' + moment(Date.parse(iso)) + '"> </time>';

  // ── Freshness ──────────────────────────────────────────────────────────────────────────────

  const rank = (state) => ORDER.indexOf(state);
  const worst = (states) => states.reduce((one, other) => (rank(other) > rank(one) ? other : one), "fresh");

  // Of a past moment few sources tell; what is drawn is as fresh as those that do.
  function worstOf(feeds) {
    const states = feeds.filter((feed) => feed.scheduled).map(stateOf);
    const told = replayKey() === null ? states : states.filter((state) => state !== "never");
    return states.length > 0 && told.length === 0 ? "never" : worst(told);
  }

  function byBudget(moment, late, expired, at) {
    const seconds = (at - moment) / 1000;
    if (late !== null && seconds > late) return expired !== null && seconds > expired ? "expired" : "late";
    return "fresh";
  }

  // A feed turns late between two documents, and does so while the server is away; the rule is
  // that of data/freshness.py.
  function stateOf(feed) {
    if (!feed.moment) return "never";
    const state = byBudget(Date.parse(feed.moment), feed.late_s, feed.expired_s, now());
    if (state !== "fresh") return feed.failing ? "disconnected" : state;
    return feed.state === "empty" ? "empty" : "fresh";
  }

  const stateMark = (state, spoken, word = STATES[state]) =>
    '<span class="state state-' + state + '"><span class="state-shape" aria-hidden="true"></span>' +
    (spoken ? "<span" : '<span class="visually-hidden"') + ">" + word + "</span></span>";

  const SIMULATED = '<span class="mark-simulated">DATA SIMULASI</span>';

  const seconds = (value) => (value === undefined || value === "" ? null : Number(value));
  const oldest = (times) => times.filter(Boolean).sort((one, other) => Date.parse(one) - Date.parse(other))[0];

  // Each number that knows its age (parts.reading, parts.judged) is as fresh as the worst of its
  // own budget and of the feeds that it was computed from; its look follows `data-state`.
  function freshen(root) {
    root.querySelectorAll("[data-fresh]").forEach((node) => {
      const own = node.dataset.fresh;
      const feeds = known(listed(node.dataset.of));
      const states = [worstOf(feeds)];
      if (own) states.push(byBudget(Date.parse(own), seconds(node.dataset.late), seconds(node.dataset.expired), now()));
      const state = worst(states);
      if (node.dataset.state !== state) node.dataset.state = state;
      const time = own ? null : node.querySelector("time[data-age]");
      const since = time && oldest(feeds.map((feed) => feed.moment));
      if (since && time.dateTime !== since) {
        time.dateTime = since;
        time.title = moment(Date.parse(since));
      }
    });
  }

  // React owns some of these text nodes; only their value may change, or a later redraw is lost.
  const write = (node, value) => {
    if (node.firstChild && node.firstChild.nodeValue !== value) node.firstChild.nodeValue = value;
  };

  function tick(root = document) {
    freshen(root);
    const at = now();
    root.querySelectorAll("time[data-age][datetime]").forEach((node) => write(node, age(Date.parse(node.dateTime), at)));
  }

  // ── The versions document ──────────────────────────────────────────────────────────────────

  let live = null;
  let then = null;
  let asked = null;
  let heardAt = real();
  let lostAfter = Infinity;
  let following = false;

  const listed = (value) => (value ? value.split(" ") : []);

  // What is known of the feeds at the moment on which the page stands.
  const versions = () => {
    const key = replayKey();
    return key === null ? live : then && then.key === key ? then : null;
  };
  const known = (names) => {
    const document = versions();
    return document ? names.filter((name) => name in document.feeds).map((name) => document.feeds[name]) : [];
  };

  function follow({ every = POLL_MS, jitter = POLL_JITTER_MS } = {}) {
    if (following) return;
    following = true;
    lostAfter = Math.max(LOST_AFTER_MS, 1.5 * (every + jitter));
    const round = () => poll().finally(() => setTimeout(round, every + Math.random() * jitter));
    round();
  }

  function poll() {
    // The browser's own cache answers where the server says 304.
    return fetch("/versi", { cache: "no-cache", signal: AbortSignal.timeout(POLL_TIMEOUT_MS) })
      .then((answer) => {
        if (!answer.ok) throw new Error("versi: " + answer.status);
        heardAt = real();
        correct(answer);
        // A proxy that packs an answer calls its tag weak.
        const tag = answer.headers.get("ETag").replace(/^W\/|"/g, "");
        return live && live.tag === tag ? null : answer.json().then((found) => hear(found, tag));
      })
      .catch(() => null)
      .finally(() => {
        showLost();
        tell("detak");
      });
  }

  function hear(found, tag) {
    live = Object.assign(found, { tag: tag });
    anchor = { city: Date.parse(found.now), real: real(), speed: found.speed };
    tell("versi", versions() || live);
    refresh();
  }

  // How the feeds stood at a replayed moment does not change: one question a moment.
  function recall() {
    const key = replayKey();
    if (key === null || key === asked) return;
    asked = key;
    fetch("/versi?" + key)
      .then((answer) => answer.json())
      .then((found) => {
        if (replayKey() !== key) return;
        then = Object.assign(found, { key: key });
        slots().forEach(showBadge);
        tick();
        tell("versi", then);
      })
      .catch(() => (asked = null));
  }

  function showLost() {
    const banner = byId("tidak-terhubung");
    if (!banner) return;
    const silent = real() - heardAt;
    banner.hidden = silent <= lostAfter;
    document.documentElement.dataset.lost = banner.hidden ? "" : "yes";
    const since = clock(present() - silent * anchor.speed);
    fill(banner, banner.hidden ? "" : "LAYAR TIDAK TERHUBUNG sejak pukul " + since + " WIB");
  }

  // ── Panels ─────────────────────────────────────────────────────────────────────────────────

  // What each slot shows and waits for; a slot that Dash builds anew starts with nothing.
  const shown = new WeakMap();
  const trees = new WeakMap();

  const slots = () => document.querySelectorAll("[data-panel]:not(button)");

  // What is counted at midnight follows of its feeds only the state; see dashboards/versions.py.
  const OWN = [MIDNIGHT, "alarm_ledger"];
  const signature = (versions, feeds) =>
    feeds.includes(ANY_FEED)
      ? versions.tag
      : feeds
          .filter((name) => name in versions.feeds)
          .map((name) => [name, feeds.includes(MIDNIGHT) && !OWN.includes(name) ? "" : versions.feeds[name].version, versions.feeds[name].state].join(":"))
          .join(",");

  function query(address, names) {
    const chosen = new URLSearchParams();
    for (const name of CARRIED.concat(names)) {
      if (address.query[name]) chosen.set(name, address.query[name]);
    }
    return chosen.toString();
  }

  function refresh() {
    if (!live) return;
    recall();
    const isReplay = replayKey() !== null;
    slots().forEach((slot) => {
      const wanted = {
        signature: isReplay ? "" : signature(live, listed(slot.dataset.feeds)),
        query: query(readAddress(), listed(slot.dataset.params)),
      };
      const last = shown.get(slot);
      if (!last || last.signature !== wanted.signature || last.query !== wanted.query) {
        // Data redraw a panel at most every five seconds; a reader's choice does so at once.
        const isData = Boolean(last) && last.query === wanted.query;
        const wait = isData ? Math.max(0, last.drawnAt + REDRAW_MS - real()) : 0;
        if (last) {
          clearTimeout(last.timer);
          last.controller.abort();
        }
        const { drawnAt = 0, feeds } = last || {};
        const next = Object.assign(wanted, { controller: new AbortController(), drawnAt: drawnAt, feeds: feeds });
        next.isPatient = isData && drawnAt > 0;
        next.timer = setTimeout(() => draw(slot, next, isReplay ? 0 : RETRIES), wait);
        shown.set(slot, next);
      }
      showBadge(slot);
    });
  }

  // A list that is open closes when its panel is drawn anew, and the next letter goes astray. Data
  // wait for whoever is in a field of it, until half a minute after the last key or click.
  let usedAt = -Infinity;
  for (const does of ["keydown", "pointerdown", "input"]) {
    document.addEventListener(does, () => (usedAt = real()), { capture: true, passive: true });
  }
  const waits = (slot, wanted) =>
    wanted.isPatient &&
    real() - usedAt < IN_USE_MS &&
    slot.contains(document.activeElement) &&
    document.activeElement.matches("input, select, textarea");

  // What a person just did is shown without the wait that data have.
  function hurry(feed) {
    slots().forEach((slot) => {
      if (shown.has(slot) && listed(slot.dataset.feeds).includes(feed)) shown.get(slot).drawnAt = 0;
    });
  }

  function draw(slot, wanted, retries) {
    if (!slot.isConnected) return;
    const again = (ms, left) => (wanted.timer = setTimeout(() => draw(slot, wanted, left), ms));
    if (waits(slot, wanted)) return again(RETRY_MS, retries);
    fetch("/panel/" + slot.dataset.panel + "?" + wanted.query, { signal: wanted.controller.signal, cache: "no-cache" })
      .then((answer) => answer.text().then((body) => ({ answer: answer, body: body })))
      .then(({ answer, body }) => {
        if (!slot.isConnected) return;
        if (waits(slot, wanted)) return again(RETRY_MS, retries);
        // Another worker may not have heard yet of the version that this page knows.
        const isBehind = retries > 0 && answer.ok && answer.headers.get("X-Signature") !== wanted.signature;
        wanted.drawnAt = real();
        wanted.isDrawn = !isBehind;
        slot.dataset.failed = answer.ok ? "" : "yes";
        if (answer.ok || answer.headers.has("X-Panel")) {
          show(slot, body, (answer.headers.get("Content-Type") || "").startsWith("application/json"));
        } else {
          show(slot, notShown(answer.status), false);
          if (answer.status > 500) again(REDRAW_MS, retries);
        }
        showBadge(slot);
        tell("gambar", { slot: slot });
        if (isBehind) again(RETRY_MS, retries - 1);
      })
      .catch((error) => {
        if (error.name !== "AbortError") again(REDRAW_MS, retries);
      });
  }

  // Whoever answered (a proxy, another program), its page does not belong into ours.
  const notShown = (status) =>
    '<div class="note note-failed" role="alert"><p>' +
    (status === 403
      ? "Tidak berwenang melihat bagian ini. Muat ulang halaman."
      : status === 404
        ? "Bagian ini tidak ditemukan. Muat ulang halaman."
        : "Bagian ini tidak dapat dimuat.") +
    "</p></div>";

  // A chart names its colours by token, as css does; Plotly must be told what they are now.
  const inks = new Set();
  function coloured(body) {
    const style = getComputedStyle(document.documentElement);
    return body.replace(/"var\((--[\w-]+)\)"/g, (_, name) => {
      inks.add(name);
      return JSON.stringify(style.getPropertyValue(name).trim());
    });
  }

  // Plotly measures in pixels, all else in rem: on a screen that hangs far away a chart grows too.
  function enlarge(measured, by) {
    for (const [name, value] of Object.entries(measured || {})) {
      if (MEASURES.has(name) && typeof value === "number") measured[name] = value * by;
      else if (value && typeof value === "object") enlarge(value, by);
    }
  }

  function asTree(body) {
    const by = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    if (by === 1) return JSON.parse(coloured(body));
    return JSON.parse(coloured(body), (_, node) => {
      if (node && node.type === "Graph") {
        const { figure, style } = node.props;
        enlarge(figure.layout, by);
        figure.data.forEach((trace) => [trace.marker, trace.line, trace.textfont].forEach((part) => enlarge(part, by)));
        if (style && style.height) style.height = "calc(" + by + " * " + style.height + ")";
      }
      return node;
    });
  }

  function show(slot, body, isTree) {
    if (isTree) trees.set(slot, body);
    else trees.delete(slot);
    if (isTree) window.komando.drawTree(slot, asTree(body));
    else if (slot.dataset.tree) window.komando.drawTree(slot, null);
    slot.dataset.tree = isTree ? "yes" : "";
    const html = slot.querySelector(".panel-html");
    fill(html, isTree ? "" : body);
    slot.setAttribute("aria-busy", "false");
    tick(slot);
  }

  // A source that tells nothing of a past moment has no part in what is shown of it.
  const isSimulated = (feeds) => feeds.some((feed) => feed.simulated && (replayKey() === null || feed.moment));

  // What of a past moment is not known, and what is known of it only by assumption.
  function coverage(feeds) {
    if (replayKey() === null) return "";
    const silent = feeds.filter((feed) => feed.scheduled && !feed.moment);
    const told = feeds.filter((feed) => feed.moment);
    if (told.length === 0) return "";
    const names = text(silent.map((feed) => feed.title).join(", "));
    return (
      (silent.length > 0 ? '<span class="mark-missing" title="Belum ada data: ' + names + '">tanpa ' + silent.length + " sumber</span>" : "") +
      (told.some((feed) => feed.assumed)
        ? '<span class="late-known is-assumed" title="Waktu diketahui diasumsikan: data dimuat kemudian">asumsi</span>'
        : "")
    );
  }

  function showBadge(slot) {
    const document = versions();
    if (!document) return;
    const names = listed(slot.dataset.feeds);
    const isAny = names.includes(ANY_FEED);
    const drawing = shown.get(slot);
    const isHeld = Boolean(drawing) && !drawing.isDrawn && waits(slot, drawing);
    // While data wait for a reader, the panel is as old as what it was drawn from.
    const feeds = (isHeld && drawing.feeds) || (isAny ? Object.values(document.feeds) : known(names));
    if (drawing && drawing.isDrawn) drawing.feeds = feeds;
    const isFailed = slot.dataset.failed === "yes";
    const scheduled = feeds.filter((feed) => feed.scheduled);
    const state = isFailed ? "disconnected" : isAny ? "fresh" : worstOf(scheduled);
    const isFailing = !isAny && !isFailed && state !== "disconnected" && scheduled.some((feed) => feed.failing);
    // A panel is as old as the oldest of its feeds, or of those that make it late; one about the
    // runs, as young as the newest.
    const late = isAny || state === "fresh" ? [] : scheduled.filter((feed) => stateOf(feed) === state);
    const times = (late.length > 0 ? late : feeds).map((feed) => (isAny ? feed.known_time : feed.moment)).filter(Boolean);
    const isDaily = (state === "fresh" || state === "empty") && names.includes(MIDNIGHT);
    const time = isDaily
      ? document.feeds[MIDNIGHT].moment
      : isAny
        ? times.sort((one, other) => Date.parse(other) - Date.parse(one))[0]
        : oldest(times);
    const one = late.find((feed) => feed.moment === time);
    const whose = one && feeds.length > 1 ? "<span>" + text(one.title) + (late.length > 1 ? " +" + (late.length - 1) : "") + "</span>" : "";
    const origin = () =>
      feeds.length === 0 ? "Data acuan" : isDaily ? "Data per " + dayBefore(time) : stateMark(state, state !== "fresh") + whose;
    fill(
      slot.querySelector(".panel-badge"),
      (isFailed ? stateMark(state, true, "Gagal dimuat") : origin()) + (time && !isFailed ? ageMark(time) : "") +
        (isHeld ? "<span>data baru menunggu isian</span>" : "") +
        (isFailing ? "<span>pengambilan gagal</span>" : "") + (isFailed ? "" : coverage(feeds)) + (isSimulated(feeds) ? SIMULATED : "")
    );
    ORDER.forEach((one) => slot.classList.toggle("is-" + one, one === state));
    slot.dataset.state = state;
  }

  // ── The address: moment, area and what pages add ───────────────────────────────────────────

  const pageOf = (path) => Object.keys(IN_PATH).find((page) => path.startsWith(page));

  function decoded(value) {
    try {
      return decodeURIComponent(value);
    } catch {
      return value;
    }
  }

  function readAddress() {
    const query = {};
    const path = window.location.pathname;
    const page = pageOf(path);
    if (page) query[IN_PATH[page]] = decoded(path.slice(page.length));
    for (const [name, value] of new URLSearchParams(window.location.search)) {
      if (!(name in query)) query[name] = value;
    }
    return { path: path, query: query };
  }

  const joined = (pairs) => {
    const search = new URLSearchParams(pairs.filter(([, value]) => value)).toString();
    return search ? "?" + search : "";
  };
  const carried = (query) => joined(CARRIED.map((name) => [name, query[name]]));

  // The address of a page for what `query` says.
  const addressed = (path, query) =>
    path + joined(Object.entries(query).filter(([name]) => name !== IN_PATH[pageOf(path)]));

  // dcc.Location would add an entry to the history for each choice, and going back would rebuild
  // the page; so the address bar is written by hand and an event tells of it.
  function go(patch) {
    const { path, query } = readAddress();
    const next = Object.assign({}, query, patch);
    if ((path + "/").startsWith(AREA_PAGE) && next.wilayah !== query.wilayah) {
      window.komando.visit(AREA_PAGE + (next.wilayah || WHOLE_CITY));
      return;
    }
    if (next.wilayah === WHOLE_CITY) next.wilayah = null;
    // Going back undoes one choice of area, and leaves the page only after that.
    const write = (next.wilayah || "") === (query.wilayah || "") ? "replaceState" : "pushState";
    history[write](history.state, "", addressed(path, next));
    readdress();
  }

  function readdress() {
    tell("alamat", readAddress());
    refresh();
    tick();
  }

  // The moment that is replayed, in ms; null where it is now. What cannot be read means now, as
  // in data/asof.py.
  function replayed(address) {
    const said = MOMENT.exec(address.query.pada || "");
    if (!said) return null;
    const [, date, time = "00:00", zone = "+07:00"] = said;
    const ms = Date.parse(date + "T" + time + zone);
    if (Number.isNaN(ms) || ms < EARLIEST_MS || ms >= present()) return null;
    // To Date 30 February is a day in March.
    return new Date(date).toISOString().startsWith(date) ? ms : null;
  }

  // What names a replayed moment to the server; null where it is now.
  function replayKey() {
    const address = readAddress();
    if (replayed(address) === null) return null;
    const seen = address.query.seperti === "sekarang" ? "sekarang" : "saat-itu";
    return new URLSearchParams({ pada: address.query.pada, seperti: seen }).toString();
  }

  // ── Theme ──────────────────────────────────────────────────────────────────────────────────

  let chosenTheme = "auto";
  try {
    chosenTheme = localStorage.getItem("tema") || "auto";
  } catch {
    // Storage may be switched off; then the choice lasts as long as the page.
  }

  // What an address asks for (`?tema=` of a wall) is not kept for the pages of this browser.
  function chooseTheme(value, isKept = true) {
    chosenTheme = value;
    try {
      if (isKept) localStorage.setItem("tema", value);
    } catch {
      // As above.
    }
    applyTheme();
  }

  function applyTheme() {
    const date = wib(present());
    const hour = date.getUTCHours() + date.getUTCMinutes() / 60;
    const byHour = hour >= DAY_BEGINS && hour < NIGHT_BEGINS ? "light" : "dark";
    const wanted = chosenTheme === "auto" ? byHour : chosenTheme;
    // Even the same value would wake the observers of the attribute, who draw the map anew.
    const root = document.documentElement.dataset;
    if (root.theme === wanted) return;
    root.theme = wanted;
    tell("tema", wanted);
    slots().forEach((slot) => trees.has(slot) && show(slot, trees.get(slot), true));
  }

  // ── What a person does ─────────────────────────────────────────────────────────────────────

  const acts = {
    go: (node) => go({ [node.dataset.name]: node.dataset.value }),
    live: () => go({ pada: null, seperti: null }),
  };

  document.addEventListener("click", (event) => {
    const node = event.target.closest ? event.target.closest("[data-act]") : null;
    if (!node || !(node.dataset.act in acts) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (node.tagName === "A") event.preventDefault();
    acted = node;
    acts[node.dataset.act](node);
  });

  // Send what a person did; the answer is JSON, and a failure is told to whoever sits there.
  function post(url, body) {
    const node = acted;
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    return fetch(url, options)
      .then((answer) => answer.json().then((found) => ({ answer: answer, found: found })))
      .then(({ answer, found }) => {
        if (!answer.ok) throw new Error(found.error || "Kode " + answer.status);
        return found;
      })
      .catch((error) => {
        const message = error instanceof TypeError ? "Server tidak dapat dihubungi." : error.message;
        tell("gagal", { message: message, node: node });
        throw error;
      });
  }

  // ── Clocks ─────────────────────────────────────────────────────────────────────────────────

  setInterval(() => {
    document.querySelectorAll("[data-clock]").forEach((node) => write(node, clockWithSeconds(present()) + " WIB"));
    document.querySelectorAll("[data-day]").forEach((node) => write(node, day(present())));
    slots().forEach(showBadge);
    tick();
    showLost();
    applyTheme();
  }, 1000);

  applyTheme();

  window.komando = Object.assign(window.komando || {}, {
    // What the pages of Dash put in place to draw components; a screen without Dash has none.
    drawTree: () => null,
    act: (name, does) => (acts[name] = does),
    addressed: addressed,
    age: age,
    ageMark: ageMark,
    byId: byId,
    carried: carried,
    chooseTheme: chooseTheme,
    clock: clock,
    day: day,
    duration: duration,
    fill: fill,
    follow: follow,
    go: go,
    hurry: hurry,
    joined: joined,
    inks: inks,
    moment: moment,
    notShown: notShown,
    now: now,
    poll: poll,
    post: post,
    present: present,
    query: query,
    readAddress: readAddress,
    readdress: readdress,
    refresh: refresh,
    replayed: replayed,
    signature: signature,
    speed: () => anchor.speed,
    stateMark: stateMark,
    stateOf: stateOf,
    states: STATES,
    simulated: SIMULATED,
    text: text,
    tick: tick,
    versions: versions,
    worst: worst,
  });
})();
