// The browser's half of the site: it follows /versi, asks for the panels whose data moved, keeps
// ages and clocks running, and holds moment and area in the address bar. One namespace, and no
// inline script anywhere.
//
// What comes often (ages, states, panels of plain HTML) is written into the page directly: Dash's
// renderer tells every component of a page of each change, which costs more than the change itself.
// React leaves alone what stands inside an element that it was given without children.
(function () {
  "use strict";

  const POLL_MS = 5000;
  const POLL_JITTER_MS = 1000;
  const POLL_TIMEOUT_MS = 10000;
  const LOST_AFTER_MS = 2 * POLL_MS;
  const REDRAW_MS = 5000;
  const RETRY_MS = 1500;
  const AGE_MS = 5000;
  const WHOLE_CITY = "31";
  const ANY_FEED = "*";
  const DAY_BEGINS = 5.5;
  const NIGHT_BEGINS = 18;
  const CARRIED = ["wilayah", "pada", "seperti"];

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

  const unchanged = () => window.dash_clientside.no_update;
  const setProps = (id, props) => window.dash_clientside.set_props(id, props);
  const byId = (id) => document.getElementById(id);

  // ── HTML ───────────────────────────────────────────────────────────────────────────────────

  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const text = (value) => String(value).replace(/[&<>"]/g, (sign) => ESCAPES[sign]);

  const written = new WeakMap();

  // Write only what differs, and keep what the reader did: focus, scrolling, opened details.
  function fill(node, html) {
    if (!node || written.get(node) === html) return;
    const parts = (query) => Array.from(node.querySelectorAll(query));
    const focusable = "a, button, [tabindex]";
    const focused = node.contains(document.activeElement) ? parts(focusable).indexOf(document.activeElement) : -1;
    const scrollers = () => [node.closest(".panel-body"), ...parts(".table-scroll")].filter(Boolean);
    const scrolled = scrollers().map((one) => [one.scrollLeft, one.scrollTop]);
    const opened = parts("details").map((one) => one.open);
    node.innerHTML = html;
    written.set(node, html);
    parts("details").forEach((one, index) => (one.open = Boolean(opened[index])));
    scrollers().forEach((one, index) => one.scrollTo(...(scrolled[index] || [0, 0])));
    if (focused >= 0 && parts(focusable)[focused]) parts(focusable)[focused].focus({ preventScroll: true });
  }

  // ── Time ───────────────────────────────────────────────────────────────────────────────────

  // City time runs on from the last document; in the demo it may run faster than the real one.
  let anchor = { city: Date.now(), real: Date.now(), speed: 1 };
  const now = () => anchor.city + (Date.now() - anchor.real) * anchor.speed;

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

  // A feed turns late between two documents, and does so while the server is away; the rule is
  // that of data/freshness.py.
  function stateOf(feed) {
    if (!feed.moment) return "never";
    const seconds = (now() - Date.parse(feed.moment)) / 1000;
    if (feed.late_s !== null && seconds > feed.late_s) {
      if (feed.failing) return "disconnected";
      return feed.expired_s !== null && seconds > feed.expired_s ? "expired" : "late";
    }
    return feed.state === "empty" ? "empty" : "fresh";
  }

  const rank = (state) => ORDER.indexOf(state);
  const worst = (states) => states.reduce((one, other) => (rank(other) > rank(one) ? other : one), "fresh");

  const stateMark = (state, spoken, word = STATES[state]) =>
    '<span class="state state-' + state + '"><span class="state-shape" aria-hidden="true"></span>' +
    (spoken ? "<span" : '<span class="visually-hidden"') + ">" + word + "</span></span>";

  // The newest fetch failed; what is shown is older, though not late yet.
  const FAILED = "Gagal diambil";
  const failing = (one) => one.feed.failing && one.state !== "disconnected";

  const SIMULATED = '<span class="mark-simulated">DATA SIMULASI</span>';

  // ── The versions document ──────────────────────────────────────────────────────────────────

  let versions = null;
  let heardAt = Date.now();
  let beats = 0;
  let following = false;

  function poll() {
    // The browser's own cache answers where the server says 304.
    fetch("/versi", { cache: "no-cache", signal: AbortSignal.timeout(POLL_TIMEOUT_MS) })
      .then((answer) => {
        if (!answer.ok) throw new Error("versi: " + answer.status);
        heardAt = Date.now();
        const tag = answer.headers.get("ETag").replace(/"/g, "");
        return versions && versions.tag === tag ? null : answer.json().then((found) => hear(found, tag));
      })
      .catch(() => null)
      .finally(() => {
        beats += 1;
        setProps("detak", { data: beats });
        showHealth();
        setTimeout(poll, POLL_MS + Math.random() * POLL_JITTER_MS);
      });
  }

  function hear(found, tag) {
    versions = Object.assign(found, { tag: tag });
    anchor = { city: Date.parse(found.now), real: Date.now(), speed: found.speed };
    setProps("versi", { data: versions });
    refresh();
  }

  function showHealth() {
    const banner = byId("tidak-terhubung");
    if (!banner) return;
    const silent = Date.now() - heardAt;
    banner.hidden = silent <= LOST_AFTER_MS + POLL_JITTER_MS;
    const since = clock(now() - silent * anchor.speed);
    fill(banner, banner.hidden ? "" : "LAYAR TIDAK TERHUBUNG sejak pukul " + since + " WIB");
    showStrip();
    slots().forEach(showBadge);
    tick();
  }

  function showStrip() {
    const strip = document.querySelector(".feed-strip");
    if (!strip || !versions) return;
    const feeds = Object.entries(versions.feeds)
      .filter(([, feed]) => feed.scheduled)
      .map(([name, feed]) => ({ name: name, feed: feed, state: stateOf(feed) }))
      .sort((one, other) => rank(other.state) - rank(one.state) || one.feed.title.localeCompare(other.feed.title));
    const cells = feeds.map((one) => stateMark(one.state)).join("");
    const counts = ORDER.map((state) => [state, feeds.filter((one) => one.state === state).length])
      .filter(([, count]) => count > 0)
      .map(([state, count]) => '<span class="feed-count">' + count + " " + stateMark(state, true) + "</span>")
      .join("");
    const troubles = feeds
      .filter((one) => rank(one.state) > rank("never") || one.feed.failing)
      .slice(0, 3)
      .map((one) =>
        '<span class="feed-trouble">' +
        (failing(one) ? stateMark("disconnected", true, FAILED + ":") : stateMark(one.state)) + text(one.feed.title) + " " +
        (one.feed.moment ? ageMark(one.feed.moment) : "") + "</span>"
      )
      .join("");
    const chips = feeds.map((one) => {
      const inside =
        stateMark(one.state) + '<span class="feed-title">' + text(one.feed.title) + "</span>" +
        (one.feed.simulated ? SIMULATED : "<span></span>") +
        '<span class="feed-age">' + STATES[one.state] + (failing(one) ? " · " + FAILED : "") + (one.feed.moment ? " · " + ageMark(one.feed.moment) : "") + "</span>";
      return strip.dataset.linked === "yes"
        ? '<li><a class="feed-chip" data-act="visit" href="/sistem?sumber=' + text(one.name) + '">' + inside + "</a></li>"
        : '<li><span class="feed-chip">' + inside + "</span></li>";
    });
    fill(
      byId("sumber-ringkas"),
      '<span class="feed-label">Sumber data</span><span class="feed-cells" aria-hidden="true">' + cells +
        '</span><span class="feed-counts">' + counts + '</span><span class="feed-troubles">' + troubles + "</span>"
    );
    fill(byId("sumber-rinci"), chips.join(""));
  }

  // ── Panels ─────────────────────────────────────────────────────────────────────────────────

  // What each slot shows and waits for; a slot that Dash builds anew starts with nothing.
  const shown = new WeakMap();

  const slots = () => document.querySelectorAll("[data-panel]");
  const listed = (value) => (value ? value.split(" ") : []);

  const signature = (versions, feeds) =>
    feeds.includes(ANY_FEED)
      ? versions.tag
      : feeds
          .filter((name) => name in versions.feeds)
          .map((name) => name + ":" + versions.feeds[name].version + ":" + versions.feeds[name].state)
          .join(",");

  function query(address, names) {
    const chosen = new URLSearchParams();
    for (const name of CARRIED.concat(names)) {
      if (address.query[name]) chosen.set(name, address.query[name]);
    }
    return chosen.toString();
  }

  function refresh() {
    showFilter();
    if (!versions) return;
    slots().forEach((slot) => {
      showBadge(slot);
      const wanted = {
        signature: signature(versions, listed(slot.dataset.feeds)),
        query: query(readAddress(), listed(slot.dataset.params)),
      };
      const last = shown.get(slot);
      if (last && last.signature === wanted.signature && last.query === wanted.query) return;
      // Data redraw a panel at most every five seconds; a reader's choice does so at once.
      const isData = last && last.query === wanted.query;
      const wait = isData ? Math.max(0, last.drawnAt + REDRAW_MS - Date.now()) : 0;
      if (last) {
        clearTimeout(last.timer);
        last.controller.abort();
      }
      const next = Object.assign(wanted, { controller: new AbortController(), drawnAt: last ? last.drawnAt : 0 });
      next.timer = setTimeout(() => draw(slot, next, true), wait);
      shown.set(slot, next);
    });
  }

  function showFilter() {
    const note = document.querySelector(".filter-note");
    const feed = readAddress().query.sumber;
    const all = '<button class="link" data-act="go" data-name="sumber" data-value="">Tampilkan semua sumber</button>';
    fill(note, feed ? "<span>Sumber: <code>" + text(feed) + "</code></span>" + all : "Semua sumber");
  }

  function draw(slot, wanted, mayRetry) {
    if (!slot.isConnected) return;
    const again = (ms, retry) => (wanted.timer = setTimeout(() => draw(slot, wanted, retry), ms));
    fetch("/panel/" + slot.dataset.panel + "?" + wanted.query, { signal: wanted.controller.signal, cache: "no-cache" })
      .then((answer) => answer.text().then((body) => ({ answer: answer, body: body })))
      .then(({ answer, body }) => {
        if (!slot.isConnected) return;
        wanted.drawnAt = Date.now();
        slot.dataset.failed = answer.ok ? "" : "yes";
        if (answer.ok || answer.headers.has("X-Panel")) {
          show(slot, body, (answer.headers.get("Content-Type") || "").startsWith("application/json"));
        } else {
          show(slot, notShown(answer.status), false);
          if (answer.status > 500) again(REDRAW_MS, mayRetry);
        }
        showBadge(slot);
        // Another worker may not have heard yet of the version that this page knows.
        if (mayRetry && answer.ok && answer.headers.get("X-Signature") !== wanted.signature) again(RETRY_MS, false);
      })
      .catch((error) => {
        if (error.name !== "AbortError") again(REDRAW_MS, mayRetry);
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

  function show(slot, body, isTree) {
    const id = { panel: slot.dataset.panel };
    if (isTree) setProps(id, { children: JSON.parse(body) });
    else if (slot.dataset.tree) setProps(id, { children: null });
    slot.dataset.tree = isTree ? "yes" : "";
    fill(slot.querySelector(".panel-html"), isTree ? "" : body);
    slot.setAttribute("aria-busy", "false");
    tick();
  }

  function showBadge(slot) {
    if (!versions) return;
    const names = listed(slot.dataset.feeds);
    const isAny = names.includes(ANY_FEED);
    const feeds = (isAny ? Object.keys(versions.feeds) : names)
      .filter((name) => name in versions.feeds)
      .map((name) => versions.feeds[name]);
    const isReplay = replayed(readAddress()) !== null;
    const isFailed = slot.dataset.failed === "yes";
    const scheduled = feeds.filter((feed) => feed.scheduled);
    const state = isFailed ? "disconnected" : isReplay || isAny ? "fresh" : worst(scheduled.map(stateOf));
    const isFailing = !isReplay && !isAny && !isFailed && state !== "disconnected" && scheduled.some((feed) => feed.failing);
    // A panel is as old as the oldest of its feeds; one about the runs, as young as the newest.
    const times = feeds
      .map((feed) => (isAny ? feed.known_time : feed.moment))
      .filter(Boolean)
      .sort((one, other) => Date.parse(one) - Date.parse(other));
    const time = isAny ? times[times.length - 1] : times[0];
    const origin = isFailed ? stateMark(state, true, "Gagal dimuat") : isReplay ? "Putar ulang" : feeds.length === 0 ? "Data acuan" : stateMark(state, state !== "fresh");
    fill(
      slot.querySelector(".panel-badge"),
      origin + (time && !isReplay && !isFailed ? ageMark(time) : "") +
        (isFailing ? "<span>pengambilan gagal</span>" : "") + (feeds.some((feed) => feed.simulated) ? SIMULATED : "")
    );
    ORDER.forEach((one) => slot.classList.toggle("is-" + one, one === state));
  }

  // ── The address: moment, area and what pages add ───────────────────────────────────────────

  function readAddress() {
    const query = {};
    for (const [name, value] of new URLSearchParams(window.location.search)) {
      if (!(name in query)) query[name] = value;
    }
    return { path: window.location.pathname, query: query };
  }

  const joined = (pairs) => {
    const search = new URLSearchParams(pairs.filter(([, value]) => value)).toString();
    return search ? "?" + search : "";
  };
  const carried = (query) => joined(CARRIED.map((name) => [name, query[name]]));

  // dcc.Location would add an entry to the history for each choice, and going back would rebuild
  // the page; so the address bar is written by hand and the store tells the callbacks.
  function go(patch) {
    const { query } = readAddress();
    const next = Object.assign({}, query, patch);
    if (next.wilayah === WHOLE_CITY) next.wilayah = null;
    // Going back undoes one choice of area, and leaves the page only after that.
    const write = (next.wilayah || "") === (query.wilayah || "") ? "replaceState" : "pushState";
    history[write](history.state, "", window.location.pathname + joined(Object.entries(next)));
    readdress();
  }

  function readdress() {
    setProps("alamat", { data: readAddress() });
    refresh();
  }

  // Back to another area on the same page: dcc.Location, which hears of it after this, would build
  // the page anew.
  let shownPath = null;
  window.addEventListener("popstate", (event) => {
    if (window.location.pathname !== shownPath) return;
    event.stopImmediatePropagation();
    readdress();
  });

  // Open another page as dcc.Link does: without loading the frame anew.
  function visit(href) {
    const target = new URL(href, window.location.href);
    const query = Object.assign(
      Object.fromEntries(new URLSearchParams(carried(readAddress().query))),
      Object.fromEntries(target.searchParams)
    );
    history.pushState({}, "", target.pathname + joined(Object.entries(query)));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  // The moment that is replayed, in ms; null where it is now. What cannot be read means now, as
  // in data/asof.py.
  function replayed(address) {
    const at = address.query.pada;
    if (!at) return null;
    const isPlain = !/(Z|[+-]\d\d:?\d\d)$/.test(at);
    const ms = Date.parse(isPlain ? at + (at.length === 10 ? "T00:00" : "") + "+07:00" : at);
    return Number.isNaN(ms) || ms >= now() ? null : ms;
  }

  // ── Theme ──────────────────────────────────────────────────────────────────────────────────

  let chosenTheme = "auto";
  try {
    chosenTheme = localStorage.getItem("tema") || "auto";
  } catch {
    // Storage may be switched off; then the choice lasts as long as the page.
  }
  let shownTheme = null;

  function applyTheme() {
    const date = wib(now());
    const hour = date.getUTCHours() + date.getUTCMinutes() / 60;
    const byHour = hour >= DAY_BEGINS && hour < NIGHT_BEGINS ? "light" : "dark";
    const wanted = chosenTheme === "auto" ? byHour : chosenTheme;
    // Even the same value would wake the observers of the attribute, who draw the map anew.
    const root = document.documentElement.dataset;
    if (root.theme !== wanted) root.theme = wanted;
    if (!following || wanted === shownTheme) return;
    shownTheme = wanted;
    setProps("mantine", { forceColorScheme: wanted });
    setProps("tema", { data: wanted });
  }

  // ── What a click means ─────────────────────────────────────────────────────────────────────

  function openDrawer(title, html) {
    byId("laci-judul").textContent = title;
    fill(byId("laci-isi"), html);
    if (!byId("laci").open) byId("laci").showModal();
  }

  function open(url, title) {
    openDrawer(title, "<p>Memuat…</p>");
    fetch(url)
      .then((answer) => answer.text().then((body) => (answer.ok ? body : notShown(answer.status))))
      .then((html) => {
        openDrawer(title, html);
        tick();
      })
      .catch(() => openDrawer(title, "<p>Tidak dapat dimuat.</p>"));
  }

  const actions = {
    csv: (node) => window.location.assign("/panel/" + node.dataset.panel + "/data.csv" + window.location.search),
    how: (node) => {
      const title = byId("panel-" + node.dataset.panel).textContent;
      open("/panel/" + node.dataset.panel + "/cara" + window.location.search, title);
    },
    open: (node) => open(node.dataset.url, node.title),
    close: () => byId("laci").close(),
    theme: (node) => {
      chosenTheme = node.dataset.value;
      try {
        localStorage.setItem("tema", chosenTheme);
      } catch {
        // As above.
      }
      applyTheme();
    },
    role: (node) => {
      document.cookie = "peran=" + node.dataset.value + "; path=/; max-age=31536000; SameSite=Strict";
      window.location.reload();
    },
    live: () => go({ pada: null, seperti: null }),
    go: (node) => go({ [node.dataset.name]: node.dataset.value }),
    visit: (node) => visit(node.getAttribute("href")),
  };

  document.addEventListener("click", (event) => {
    const node = event.target.closest ? event.target.closest("[data-act]") : null;
    if (event.target === byId("laci")) byId("laci").close();
    if (!node || !(node.dataset.act in actions) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (node.tagName === "A") event.preventDefault();
    actions[node.dataset.act](node);
  });

  // ── Clocks ─────────────────────────────────────────────────────────────────────────────────

  // React owns some of these text nodes; only their value may change, or a later redraw is lost.
  const write = (node, value) => {
    if (node.firstChild && node.firstChild.nodeValue !== value) node.firstChild.nodeValue = value;
  };

  function tick() {
    document.querySelectorAll("time[data-age]").forEach((node) => write(node, age(Date.parse(node.dateTime))));
  }

  setInterval(() => {
    document.querySelectorAll("[data-clock]").forEach((node) => write(node, clockWithSeconds(now()) + " WIB"));
    document.querySelectorAll("[data-day]").forEach((node) => write(node, day(now())));
  }, 1000);

  setInterval(() => {
    tick();
    applyTheme();
  }, AGE_MS);

  applyTheme();

  window.komando = Object.assign(window.komando || {}, {
    age: age,
    clock: clock,
    go: go,
    moment: moment,
    now: now,
    openDrawer: openDrawer,
    query: query,
    readAddress: readAddress,
    signature: signature,
    stateOf: stateOf,
    text: text,
    visit: visit,
  });

  // Options of the area picker: every word that was typed must begin a word of the option.
  const plain = (value) => value.toLowerCase().normalize("NFKD").replace(/[^a-z0-9 ]/g, "");
  window.dashMantineFunctions = Object.assign(window.dashMantineFunctions || {}, {
    areaFilter: function ({ options, search }) {
      const wanted = plain(search).split(" ").filter(Boolean);
      const fits = (option) => {
        const words = plain(option.label).split(" ");
        return wanted.every((part) => words.some((word) => word.startsWith(part)));
      };
      return options
        .map((group) => ({ group: group.group, items: group.items.filter(fits) }))
        .filter((group) => group.items.length > 0);
    },
  });

  let shownFeed = null;

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.komando = Object.assign({}, window.dash_clientside.komando, {
    follow: function () {
      if (!following) {
        following = true;
        setTimeout(poll, 0);
        setTimeout(applyTheme, 0);
        // Dash builds a page's panels some time after the address changed.
        new MutationObserver(refresh).observe(byId("isi"), { childList: true, subtree: true });
      }
      return unchanged();
    },

    address: function () {
      shownPath = window.location.pathname;
      return readAddress();
    },

    navigate: function (address, ids) {
      const search = carried(address.query);
      return [
        ids.map((id) => id.nav + search),
        ids.map((id) => (id.nav === address.path ? "nav-link is-here" : "nav-link")),
      ];
    },

    area: function (address) {
      return address.query.wilayah || WHOLE_CITY;
    },

    pickArea: function (code) {
      if (code && code !== (readAddress().query.wilayah || WHOLE_CITY)) go({ wilayah: code });
    },

    mark: function (address) {
      const at = replayed(address);
      if (at === null) return ["mark mark-live", "KONDISI TERKINI", true, ""];
      const seen = address.query.seperti === "sekarang" ? "sekarang" : "saat itu";
      return ["mark mark-replay", "PUTAR ULANG", false, moment(at) + ", seperti diketahui " + seen];
    },

    // The grid of refused rows asks anew when another feed was chosen.
    refreshGrid: function (address, grid) {
      if (!address || !grid) return;
      const feed = address.query.sumber || null;
      if (feed === shownFeed) return;
      shownFeed = feed;
      window.dash_ag_grid.getApiAsync(grid).then((api) => api.purgeInfiniteCache());
    },

    showRow: function (cell) {
      if (!cell || !cell.rowId) return;
      window.dash_ag_grid.getApiAsync("karantina").then((api) => {
        const row = api.getRowNode(cell.rowId);
        if (!row || !row.data) return;
        const { feed, field, reason, recorded_at: at, raw } = row.data;
        openDrawer(
          "Baris yang ditolak",
          "<p><code>" + text(field) + "</code> " + text(reason) + "</p><p>" + text(feed) + " · " + text(at) +
            " WIB</p><pre>" + text(raw) + "</pre>"
        );
      });
    },
  });
})();
