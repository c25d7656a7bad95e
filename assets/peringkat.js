// Peringkat: sorts and searches the table in the browser, by `data-sort` of its cells and
// `data-find` of its rows; both choices stand in the address (`urut`, `cari`). Publishes a board.
(function () {
  "use strict";

  const { act, go, post, present, readAddress, replayed, speed } = window.komando;

  const PAGE = "/peringkat";
  const PUBLISH = "/peringkat/terbitkan";
  const USUAL = "kinerja";
  const PARAMS = ["tingkat", "sejak", "sampai", "kategori", "kanal"];
  const DAY_MS = 24 * 3600 * 1000;
  const TYPING_MS = 200;
  const PHONE = "(max-width: 760px)";
  // So long the server may keep a panel after midnight.
  const KEPT_MS = 6 * 60 * 1000;

  const isHere = () => window.location.pathname.startsWith(PAGE);
  const tables = () => Array.from(document.querySelectorAll(".rank-table"));
  const plain = (value) => value.toLowerCase().normalize("NFKD").replace(/[^a-z0-9 ]/g, "");

  // ── Sorting ────────────────────────────────────────────────────────────────────────────────

  // How the rows came: by tier, then by name.
  const turns = new WeakMap();

  // `urut` is a column, with a minus before it from its end.
  function asked() {
    const value = readAddress().query.urut || USUAL;
    return { key: value.replace(/^-/, ""), down: value.startsWith("-") };
  }

  // What is not known comes last, whichever way round.
  function compare(one, other, down) {
    if (one === "" || other === "") return one === other ? 0 : one === "" ? 1 : -1;
    const order = Number.isNaN(Number(one)) ? one.localeCompare(other, "id") : Number(one) - Number(other);
    return down ? -order : order;
  }

  function sort() {
    const { key, down } = asked();
    tables().forEach((table) => {
      const body = table.tBodies[0];
      if (!turns.has(body)) turns.set(body, Array.from(body.rows));
      const heads = Array.from(table.tHead.rows[0].cells);
      const column = heads.findIndex((head) => head.dataset.key === key);
      const valueOf = (row) => (column < 0 ? "" : row.cells[column].dataset.sort);
      const rows = turns.get(body).slice();
      rows.sort((one, other) => compare(valueOf(one), valueOf(other), down));
      if (rows.some((row, index) => body.rows[index] !== row)) body.append(...rows);
      heads.filter((head) => head.dataset.key).forEach((head) => {
        const order = head.dataset.key === key ? (down ? "descending" : "ascending") : null;
        if (order) head.setAttribute("aria-sort", order);
        else head.removeAttribute("aria-sort");
      });
    });
    document.querySelectorAll('select[data-go="urut"]').forEach((node) => (node.value = key));
  }

  act("rank-sort", (node) => {
    const { key, down } = asked();
    const next = node.dataset.value === key && !down ? "-" + key : node.dataset.value;
    go({ urut: next === USUAL ? null : next });
  });

  // ── Searching ──────────────────────────────────────────────────────────────────────────────

  function search() {
    const wanted = plain(readAddress().query.cari || "").split(" ").filter(Boolean);
    let found = 0;
    tables().forEach((table) => {
      Array.from(table.tBodies[0].rows).forEach((row) => {
        const words = plain(row.dataset.find);
        row.hidden = !wanted.every((part) => words.includes(part));
        if (!row.hidden) found += 1;
      });
    });
    document.querySelectorAll(".rank-nothing").forEach((node) => (node.hidden = found > 0 || !wanted.length));
    document.querySelectorAll("[data-rank-find]").forEach((node) => {
      if (node !== document.activeElement) node.value = readAddress().query.cari || "";
    });
  }

  let typing = 0;
  document.addEventListener("input", (event) => {
    if (!event.target.dataset || event.target.dataset.rankFind === undefined) return;
    clearTimeout(typing);
    typing = setTimeout(() => go({ cari: event.target.value.trim() || null }), TYPING_MS);
  });

  // With the keyboard the way from the field to what was found is long.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.dataset || event.target.dataset.rankFind === undefined) return;
    const first = document.querySelector(".rank-table tbody tr:not([hidden]) .link");
    event.preventDefault();
    if (first) first.focus();
  });

  // ── The board ──────────────────────────────────────────────────────────────────────────────

  act("rank-usual", () => go(Object.fromEntries(PARAMS.slice(1).map((name) => [name, null]).concat([["cari", null]]))));
  act("rank-level", (node) => go({ tingkat: node.dataset.value, cari: null }));

  act("rank-publish", (node) => {
    node.disabled = true;
    const { query } = readAddress();
    post(PUBLISH, Object.fromEntries(PARAMS.map((name) => [name, query[name]])))
      .then((found) => window.komando.visit(found.url))
      .catch(() => (node.disabled = false));
  });

  // A board is cut at midnight, and no feed tells of that.
  function isOver() {
    const board = document.querySelector("[data-cut]");
    if (!board || replayed(readAddress()) !== null) return false;
    return present() - Date.parse(board.dataset.cut) >= DAY_MS + KEPT_MS * speed();
  }

  document.addEventListener("komando:detak", () => {
    if (!isHere() || !isOver() || document.querySelector("dialog[open]")) return;
    window.location.reload();
  });

  // On a phone the units come first; whoever wants to know or choose more opens that.
  let foldedOn = "";
  function fold() {
    const here = document.querySelector("details.rank-told") ? window.location.pathname : "";
    if (here === foldedOn) return;
    foldedOn = here;
    const folded = document.querySelectorAll("details:is(.rank-choices, .rank-told)");
    folded.forEach((one) => (one.open = !window.matchMedia(PHONE).matches));
  }

  function show() {
    if (!isHere()) return;
    fold();
    sort();
    search();
  }
  document.addEventListener("komando:gambar", show);
  document.addEventListener("komando:alamat", show);
})();
