// What the pages of Dash add to _core.js: the frame's health strip, drawer and notes, and the
// clientside callbacks.
(function () {
  "use strict";

  const { addressed, ageMark, byId, carried, fill, go, joined, readAddress, stateMark, stateOf, states, text, tick } = window.komando;

  const WHOLE_CITY = "31";
  const unchanged = () => window.dash_clientside.no_update;
  const setProps = (id, props) => window.dash_clientside.set_props(id, props);

  window.komando.drawTree = (slot, tree) => setProps({ panel: slot.dataset.panel }, { children: tree });

  // ── The feeds' health ──────────────────────────────────────────────────────────────────────

  // Of a failing feed the newest fetch failed; what is shown is older, though not late yet.
  const STANDINGS = Object.assign({}, states, { failing: "Gagal diambil" });
  const WORST_FIRST = ["disconnected", "failing", "expired", "late", "never", "empty", "fresh"];
  const NAMED = 3;
  const rank = (one) => WORST_FIRST.indexOf(one.standing);
  const markOf = (standing, spoken, word = STANDINGS[standing]) =>
    stateMark(standing === "failing" ? "disconnected" : standing, spoken, word);

  function standing(feed) {
    const state = stateOf(feed);
    return feed.failing && state !== "disconnected" ? "failing" : state;
  }

  function showStrip() {
    const strip = document.querySelector(".feed-strip");
    const versions = window.komando.versions();
    if (!strip || !versions) return;
    const feeds = Object.entries(versions.feeds)
      .filter(([, feed]) => feed.scheduled)
      .map(([name, feed]) => ({ name: name, feed: feed, standing: standing(feed) }))
      .sort((one, other) => rank(one) - rank(other) || one.feed.title.localeCompare(other.feed.title));
    const cells = feeds.map((one) => markOf(one.standing)).join("");
    const counts = WORST_FIRST.map((one) => [one, feeds.filter((feed) => feed.standing === one).length])
      .filter(([, count]) => count > 0)
      .map(([one, count]) => '<span class="feed-count">' + markOf(one, true, count + " " + STANDINGS[one].toLowerCase()) + "</span>")
      .join("");
    const troubled = feeds.filter((one) => rank(one) < WORST_FIRST.indexOf("never"));
    const troubles = troubled
      .slice(0, NAMED)
      .map((one) =>
        '<span class="feed-trouble">' +
        (one.standing === "failing" ? markOf("failing", true, STANDINGS.failing + ":") : markOf(one.standing)) + text(one.feed.title) + " " +
        (one.feed.moment ? ageMark(one.feed.moment) : "") + "</span>"
      )
      .concat(troubled.length > NAMED ? "<span>dan " + (troubled.length - NAMED) + " lainnya</span>" : [])
      .join("");
    const chips = feeds.map((one) => {
      const inside =
        markOf(one.standing) + '<span class="feed-title">' + text(one.feed.title) + "</span>" +
        (one.feed.simulated ? window.komando.simulated : "<span></span>") +
        '<span class="feed-age">' + STANDINGS[one.standing] + (one.feed.moment ? " · " + ageMark(one.feed.moment) : "") + "</span>";
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

  function showFilter() {
    const note = document.querySelector(".filter-note");
    const feed = readAddress().query.sumber;
    const all = '<button class="link" data-act="go" data-name="sumber" data-value="">Tampilkan semua sumber</button>';
    fill(note, feed ? "<span>Sumber: <code>" + text(feed) + "</code></span>" + all : "Semua sumber");
  }

  let beats = 0;
  document.addEventListener("komando:detak", () => {
    beats += 1;
    setProps("detak", { data: beats });
    showStrip();
    tick();
  });
  document.addEventListener("komando:versi", (event) => {
    setProps("versi", { data: event.detail });
    showStrip();
    tick();
  });
  document.addEventListener("komando:alamat", (event) => {
    setProps("alamat", { data: event.detail });
    showFilter();
    showStrip();
  });

  // ── Theme ──────────────────────────────────────────────────────────────────────────────────

  let following = false;

  function showTheme() {
    const theme = document.documentElement.dataset.theme;
    setProps("mantine", { forceColorScheme: theme });
    setProps("tema", { data: theme });
  }
  document.addEventListener("komando:tema", () => following && showTheme());

  // ── Going from page to page ────────────────────────────────────────────────────────────────

  // Back to another area on the same page: dcc.Location, which hears of it after this, would build
  // the page anew.
  let shownPath = null;
  window.addEventListener("popstate", (event) => {
    if (window.location.pathname !== shownPath) return;
    event.stopImmediatePropagation();
    window.komando.readdress();
  });

  // Open another page as dcc.Link does: without loading the frame anew.
  function visit(href) {
    const target = new URL(href, window.location.href);
    const query = Object.assign(
      Object.fromEntries(new URLSearchParams(carried(readAddress().query))),
      Object.fromEntries(target.searchParams)
    );
    history.pushState({}, "", addressed(target.pathname, query));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    // The way may have begun in the drawer; the keyboard goes on where the new page begins.
    byId("laci").close();
    byId("isi").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  // ── The drawer and the notes ───────────────────────────────────────────────────────────────

  function showPlace() {
    const here = document.querySelector(".nav-link.is-here");
    if (here) here.scrollIntoView({ block: "nearest", inline: "center" });
  }

  function openDrawer(title, html) {
    byId("laci-judul").textContent = title;
    fill(byId("laci-isi"), html);
    if (!byId("laci").open) byId("laci").showModal();
  }

  function open(url, title) {
    openDrawer(title, "<p>Memuat…</p>");
    fetch(url)
      .then((answer) => answer.text().then((body) => (answer.ok ? body : window.komando.notShown(answer.status))))
      .then((html) => {
        openDrawer(title, html);
        tick();
      })
      .catch(() => openDrawer(title, "<p>Tidak dapat dimuat.</p>"));
  }

  let notes = 0;
  function note(title, message, color) {
    notes += 1;
    const one = { action: "show", id: "catatan-" + notes, title: title, message: message, color: color, autoClose: 8000 };
    setProps("toast", { sendNotifications: [one] });
  }
  // A note would lie under the open drawer, and a form says itself what was wrong with it.
  document.addEventListener("komando:gagal", (event) => {
    const { message, node } = event.detail;
    const form = node && node.isConnected && node.closest("form");
    if (form || byId("laci").open) refuse(form || byId("laci-isi"), message);
    else note("Tindakan gagal", message, "red");
    // A button that was switched off meanwhile has lost the focus.
    setTimeout(() => document.activeElement === document.body && node && node.isConnected && node.focus());
  });

  function refuse(content, message) {
    const said = content.querySelector(".drawer-refusal") || document.createElement("p");
    said.className = "drawer-refusal";
    said.setAttribute("role", "alert");
    said.textContent = message;
    content.append(said);
  }

  // It was said of what the form held when it was sent.
  function forgive(form) {
    if (form) form.querySelectorAll(".drawer-refusal").forEach((said) => said.remove());
  }
  document.addEventListener("reset", (event) => forgive(event.target));
  document.addEventListener("click", (event) => event.target.closest("[data-act]") && forgive(event.target.closest("form")), true);

  const asked = () => joined(Object.entries(readAddress().query));
  const acts = {
    csv: (node) => window.location.assign("/panel/" + node.dataset.panel + "/data.csv" + asked()),
    how: (node) => open("/panel/" + node.dataset.panel + "/cara" + asked(), byId("panel-" + node.dataset.panel).textContent),
    open: (node) => open(node.dataset.url, node.title),
    close: () => byId("laci").close(),
    theme: (node) => window.komando.chooseTheme(node.dataset.value),
    role: (node) => {
      document.cookie = "peran=" + node.dataset.value + "; path=/; max-age=31536000; SameSite=Strict";
      window.location.reload();
    },
    visit: (node) => visit(node.getAttribute("href")),
  };
  Object.entries(acts).forEach(([name, does]) => window.komando.act(name, does));

  document.addEventListener("click", (event) => {
    if (event.target === byId("laci")) byId("laci").close();
  });

  Object.assign(window.komando, { note: note, openDrawer: openDrawer, visit: visit });

  // ── What Dash calls ────────────────────────────────────────────────────────────────────────

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

  // A page may have pages of its own below it, such as that of one complaint.
  const isHere = (page, path) => path === page || (page !== "/" && path.startsWith(page + "/"));

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.komando = Object.assign({}, window.dash_clientside.komando, {
    follow: function () {
      if (!following) {
        following = true;
        setTimeout(window.komando.follow, 0);
        setTimeout(showTheme, 0);
        // Dash builds a page's panels some time after the address changed.
        const redraw = () => {
          showFilter();
          window.komando.refresh();
        };
        new MutationObserver(redraw).observe(byId("isi"), { childList: true, subtree: true });
      }
      return unchanged();
    },

    address: function () {
      shownPath = window.location.pathname;
      return readAddress();
    },

    navigate: function (address, ids) {
      const search = carried(address.query);
      // On a phone the bar is wider than the screen; React marks where we are in a moment.
      requestAnimationFrame(() => requestAnimationFrame(showPlace));
      return [
        ids.map((id) => id.nav + search),
        ids.map((id) => (isHere(id.nav, address.path) ? "nav-link is-here" : "nav-link")),
      ];
    },

    area: function (address, groups) {
      const asked = address.query.wilayah || WHOLE_CITY;
      const isKnown = groups.some((group) => group.items.some((item) => item.value === asked));
      // The page of an area says itself what it does not know.
      if (isKnown || isHere("/wilayah", address.path)) return asked;
      note("Wilayah “" + asked.slice(0, 40) + "” tidak dikenal", "Yang tampil seluruh Jakarta.", "yellow");
      go({ wilayah: null });
      return WHOLE_CITY;
    },

    pickArea: function (code) {
      if (code && code !== (readAddress().query.wilayah || WHOLE_CITY)) go({ wilayah: code });
    },

    mark: function (address) {
      const isLive = window.komando.replayed(address) === null;
      return isLive ? ["mark mark-live", "KONDISI TERKINI"] : ["mark mark-replay", "PUTAR ULANG"];
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
