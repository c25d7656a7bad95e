// The browser's half of the cameras' pictures, for pages of Dash and for the wall's plain HTML.
// Every element with `data-camera` and the class `camera-picture` is filled with the last good
// picture of that camera; all of them together cost one request every few seconds
// (dashboards/snapshots.py), and none while nobody sees the page or the past is replayed.
(function () {
  "use strict";

  const POLL_MS = 5000;
  const JITTER_MS = 1000;
  const TIMEOUT_MS = 10000;
  const MOST = 32;
  // Most streams at once: each is decoded by this machine, and a browser asks a host for six.
  const MOST_STREAMS = 6;
  // City seconds from which a picture is late and expired (PRODUCT.md 3.5).
  const LATE_S = 30;
  const EXPIRED_S = 120;

  const komando = () => window.komando;
  const slots = () => Array.from(document.querySelectorAll(".camera-picture[data-camera]"));

  // Camera -> {t, url}: the picture that is shown, and its object URL.
  const pictures = new Map();
  // Elements that a redraw of their panel took out of the page, decoded and ready to come back.
  const spare = new Map();
  // Camera -> its stream, where somebody asked for the live picture.
  const streams = new Map();
  let timer = null;
  let refused = false;

  function image(camera) {
    const waiting = (spare.get(camera) || []).find((one) => !one.isConnected);
    if (waiting) return waiting;
    const made = new Image();
    made.alt = "";
    made.decoding = "async";
    spare.set(camera, (spare.get(camera) || []).concat(made));
    return made;
  }

  // A picture that comes back into a redrawn tile is the same element as before: nothing flickers.
  function adopt(slot) {
    const camera = slot.dataset.camera;
    const stream = streams.get(camera);
    const wanted = stream ? "VIDEO" : "IMG";
    const shown = slot.querySelector("img, video");
    if (shown && shown.tagName === wanted) return;
    if (shown) shown.remove();
    if (stream) {
      slot.prepend(video(stream));
      return;
    }
    if (!pictures.has(camera)) return;
    const made = image(camera);
    slot.prepend(made);
    show(slot);
  }

  function video(url) {
    const made = document.createElement("video");
    Object.assign(made, { muted: true, autoplay: true, playsInline: true, src: url });
    made.addEventListener("error", () => {
      if (made.parentNode) made.parentNode.dataset.note = "Gambar langsung tidak dapat diputar";
    });
    return made;
  }

  function show(slot) {
    const picture = pictures.get(slot.dataset.camera);
    const shown = slot.querySelector("img");
    if (!picture || !shown) return;
    if (shown.getAttribute("src") !== picture.url) shown.src = picture.url;
    date(slot, picture.t);
  }

  function date(slot, t) {
    let when = slot.querySelector("time");
    if (!when) {
      when = document.createElement("time");
      when.dataset.age = "";
      when.className = "camera-age";
      when.append(" ");
      slot.append(when);
    }
    when.dateTime = new Date(t).toISOString();
    when.title = "Gambar " + komando().moment(t);
    const seconds = (komando().present() - t) / 1000;
    slot.dataset.state = seconds > EXPIRED_S ? "expired" : seconds > LATE_S ? "late" : "fresh";
    when.firstChild.nodeValue = komando().age(t);
  }

  function note(slot, text) {
    if (!slot.querySelector("img, video")) slot.dataset.note = text;
    else delete slot.dataset.note;
  }

  function drop(camera) {
    const picture = pictures.get(camera);
    if (picture) URL.revokeObjectURL(picture.url);
    pictures.delete(camera);
    spare.delete(camera);
  }

  // Four bytes with the length of the index, the index, and the pictures one after the other.
  function read(body) {
    const length = new DataView(body).getUint32(0);
    const index = JSON.parse(new TextDecoder().decode(new Uint8Array(body, 4, length)));
    let at = 4 + length;
    for (const frame of index.frames) {
      if (frame.size > 0) {
        const old = pictures.get(frame.id);
        const blob = new Blob([new Uint8Array(body, at, frame.size)], { type: "image/jpeg" });
        pictures.set(frame.id, { t: frame.t, url: URL.createObjectURL(blob) });
        slots().filter((slot) => slot.dataset.camera === frame.id).forEach((slot) => {
          adopt(slot);
          show(slot);
        });
        if (old) URL.revokeObjectURL(old.url);
      }
      at += frame.size;
    }
    return index.frames;
  }

  function poll() {
    clearTimeout(timer);
    timer = null;
    const core = komando();
    const seen = slots();
    const cameras = [...new Set(seen.map((slot) => slot.dataset.camera))].slice(0, MOST);
    [...pictures.keys()].filter((camera) => !cameras.includes(camera)).forEach(drop);
    [...streams.keys()].filter((camera) => !cameras.includes(camera)).forEach((one) => streams.delete(one));
    if (refused || document.hidden || cameras.length === 0 || core.replayed(core.readAddress()) !== null) return;
    const since = cameras.map((camera) => (pictures.has(camera) ? pictures.get(camera).t : 0));
    const query = new URLSearchParams({ kamera: cameras.join(","), sejak: since.join(",") });
    fetch("/cctv/lembar?" + query, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) })
      .then((answer) => {
        refused = answer.status === 403;
        if (!answer.ok) throw new Error("lembar: " + answer.status);
        return answer.arrayBuffer();
      })
      .then(read)
      .then((frames) => {
        const known = new Set(frames.filter((frame) => frame.t !== null).map((frame) => frame.id));
        slots().forEach((slot) => note(slot, known.has(slot.dataset.camera) ? "" : "Belum ada gambar"));
      })
      .catch(() => null)
      .finally(() => {
        slots().forEach((slot) => {
          const picture = pictures.get(slot.dataset.camera);
          if (picture) date(slot, picture.t);
        });
        later(POLL_MS + Math.random() * JITTER_MS);
      });
  }

  function later(ms) {
    if (timer === null) timer = setTimeout(poll, ms);
  }

  // Panels and the drawer put tiles in and out of the page.
  function look() {
    const seen = slots();
    seen.forEach(adopt);
    if (seen.some((slot) => !slot.querySelector("img, video") && !slot.dataset.note)) {
      seen.forEach((slot) => slot.querySelector("img, video") || (slot.dataset.note = "Memuat gambar…"));
      poll();
    } else if (seen.length > 0) {
      later(POLL_MS);
    }
  }

  function stream(button) {
    const { camera, stream: url } = button.dataset;
    const probe = document.createElement("video");
    const told = button.closest(".camera").querySelector(".camera-picture");
    if (streams.has(camera)) streams.delete(camera);
    else if (probe.canPlayType("application/vnd.apple.mpegurl") === "") {
      told.dataset.note = "Gambar langsung tidak didukung peramban ini";
    } else if (streams.size >= MOST_STREAMS) {
      told.dataset.note = "Paling banyak " + MOST_STREAMS + " gambar langsung sekaligus";
    } else streams.set(camera, url);
    button.setAttribute("aria-pressed", String(streams.has(camera)));
    slots().forEach(adopt);
  }

  komando().act("langsung", stream);
  // Several choices at once, as JSON: {"kelompok": "pompa", "hal": null}.
  komando().act("pilih", (node) => komando().go(JSON.parse(node.dataset.go)));

  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  document.addEventListener("visibilitychange", () => document.hidden || poll());
  document.addEventListener("komando:alamat", () => later(0));

  komando().pictures = { held: () => pictures.size, poll: poll };
})();
