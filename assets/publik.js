// The citizens' page: search of a place by name, sharing, day and night, and what keeps it young.
(function () {
  "use strict";

  // A phone on a slow line asks less often than a control room.
  const POLL_MS = 30000;
  const JITTER_MS = 5000;
  const TYPING_MS = 250;
  const LEAST_LETTERS = 2;

  const byId = (id) => document.getElementById(id);
  // Dash loads every script of this folder on its own pages as well.
  if (!byId("publik-cari")) return;

  function made(kind, given, children = []) {
    const node = Object.assign(document.createElement(kind), given);
    node.append(...children);
    return node;
  }

  // ── Day and night: as the phone is set, or as chosen elsewhere on this site ────────────────

  const night = window.matchMedia("(prefers-color-scheme: dark)");
  function paint() {
    let chosen = null;
    try {
      chosen = localStorage.getItem("tema");
    } catch {
      // Storage may be switched off.
    }
    const byPhone = night.matches ? "dark" : "light";
    document.documentElement.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : byPhone;
  }
  night.addEventListener("change", paint);
  paint();

  // ── Search ─────────────────────────────────────────────────────────────────────────────────

  const found = made("ul", { className: "publik-hasil" });
  const word = made("input", { type: "search", id: "publik-kata", autocomplete: "off", className: "field" });
  byId("publik-cari").append(
    made("label", { htmlFor: "publik-kata", textContent: "Cari kelurahan, jalan atau pintu air" }),
    word,
    found
  );
  found.setAttribute("aria-live", "polite");

  let turn = 0;
  let timer = null;

  word.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, TYPING_MS);
  });

  function search() {
    const text = word.value.trim();
    const mine = (turn += 1);
    if (text.length < LEAST_LETTERS) return found.replaceChildren();
    return fetch("/geo/cari.json?q=" + encodeURIComponent(text))
      .then((answer) => (answer.ok ? answer.json() : []))
      .then((places) => mine === turn && list(places.filter((place) => place.area)))
      .catch(() => mine === turn && found.replaceChildren(made("li", { textContent: "Pencarian gagal. Coba lagi." })));
  }

  function list(places) {
    found.replaceChildren(
      ...places.map((place) =>
        made("li", {}, [
          made("a", { href: "/publik?wilayah=" + encodeURIComponent(place.area) }, [
            made("strong", { textContent: place.name }),
            " " + place.detail,
          ]),
        ])
      )
    );
    if (places.length === 0) found.append(made("li", { textContent: "Tidak ditemukan di Jakarta" }));
  }

  // ── Sharing ────────────────────────────────────────────────────────────────────────────────

  const tell = (text) => (byId("publik-kabar").textContent = text);

  function copy(node) {
    return navigator.clipboard
      .writeText(node.dataset.url)
      .then(() => tell("Tautan disalin."))
      .catch(() => tell(node.dataset.url));
  }

  const share = document.querySelector('[data-act="share"]');
  if (share && !navigator.share) share.hidden = true;

  window.komando.act("copy", copy);
  window.komando.act("share", (node) =>
    navigator.share({ title: node.dataset.title, url: node.dataset.url }).catch((error) => {
      if (error.name !== "AbortError") copy(node);
    })
  );

  window.komando.follow({ every: POLL_MS, jitter: JITTER_MS });
})();
