// /wilayah: the area stands in the path, an area is found by its name, the work list is printed.
(function () {
  "use strict";

  const { act, readdress } = window.komando;
  const PATH = "/wilayah";

  act("print", () => window.print());

  // Who comes without a code sees an area all the same: the role's own, or that of the page before.
  function tellArea() {
    const page = document.querySelector("main.wilayah[data-area]");
    if (!page || window.location.pathname.replace(/\/$/, "") !== PATH) return;
    const query = new URLSearchParams(window.location.search);
    query.delete("wilayah");
    const search = query.toString();
    history.replaceState(history.state, "", PATH + "/" + page.dataset.area + (search ? "?" + search : ""));
    readdress();
  }

  const plain = (value) => value.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]/g, "");

  function narrow(chooser, wanted) {
    chooser.querySelectorAll("li").forEach((item) => (item.hidden = !plain(item.textContent).includes(wanted)));
    chooser.querySelectorAll("details").forEach((group) => {
      const left = group.querySelectorAll("li:not([hidden])").length;
      group.hidden = wanted !== "" && left === 0;
      group.open = wanted !== "" && left > 0;
    });
    chooser.querySelectorAll("section").forEach((section) => {
      const isNamed = plain(section.querySelector("h2").textContent).includes(wanted);
      section.hidden = !isNamed && section.querySelectorAll("details:not([hidden])").length === 0;
    });
  }

  function offerSearch() {
    const place = document.querySelector("[data-wilayah-cari]");
    if (!place || place.firstChild) return;
    const field = document.createElement("input");
    field.type = "search";
    field.className = "field";
    field.autocomplete = "off";
    field.setAttribute("aria-label", "Cari wilayah menurut nama");
    const chooser = place.closest("main");
    field.addEventListener("input", () => narrow(chooser, plain(field.value)));
    field.addEventListener("keydown", (event) => {
      const first = chooser.querySelector("details:not([hidden]) li:not([hidden]) a");
      if (event.key === "Enter" && field.value && first) first.click();
    });
    place.append(field);
  }

  // Before the panels are asked for: this observer is older than the one that asks.
  new MutationObserver(() => {
    tellArea();
    offerSearch();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
