// The browser's half of the site: it follows /versi, asks for the panels whose data moved, keeps
// ages and clocks running, and holds moment and area in the address bar. One namespace, and no
// inline script anywhere.
(function () {
  "use strict";

  const POLL_MS = 5000;
  const POLL_JITTER_MS = 1000;
  const POLL_TIMEOUT_MS = 10000;
  const LOST_AFTER_MS = 2 * POLL_MS + POLL_TIMEOUT_MS;
  const REDRAW_MS = 5000;
  const RETRY_MS = 1500;
  const AGE_MS = 5000;
  const WHOLE_CITY = "31";
  const ANY_FEED = "*";
  const ZONE = "Asia/Jakarta";
  const DAY_BEGINS = 5.5;
  const NIGHT_BEGINS = 18;

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

  // Components as Dash's renderer reads them.
  const el = (type, props, children) => ({
    namespace: "dash_html_components",
    type: type,
    props: Object.assign({}, props, { children: children }),
  });
  const link = (href, props, children) => ({
    namespace: "dash_core_components",
    type: "Link",
    props: Object.assign({ href: href }, props, { children: children }),
  });

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
    return (
      DAYS[date.getUTCDay()] + ", " + date.getUTCDate() + " " +
      MONTHS[date.getUTCMonth()] + " " + date.getUTCFullYear()
    );
  };
  const moment = (ms) => day(ms) + " pukul " + clock(ms) + " WIB";

  const duration = (ms) => {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    if (seconds >= 2 * 86400) return Math.floor(seconds / 86400).toLocaleString("id") + " hari";
    if (seconds >= 3600) return Math.floor(seconds / 3600) + " jam";
    if (seconds >= 60) return Math.floor(seconds / 60) + " mnt";
    return seconds + " dtk";
  };
  const age = (ms) => (now() - ms < 5000 ? "baru saja" : duration(now() - ms) + " lalu");

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

  const worst = (states) =>
    states.reduce((one, other) => (ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one), "fresh");

  const stateMark = (state, word) =>
    el("Span", { className: "state state-" + state }, [
      el("Span", { className: "state-shape", "aria-hidden": "true" }),
      el("Span", { className: word ? "" : "visually-hidden" }, STATES[state]),
    ]);

  const ageMark = (iso) => {
    const at = Date.parse(iso);
    return el("Time", { dateTime: iso, title: moment(at), "data-age": "" }, age(at));
  };

  // ── The versions document ──────────────────────────────────────────────────────────────────

  let tag = null;
  let heardAt = Date.now();
  let following = false;

  function poll() {
    // The browser's own cache answers where the server says 304.
    fetch("/versi", { cache: "no-cache", signal: AbortSignal.timeout(POLL_TIMEOUT_MS) })
      .then((answer) => {
        if (!answer.ok) throw new Error("versi: " + answer.status);
        heardAt = Date.now();
        if (answer.headers.get("ETag") === tag) return null;
        return answer.json().then((document) => {
          tag = answer.headers.get("ETag");
          anchor = { city: Date.parse(document.now), real: Date.now(), speed: document.speed };
          document.tag = tag.replace(/"/g, "");
          setProps("versi", { data: document });
        });
      })
      .catch(() => null)
      .finally(() => {
        beat();
        setTimeout(poll, POLL_MS + Math.random() * POLL_JITTER_MS);
      });
  }

  let beats = 0;
  let lost = false;

  function beat() {
    beats += 1;
    setProps("detak", { data: beats });
    const isLost = Date.now() - heardAt > LOST_AFTER_MS;
    if (isLost === lost) return;
    lost = isLost;
    setProps("tidak-terhubung", {
      hidden: !lost,
      children: lost ? "LAYAR TIDAK TERHUBUNG sejak pukul " + clock(now() - (Date.now() - heardAt) * anchor.speed) + " WIB" : "",
    });
  }

  // ── Panels ─────────────────────────────────────────────────────────────────────────────────

  const asks = new Map();

  const signature = (versions, feeds) => (feeds.includes(ANY_FEED) ? versions.tag : feeds
      .filter((name) => name in versions.feeds)
      .map((name) => name + ":" + versions.feeds[name].version + ":" + versions.feeds[name].state)
      .join(","));

  function query(address, names) {
    const chosen = new URLSearchParams();
    for (const name of ["wilayah", "pada", "seperti"].concat(names)) {
      if (address.query[name]) chosen.set(name, address.query[name]);
    }
    return chosen.toString();
  }

  const slot = (panel) => document.querySelector('[data-panel="' + panel + '"]');

  function ask(panel, wanted, waitMs) {
    const last = asks.get(panel);
    if (last) {
      clearTimeout(last.timer);
      last.controller.abort();
    }
    const entry = { controller: new AbortController(), query: wanted.query, drawnAt: last ? last.drawnAt : 0 };
    entry.timer = setTimeout(() => draw(panel, wanted, entry, true), waitMs);
    asks.set(panel, entry);
  }

  function draw(panel, wanted, entry, mayRetry) {
    if (!slot(panel)) return;
    fetch("/panel/" + panel + "?" + wanted.query, { signal: entry.controller.signal, cache: "no-cache" })
      .then((answer) => answer.json().then((body) => ({ answer: answer, body: body })))
      .then(({ answer, body }) => {
        if (!slot(panel)) return;
        entry.drawnAt = Date.now();
        setProps({ panel: panel, part: "body" }, { children: body });
        // Another worker may not have heard yet of the version that this page knows.
        if (mayRetry && answer.ok && answer.headers.get("X-Signature") !== wanted.signature) {
          entry.timer = setTimeout(() => draw(panel, wanted, entry, false), RETRY_MS);
        }
      })
      .catch((error) => {
        if (error.name === "AbortError") return;
        entry.timer = setTimeout(() => draw(panel, wanted, entry, mayRetry), REDRAW_MS);
      });
  }

  // ── The address: moment, area and what pages add ───────────────────────────────────────────

  let address = null;

  function readAddress() {
    const query = {};
    for (const [name, value] of new URLSearchParams(window.location.search)) {
      if (!(name in query)) query[name] = value;
    }
    return { path: window.location.pathname, query: query };
  }

  // dcc.Location would add an entry to the history for each choice, and going back would rebuild
  // the page; so the address bar is written by hand and the store tells the callbacks.
  function go(patch) {
    const next = Object.assign({}, readAddress().query, patch);
    const chosen = new URLSearchParams();
    for (const [name, value] of Object.entries(next)) {
      if (value && !(name === "wilayah" && value === WHOLE_CITY)) chosen.set(name, value);
    }
    const search = chosen.toString();
    history.replaceState(history.state, "", window.location.pathname + (search ? "?" + search : ""));
    address = readAddress();
    setProps("alamat", { data: address });
  }

  const carried = (query) => {
    const chosen = new URLSearchParams();
    for (const name of ["wilayah", "pada", "seperti"]) {
      if (query[name]) chosen.set(name, query[name]);
    }
    const search = chosen.toString();
    return search ? "?" + search : "";
  };

  const replayed = (address) => {
    const at = address.query.pada;
    if (!at) return null;
    const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(at) ? at : at + (at.length === 10 ? "T00:00" : "") + "+07:00");
    return Number.isNaN(ms) || ms >= now() ? null : ms;
  };

  // ── Theme ──────────────────────────────────────────────────────────────────────────────────

  const remembered = () => {
    try {
      return localStorage.getItem("tema") || "auto";
    } catch {
      return "auto";
    }
  };

  function scheme(choice) {
    if (choice !== "auto") return choice;
    const date = wib(now());
    const hour = date.getUTCHours() + date.getUTCMinutes() / 60;
    return hour >= DAY_BEGINS && hour < NIGHT_BEGINS ? "light" : "dark";
  }

  let shownScheme = null;
  let shownFeed = null;

  function applyTheme() {
    const wanted = scheme(remembered());
    if (wanted === shownScheme) return;
    shownScheme = wanted;
    document.documentElement.dataset.theme = wanted;
    if (following) {
      setProps("mantine", { forceColorScheme: wanted });
      setProps("tema", { data: wanted });
    }
  }

  // ── What a click means ─────────────────────────────────────────────────────────────────────

  const pageQuery = () => window.location.search.replace(/^\?/, "");

  function open(url, title) {
    setProps("cara", { opened: true, title: title, children: "Memuat…" });
    fetch(url)
      .then((answer) => answer.json())
      .then((body) => setProps("cara", { children: body }))
      .catch(() => setProps("cara", { children: "Tidak dapat dimuat." }));
  }

  const actions = {
    csv: (node) => window.location.assign("/panel/" + node.dataset.panel + "/data.csv?" + pageQuery()),
    how: (node) => {
      const title = document.getElementById("panel-" + node.dataset.panel);
      open("/panel/" + node.dataset.panel + "/cara?" + pageQuery(), title ? title.textContent : "");
    },
    open: (node) => open(node.dataset.url, node.title),
    theme: (node) => {
      try {
        localStorage.setItem("tema", node.dataset.value);
      } catch {
        return;
      }
      applyTheme();
    },
    role: (node) => {
      document.cookie = "peran=" + node.dataset.value + "; path=/; max-age=31536000; SameSite=Strict";
      window.location.reload();
    },
    live: () => go({ pada: null, seperti: null }),
    go: (node) => go({ [node.dataset.name]: node.dataset.value }),
  };


  document.addEventListener("click", (event) => {
    const node = event.target.closest ? event.target.closest("[data-act]") : null;
    if (node && node.dataset.act in actions) actions[node.dataset.act](node);
  });

  // ── Clocks ─────────────────────────────────────────────────────────────────────────────────

  // React owns these text nodes; only their value may change, or a later redraw is lost.
  const write = (node, text) => {
    if (node.firstChild && node.firstChild.nodeValue !== text) node.firstChild.nodeValue = text;
  };

  setInterval(() => {
    const clocks = document.querySelectorAll("[data-clock]");
    clocks.forEach((node) => write(node, clockWithSeconds(now()) + " WIB"));
    document.querySelectorAll("[data-day]").forEach((node) => write(node, day(now())));
  }, 1000);

  setInterval(() => {
    document.querySelectorAll("time[data-age]").forEach((node) => {
      write(node, age(Date.parse(node.dateTime)));
    });
    applyTheme();
  }, AGE_MS);

  applyTheme();

  window.komando = Object.assign(window.komando || {}, {
    go: go,
    now: now,
    age: age,
    clock: clock,
    moment: moment,
    stateOf: stateOf,
    signature: signature,
    query: query,
    address: () => address || readAddress(),
  });

  // Options of the area picker: every word that was typed must begin a word of the option.
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[^a-z0-9 ]/g, "");
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

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    komando: {
      follow: function () {
        if (!following) {
          following = true;
          setTimeout(poll, 0);
          shownScheme = null;
          setTimeout(applyTheme, 0);
        }
        return unchanged();
      },

      address: function () {
        address = readAddress();
        return address;
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
        if (code && code !== ((address && address.query.wilayah) || WHOLE_CITY)) go({ wilayah: code });
      },

      mark: function (address) {
        const at = replayed(address);
        if (at === null) return ["mark mark-live", "KONDISI TERKINI", true, ""];
        const seen = address.query.seperti === "sekarang" ? "sekarang" : "saat itu";
        return [
          "mark mark-replay",
          "PUTAR ULANG",
          false,
          [el("Strong", {}, moment(at)), el("Span", {}, "seperti diketahui " + seen)],
        ];
      },

      strip: function (versions, _beat, situs) {
        if (!versions) return [unchanged(), unchanged()];
        const feeds = Object.entries(versions.feeds)
          .filter(([, feed]) => feed.scheduled)
          .map(([name, feed]) => ({ name: name, feed: feed, state: stateOf(feed) }));
        const counts = ORDER.map((state) => [state, feeds.filter((one) => one.state === state)]);
        const cells = feeds.map((one) =>
          el("Span", { className: "feed-cell", title: one.feed.title + ": " + STATES[one.state] }, stateMark(one.state))
        );
        const words = counts
          .filter(([, list]) => list.length > 0)
          .map(([state, list]) =>
            el("Span", { className: "feed-count" }, [String(list.length) + " ", stateMark(state, true)])
          );
        const troubled = feeds
          .filter((one) => ORDER.indexOf(one.state) > ORDER.indexOf("never"))
          .sort((one, other) => ORDER.indexOf(other.state) - ORDER.indexOf(one.state))
          .slice(0, 3)
          .map((one) => el("Span", { className: "feed-trouble" }, [stateMark(one.state), one.feed.title, " ", ageMark(one.feed.moment)]));
        const chips = feeds.map((one) => {
          const inside = [
            stateMark(one.state),
            el("Span", { className: "feed-title" }, one.feed.title),
            one.feed.simulated ? el("Span", { className: "mark-simulated" }, "DATA SIMULASI") : null,
            el("Span", { className: "feed-age" }, [
              STATES[one.state],
              one.feed.moment ? " · " : null,
              one.feed.moment ? ageMark(one.feed.moment) : null,
            ]),
          ];
          return el("Li", {}, situs.system
            ? link("/sistem?sumber=" + one.name, { className: "feed-chip" }, inside)
            : el("Span", { className: "feed-chip" }, inside));
        });
        return [
          [
            el("Span", { className: "feed-label" }, "Sumber data"),
            el("Span", { className: "feed-cells", "aria-hidden": "true" }, cells),
            el("Span", { className: "feed-counts" }, words),
            el("Span", { className: "feed-troubles" }, troubled),
          ],
          el("Ul", { className: "feed-chips" }, chips),
        ];
      },

      // The grid of refused rows asks anew when another feed was chosen.
      refreshGrid: function (address, grid) {
        if (!address || !grid) return;
        const feed = address.query.sumber || null;
        setProps("karantina-saringan", {
          children: feed === null ? "Semua sumber" : [
            el("Code", {}, feed),
            el("Button", { className: "link", "data-act": "go", "data-name": "sumber", "data-value": "" }, "Tampilkan semua"),
          ],
        });
        if (feed === shownFeed) return;
        shownFeed = feed;
        window.dash_ag_grid.getApiAsync(grid).then((api) => api.purgeInfiniteCache());
      },

      showRow: function (cell) {
        if (!cell || !cell.rowId) return;
        window.dash_ag_grid.getApiAsync("karantina").then((api) => {
          const row = api.getRowNode(cell.rowId);
          if (!row || !row.data) return;
          setProps("cara", {
            opened: true,
            title: "Baris yang ditolak",
            children: [
              el("P", {}, [el("Code", {}, row.data.field), " ", row.data.reason]),
              el("P", {}, row.data.feed + " · " + row.data.recorded_at + " WIB"),
              el("Pre", {}, row.data.raw),
            ],
          });
        });
      },

      panel: function (versions, address, needs, drawn, id) {
        if (!versions || !address || !needs) return unchanged();
        const wanted = { signature: signature(versions, needs.feeds), query: query(address, needs.params) };
        const key = wanted.signature + "|" + wanted.query;
        if (key === drawn) return unchanged();
        const last = asks.get(id.panel);
        // Data redraw a panel at most every five seconds; a reader's choice does so at once.
        const isData = drawn && last && last.query === wanted.query;
        ask(id.panel, wanted, isData ? Math.max(0, last.drawnAt + REDRAW_MS - Date.now()) : 0);
        return key;
      },

      badge: function (versions, address, _beat, needs, shown, className) {
        if (!versions || !address || !needs) return [unchanged(), unchanged()];
        const isAny = needs.feeds.includes(ANY_FEED);
        const feeds = (isAny ? Object.keys(versions.feeds) : needs.feeds)
          .filter((name) => name in versions.feeds)
          .map((name) => versions.feeds[name]);
        const simulated = feeds.some((feed) => feed.simulated);
        const at = replayed(address);
        const state = at === null && feeds.length > 0 && !isAny ? worst(feeds.map(stateOf)) : "fresh";
        // A panel is as old as the oldest of its feeds; one about the runs, as young as the newest.
        const times = feeds
          .map((feed) => (isAny ? feed.known_time : feed.moment))
          .filter(Boolean)
          .sort((one, other) => Date.parse(one) - Date.parse(other));
        const oldest = isAny ? times[times.length - 1] : times[0];
        const classes = className.split(" ").filter((name) => !name.startsWith("is-"));
        const nextClass = classes.concat(at === null ? "is-" + state : "is-replay").join(" ");
        const key = [state, oldest, simulated, at].join("|");
        const isShown = Array.isArray(shown) && shown[0].props["data-key"] === key;
        const children = [
          el("Span", { "data-key": key, className: "badge-state" },
            at !== null ? "Putar ulang" : feeds.length === 0 ? "Data acuan" : stateMark(state, state !== "fresh")),
          at === null && oldest ? ageMark(oldest) : null,
          simulated ? el("Span", { className: "mark-simulated" }, "DATA SIMULASI") : null,
        ];
        return [isShown ? unchanged() : children, nextClass === className ? unchanged() : nextClass];
      },
    },
  });
})();
