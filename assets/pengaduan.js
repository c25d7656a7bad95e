// Pengaduan: the form of the filter, saved views, turning pages, and the pair of photos.
//
// All that is chosen stands in the address; the form only writes it there and shows what it says.
(function () {
  "use strict";

  const { act, byId, go, joined, post, query, readAddress, readdress, text } = window.komando;

  const PAGE = "/pengaduan";
  const START = "mulai";
  const TYPED_MS = 500;
  const PHONE = "(max-width: 640px)";
  const NAMES = {
    status: "Status",
    kategori: "Kategori",
    kanal: "Kanal",
    pd: "Perangkat daerah",
    dari: "Masuk dari",
    sampai: "Masuk sampai",
    q: "Cari nomor atau kata",
    urut: "Urutan",
  };
  const MARKS = { terlambat: "Terlambat", tempo: "Jatuh tempo 24 jam", dibuka: "Dibuka kembali" };
  const MARKED = { terlambat: "1", tempo: "24", dibuka: "1" };
  const ORDERS = [["terlama", "Terlama dahulu"]];

  const form = () => byId("pengaduan-saring");
  const options = () => JSON.parse(form().dataset.options);

  // ── The form ───────────────────────────────────────────────────────────────────────────────

  const choice = ([value, word]) => '<option value="' + text(value) + '">' + text(word) + "</option>";
  const select = (name, first, choices) =>
    '<label class="filter-field"><span>' + NAMES[name] + '</span><select name="' + name + '">' +
    choice(["", first]) + choices.map(choice).join("") + "</select></label>";
  const input = (name, type, extra) =>
    '<label class="filter-field filter-' + name + '"><span>' + NAMES[name] + '</span><input name="' + name +
    '" type="' + type + '" ' + extra + "></label>";
  const mark = (name) =>
    '<button type="button" class="choice" data-act="tanda" data-name="' + name + '">' + MARKS[name] + "</button>";

  function build() {
    const found = options();
    form().innerHTML =
      input("q", "search", 'placeholder="JK2611220264, atau pohon tumbang" autocomplete="off" maxlength="80"') +
      select("status", "Semua status", found.status) +
      select("kategori", "Semua kategori", found.kategori) +
      select("pd", "Semua perangkat daerah", found.pd) +
      select("kanal", "Semua kanal", found.kanal) +
      input("dari", "date", "") +
      input("sampai", "date", "") +
      select("urut", "Terbaru dahulu", ORDERS) +
      '<span class="filter-marks" role="group" aria-label="Hanya"><span class="figure-label">Hanya</span>' + Object.keys(MARKS).map(mark).join("") + "</span>" +
      '<button type="button" class="link filter-clear" data-act="tampilan" data-go="{}">Hapus saringan</button>';
    form().dataset.built = "yes";
    form().closest("details").open = !window.matchMedia(PHONE).matches;
  }

  const today = () => new Date(window.komando.now() + 7 * 3600000).toISOString().slice(0, 10);
  // The list says what of the address is no date; a date field takes nothing else.
  const dated = (value) => (value === "hari-ini" ? today() : /^\d{4}-\d\d-\d\d$/.test(value) ? value : "");

  function show() {
    const node = form();
    if (!node) return;
    if (node.dataset.built !== "yes") build();
    const { query: asked } = readAddress();
    for (const field of node.elements) {
      if (!field.name || field === document.activeElement) continue;
      const wanted = field.type === "date" ? dated(asked[field.name]) : asked[field.name] || "";
      // What the address names and the form does not know is shown all the same.
      if (field.tagName === "SELECT" && wanted && ![...field.options].some((one) => one.value === wanted))
        field.add(new Option(wanted, wanted));
      if (field.value !== wanted) field.value = wanted;
    }
    node.querySelectorAll("[data-act=tanda]").forEach((button) =>
      button.setAttribute("aria-pressed", String(Boolean(asked[button.dataset.name])))
    );
    const names = options().filters;
    node.querySelector(".filter-clear").hidden = !names.some((name) => asked[name]);
    if (kept().dataset.drawn === "yes") showViews(asked, names);
    else drawViews(JSON.parse(kept().dataset.views));
  }

  function showViews(asked, names) {
    document.querySelectorAll("#pengaduan-tampilan [data-act=tampilan]").forEach((button) => {
      const wanted = JSON.parse(button.dataset.go);
      const isIt = names.every((name) => (asked[name] || "") === (wanted[name] || ""));
      button.setAttribute("aria-pressed", String(isIt));
    });
  }

  // A choice begins the list anew: the page of another search means nothing.
  const choose = (patch) => {
    trail.length = 0;
    go(Object.assign({ [START]: null }, patch));
  };

  let typed = null;
  document.addEventListener("input", (event) => {
    if (event.target.form !== form() || !form() || event.target.type !== "search") return;
    clearTimeout(typed);
    const field = event.target;
    typed = setTimeout(() => choose({ [field.name]: field.value.trim() || null }), TYPED_MS);
  });
  document.addEventListener("change", (event) => {
    if (!form() || event.target.form !== form()) return;
    clearTimeout(typed);
    choose({ [event.target.name]: event.target.value.trim() || null });
  });
  document.addEventListener("submit", (event) => {
    if (event.target === form()) event.preventDefault();
  });

  act("tanda", (node) => {
    const { name } = node.dataset;
    choose({ [name]: readAddress().query[name] ? null : MARKED[name] });
  });
  act("saring", (node) => choose({ [node.dataset.name]: node.dataset.value }));
  act("tampilan", (node) => {
    const none = Object.fromEntries(options().filters.map((name) => [name, null]));
    choose(Object.assign(none, JSON.parse(node.dataset.go)));
  });

  // ── Saved views ────────────────────────────────────────────────────────────────────────────

  const kept = () => byId("tampilan-tersimpan");

  function drawViews(views) {
    const button = (view) =>
      '<span class="kept-view"><button type="button" class="choice" data-act="tampilan" data-go="' +
      text(JSON.stringify(view.params)) + '">' + text(view.name) +
      '</button><button type="button" class="link" data-act="hapus-tampilan" data-value="' + view.id +
      '" aria-label="Hapus tampilan ' + text(view.name) + '">×</button></span>';
    kept().innerHTML = views.map(button).join("");
    kept().dataset.drawn = "yes";
    showViews(readAddress().query, options().filters);
  }

  act("simpan-tampilan", () => {
    const asked = readAddress().query;
    const chosen = Object.fromEntries(
      options().filters.concat("wilayah").filter((name) => asked[name]).map((name) => [name, asked[name]])
    );
    window.komando.openDrawer(
      "Simpan tampilan",
      '<form id="simpan-tampilan" class="save-view"><label class="filter-field"><span>Nama tampilan</span>' +
        '<input name="nama" maxlength="60" required autofocus></label>' +
        '<button class="choice">Simpan</button><p class="figure-note">Dilihat oleh semua orang dengan peran yang sama.</p></form>'
    );
    byId("simpan-tampilan").addEventListener("submit", (event) => {
      event.preventDefault();
      post(PAGE + "/tampilan", { nama: event.target.elements.nama.value, saringan: chosen })
        .then((answer) => {
          byId("laci").close();
          drawViews(answer.views);
        })
        .catch(() => null);
    });
  });
  act("hapus-tampilan", (node) =>
    post(PAGE + "/tampilan/hapus", { id: Number(node.dataset.value) })
      .then((answer) => drawViews(answer.views))
      .catch(() => null)
  );
  act("salin-tautan", () => {
    const done = () => window.komando.note("Tautan disalin", "Tautan ini menampilkan saringan yang sama.", "blue");
    const failed = () => window.komando.note("Tidak dapat menyalin", window.location.href, "gray");
    if (navigator.clipboard) navigator.clipboard.writeText(window.location.href).then(done, failed);
    else failed();
  });

  // ── Turning pages ──────────────────────────────────────────────────────────────────────────

  // Where the pages before this one began.
  const trail = [];

  function turn(start) {
    const { path, query: asked } = readAddress();
    const next = Object.assign({}, asked, { [START]: start || null });
    history.pushState(history.state, "", path + joined(Object.entries(next)));
    readdress();
    const list = document.querySelector(".complaint-list");
    if (list) list.scrollIntoView({ block: "start" });
  }

  act("halaman", (node) => {
    trail.push(readAddress().query[START] || "");
    turn(node.dataset.value);
  });
  act("halaman-kembali", () => turn(trail.pop() || ""));

  act("unduh-pengaduan", (node) => {
    const names = options().filters;
    window.location.assign(PAGE + "/unduh." + node.dataset.kind + "?" + query(readAddress(), names));
  });

  // ── One complaint ──────────────────────────────────────────────────────────────────────────

  document.addEventListener("input", (event) => {
    if (!event.target.classList.contains("pair-slide")) return;
    event.target.closest(".pair").style.setProperty("--at", event.target.value + "%");
  });

  // The map of one complaint begins at its place, once.
  let placed = "";
  function place() {
    const spot = document.querySelector("[data-complaint-at]");
    const map = window.komando.map && window.komando.map.current();
    if (!spot || !map || placed === window.location.pathname) return;
    placed = window.location.pathname;
    const [lon, lat] = spot.dataset.complaintAt.split(",").map(Number);
    map.setView([lat, lon], 16, { animate: false });
  }

  document.addEventListener("komando:gambar", place);
  document.addEventListener("komando:peta", place);
  document.addEventListener("komando:alamat", () => {
    if (!readAddress().path.startsWith(PAGE + "/")) placed = "";
    show();
  });
  document.addEventListener("komando:versi", show);
  document.addEventListener("komando:detak", show);
})();
