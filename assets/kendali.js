// The supervisor's desk: keeps what the walls say up to date and sends them orders.
(function () {
  "use strict";

  const { act, byId, fill, post, readAddress, tick } = window.komando;

  const ASK_MS = 2000;
  const EVENTS_MS = 30000;
  const TYPED_MS = 250;
  const MOST_HEIGHT = 0.4;
  const ROUTE = "/dinding/kendali/";

  let tag = null;
  let state = null;
  let timer = null;
  let foundFor = null;
  let foundAt = 0;
  let typing = null;

  const here = () => document.querySelector(".kendali");

  function ask() {
    clearTimeout(timer);
    timer = setTimeout(ask, ASK_MS);
    if (!here() || document.hidden) return;
    const { nama, menit } = readAddress().query;
    const query = new URLSearchParams(Object.entries({ nama: nama, menit: menit }).filter(([, value]) => value));
    fetch(ROUTE + "keadaan?" + query, { cache: "no-cache", signal: AbortSignal.timeout(10000) })
      .then((answer) => {
        if (!answer.ok) throw new Error("keadaan: " + answer.status);
        // A page that Dash built anew has nothing yet, whatever the tag says.
        const isNew = !byId("kendali-layar").dataset.filled;
        const found = answer.headers.get("ETag");
        return found === tag && !isNew ? null : answer.json().then((document) => show(document, found));
      })
      .catch(() => null);
    search(false);
  }

  function show(found, newTag) {
    if (!here()) return;
    tag = newTag;
    state = found;
    Object.entries(found.html).forEach(([id, html]) => {
      fill(byId(id), html);
      byId(id).dataset.filled = "yes";
    });
    showPreview();
    search(false);
    tick();
  }

  function showPreview() {
    const frame = byId("kendali-pratinjau");
    if (!frame || !state) return;
    const { src, width, height } = state.preview;
    if (frame.getAttribute("src") !== src) frame.setAttribute("src", src);
    const place = frame.parentElement;
    // The orders below it stay in sight.
    place.style.width = "";
    const scale = Math.min(place.clientWidth / width, (MOST_HEIGHT * window.innerHeight) / height);
    Object.assign(frame.style, { width: width + "px", height: height + "px", transform: "scale(" + scale + ")" });
    Object.assign(place.style, { width: width * scale + "px", height: height * scale + "px" });
  }

  // Without a word to look for, the list holds the events of the moment. Nothing is offered before
  // it is known which wall it would be sent to.
  function search(isTyped) {
    if (!state) return;
    const field = byId("kendali-cari");
    const text = field ? field.value.trim() : "";
    const isOld = text === "" && Date.now() - foundAt > EVENTS_MS;
    const isEmpty = field && !byId("kendali-hasil").hasChildNodes();
    if (!field || (text === foundFor && !isOld && !isEmpty && !isTyped)) return;
    foundFor = text;
    foundAt = Date.now();
    fetch(ROUTE + "cari?q=" + encodeURIComponent(text))
      .then((answer) => answer.text().then((html) => (answer.ok ? html : window.komando.notShown(answer.status))))
      .then((html) => text === foundFor && fill(byId("kendali-hasil"), html))
      .catch(() => (foundFor = null));
  }

  act("order", (node) => {
    if (node.dataset.ask && !window.confirm(node.dataset.ask)) return;
    const { nama, menit } = readAddress().query;
    const minutes = Number(node.dataset.minutes || menit || 30);
    post(ROUTE + "perintah", {
      wall: node.dataset.wall || nama || state.wall,
      kind: node.dataset.kind,
      value: node.dataset.value,
      title: node.dataset.title || "",
      minutes: minutes,
    })
      .catch(() => null)
      .finally(ask);
  });

  document.addEventListener("input", (event) => {
    if (event.target.id !== "kendali-cari") return;
    clearTimeout(typing);
    typing = setTimeout(() => search(true), TYPED_MS);
  });
  document.addEventListener("komando:alamat", () => here() && ask());
  window.addEventListener("resize", showPreview);

  ask();
})();
