// The wall's test of itself, `?uji=1`: the technician tells size and distance of the screen, and the
// page lists what of its own a reader could not read: text that is too small, too faint or on a
// seam, colours that somebody cannot tell apart, and pixels that never change.
(function () {
  "use strict";

  const ARC_MIN = 16;
  const CAPITAL = 0.71;
  const LEAST_VALUE = 7;
  const LEAST_LABEL = 4.5;
  const LEAST_DISTANCE = 15;
  const SEAM_PX = 24;
  const STATIC_HOURS = 8;
  const AUDIT_MS = 5000;
  const INCH_MM = 25.4;
  const VALUES = ".value, .amount, .reading-number, .clock, [data-clock], .status-word, .gate-level";
  // What has no box of its own cuts nothing.
  const BOXLESS = ["inline", "contents"];
  const PALETTES = {
    siaga: ["--siaga-4", "--siaga-3", "--siaga-2", "--siaga-1"],
    ISPU: ["--ispu-baik", "--ispu-sedang", "--ispu-tidak-sehat", "--ispu-sangat-tidak-sehat"],
    genangan: ["--depth-1", "--depth-2", "--depth-3", "--depth-unknown"],
  };

  // Machado, Oliveira and Fernandes (2009), severity 1.0, for linear sRGB.
  const VISIONS = {
    normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
  };

  // ── Colour ─────────────────────────────────────────────────────────────────────────────────

  // The browser reads any notation of css; a canvas gives it back as four numbers.
  const pot = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const mixed = new Map();

  function rgba(css) {
    if (!mixed.has(css)) {
      pot.clearRect(0, 0, 1, 1);
      pot.fillStyle = "#000";
      pot.fillStyle = css;
      pot.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = pot.getImageData(0, 0, 1, 1).data;
      mixed.set(css, [red, green, blue, alpha / 255]);
    }
    return mixed.get(css);
  }

  const over = (top, ground) => [0, 1, 2].map((at) => top[at] * top[3] + ground[at] * (1 - top[3])).concat(1);
  const linear = (value) => (value <= 10.31475 ? value / 255 / 12.92 : Math.pow((value / 255 + 0.055) / 1.055, 2.4));
  const luminance = (colour) => {
    const [red, green, blue] = colour.slice(0, 3).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  function lab(colour, vision) {
    const m = VISIONS[vision];
    const [r, g, b] = colour.slice(0, 3).map(linear);
    const seen = [0, 3, 6].map((row) => Math.min(1, Math.max(0, m[row] * r + m[row + 1] * g + m[row + 2] * b)));
    const [red, green, blue] = seen;
    const curve = (t) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 * t + 16) / 116);
    const x = curve((0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047);
    const y = curve(0.2126729 * red + 0.7151522 * green + 0.072175 * blue);
    const z = curve((0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  }

  // CIEDE2000: Sharma, Wu and Dalal (2005).
  function difference([l1, a1, b1], [l2, a2, b2]) {
    const radians = Math.PI / 180;
    const mean7 = Math.pow((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2, 7);
    const g = 0.5 * (1 - Math.sqrt(mean7 / (mean7 + Math.pow(25, 7))));
    const [p1, p2] = [a1 * (1 + g), a2 * (1 + g)];
    const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)];
    const angle = (a, b) => (a === 0 && b === 0 ? 0 : (Math.atan2(b, a) / radians + 360) % 360);
    const [h1, h2] = [angle(p1, b1), angle(p2, b2)];
    const turn = c1 * c2 === 0 ? 0 : ((h2 - h1 + 540) % 360) - 180;
    const dh = 2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * radians);
    const h = c1 * c2 === 0 ? h1 + h2 : (h1 + turn / 2 + 360) % 360;
    const [l, c] = [(l1 + l2) / 2, (c1 + c2) / 2];
    const t =
      1 - 0.17 * Math.cos((h - 30) * radians) + 0.24 * Math.cos(2 * h * radians) +
      0.32 * Math.cos((3 * h + 6) * radians) - 0.2 * Math.cos((4 * h - 63) * radians);
    const sl = 1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2);
    const [sc, sh] = [1 + 0.045 * c, 1 + 0.015 * c * t];
    const c7 = Math.pow(c, 7);
    const rt = -2 * Math.sqrt(c7 / (c7 + Math.pow(25, 7))) * Math.sin(60 * Math.exp(-(((h - 275) / 25) ** 2)) * radians);
    const [x, y, z] = [(l2 - l1) / sl, (c2 - c1) / sc, dh / sh];
    return Math.sqrt(x * x + y * y + z * z + rt * y * z);
  }

  function closest(colours) {
    let least = { distance: Infinity };
    colours.forEach((one, at) =>
      colours.slice(at + 1).forEach((other) =>
        Object.keys(VISIONS).forEach((vision) => {
          const distance = difference(lab(rgba(one.css), vision), lab(rgba(other.css), vision));
          if (distance < least.distance) least = { distance: distance, one: one.name, other: other.name, vision: vision };
        })
      )
    );
    return least;
  }

  // ── Size ───────────────────────────────────────────────────────────────────────────────────

  const pitchOf = (inches, width, height) => (inches * INCH_MM) / Math.hypot(width, height);
  const unitOf = (metres, pitch) => (2000 * metres * Math.tan(((ARC_MIN / 60) * Math.PI) / 360)) / CAPITAL / pitch;

  // ── The audit ──────────────────────────────────────────────────────────────────────────────

  const changedAt = new WeakMap();
  let watchedSince = 0;

  const canvas = () => document.getElementById("dinding");
  const unit = () => parseFloat(getComputedStyle(document.body).getPropertyValue("--u")) || 0;

  function isShown(node, style) {
    return style.visibility === "visible" && Number(style.opacity) > 0 && node.checkVisibility({ opacityProperty: true });
  }

  // Every run of text on the canvas with the element that styles it and its place on the screen.
  function texts() {
    const found = [];
    const walker = document.createTreeWalker(canvas(), NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const text = node.nodeValue.trim();
      const parent = node.parentElement;
      if (!text || !parent || parent.closest(".visually-hidden, [hidden], script, style, title")) continue;
      const style = getComputedStyle(parent);
      if (!isShown(parent, style)) continue;
      range.selectNodeContents(node);
      const boxes = Array.from(range.getClientRects()).filter((box) => box.width > 0 && box.height > 0);
      if (boxes.length > 0) found.push({ text: text, node: parent, style: style, boxes: boxes, scale: scaleOf(parent) });
    }
    return found;
  }

  // Text of an SVG is as large as its picture makes it.
  function scaleOf(node) {
    const svg = node.ownerSVGElement;
    return svg && node.getScreenCTM ? Math.abs(node.getScreenCTM().a) : 1;
  }

  // What lies under a text: its own shape (drawn before or after it), then all that it stands in.
  function grounds(node) {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const styles = [getComputedStyle(at, "::before"), getComputedStyle(at, "::after")].filter((style) => style.content !== "none");
      const colours = styles.concat(getComputedStyle(at)).map((style) => rgba(style.backgroundColor)).filter((colour) => colour[3] > 0);
      layers.push(...colours);
      if (colours.some((colour) => colour[3] === 1)) break;
    }
    return layers.reduceRight((ground, top) => over(top, ground), [255, 255, 255, 1]);
  }

  function inkOf(one) {
    const { style, node } = one;
    if (node.ownerSVGElement) return rgba(style.fill);
    const ink = rgba(style.color);
    // Hollow digits are drawn by their edge alone.
    return ink[3] === 0 && parseFloat(style.webkitTextStrokeWidth) > 0 ? rgba(style.webkitTextStrokeColor) : ink;
  }

  const nameOf = (node) => {
    const owner = node.closest("[data-panel], [id]") || node;
    const own = node.classList.length > 0 ? "." + node.classList[0] : node.tagName.toLowerCase();
    const around = owner.dataset.panel || owner.id || "";
    return around && owner !== node ? around + " " + own : around || own;
  };

  function distanceToSeams(box, seams) {
    const across = (low, high, at) => Math.max(low - at, at - high);
    return Math.min(
      Infinity,
      ...seams.x.map((at) => across(box.left, box.right, at)),
      ...seams.y.map((at) => across(box.top, box.bottom, at))
    );
  }

  // Cut by what it stands in, or by the edge of the screen; what is hidden whole is not shown at all.
  function isCut(one) {
    const frames = [{ left: 0, top: 0, right: window.innerWidth, bottom: window.innerHeight }];
    for (let at = one.node; at && at !== document.body; at = at.parentElement) {
      const style = at === one.node ? one.style : getComputedStyle(at);
      if (style.overflowX !== "visible" && !BOXLESS.includes(style.display)) frames.push(at.getBoundingClientRect());
    }
    // The line of a text is higher than its letters.
    const slack = 0.25 * parseFloat(one.style.fontSize);
    return one.boxes.some((box) =>
      frames.some(
        (frame) =>
          box.left < frame.left - 1 || box.right > frame.right + 1 ||
          box.top < frame.top - slack || box.bottom > frame.bottom + slack
      )
    );
  }

  function audit() {
    const least = unit();
    const seams = window.komando.wall.readSeams(
      canvas().dataset.seams, document.body.dataset.layout, window.innerWidth, window.innerHeight
    );
    const all = texts();
    const told = (one, more) => Object.assign({ text: one.text.slice(0, 60), where: nameOf(one.node) }, more);
    const small = [];
    const faint = [];
    const seamed = [];
    const cut = [];
    all.forEach((one) => {
      const px = parseFloat(one.style.fontSize) * one.scale;
      // Half a pixel is lost to rounding, not to a reader.
      if (px < least - 0.5) small.push(told(one, { px: px, arcmin: (ARC_MIN * px) / least }));
      const ground = grounds(one.node);
      const ratio = contrast(over(inkOf(one), ground), ground);
      const needed = one.node.closest(VALUES) ? LEAST_VALUE : LEAST_LABEL;
      if (ratio < needed - 0.05) faint.push(told(one, { ratio: ratio, needed: needed }));
      const gap = Math.min(...one.boxes.map((box) => distanceToSeams(box, seams)));
      if (gap < SEAM_PX) seamed.push(told(one, { px: gap }));
      if (isCut(one)) cut.push(told(one, {}));
    });
    return { texts: all.length, unit: least, small: small, faint: faint, seamed: seamed, cut: cut, close: palettes(), fixed: fixed() };
  }

  function palettes() {
    const style = getComputedStyle(document.documentElement);
    return Object.entries(PALETTES).map(([name, tokens]) =>
      Object.assign({ palette: name }, closest(tokens.map((token) => ({ name: token, css: style.getPropertyValue(token) }))))
    );
  }

  // Tiles and labels that have stood still too long: what burns in first.
  function fixed() {
    const hours = Number(new URLSearchParams(window.location.search).get("jam")) || STATIC_HOURS;
    const old = performance.now() - hours * 3600000;
    if (watchedSince > old) return [];
    return texts()
      .filter((one) => (changedAt.get(one.node) || watchedSince) <= old)
      .map((one) => ({
        text: one.text.slice(0, 60),
        where: nameOf(one.node),
        hours: (performance.now() - (changedAt.get(one.node) || watchedSince)) / 3600000,
      }));
  }

  function watch() {
    watchedSince = performance.now();
    new MutationObserver((changes) => {
      const at = performance.now();
      changes.forEach(({ target, type }) => {
        const node = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
        if (!node) return;
        changedAt.set(node, at);
        if (type === "childList") node.querySelectorAll("*").forEach((inner) => changedAt.set(inner, at));
      });
    }).observe(canvas(), { childList: true, subtree: true, characterData: true });
  }

  // ── On the screen ──────────────────────────────────────────────────────────────────────────

  const { text } = window.komando;
  const number = (value, decimals) => value.toLocaleString("id", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const VISION_WORDS = { normal: "penglihatan biasa", protan: "protan", deutan: "deutan", tritan: "tritan" };

  function listed(title, rows, line, note) {
    const shown = rows.slice(0, 40).map((row) => "<li><code>" + text(row.where) + "</code> " + line(row) + "</li>");
    const more = rows.length > shown.length ? "<li>dan " + (rows.length - shown.length) + " lagi</li>" : "";
    return (
      '<section class="uji-part ' + (rows.length ? "is-bad" : "is-good") + '"><h2>' + title + " <span>" +
      (rows.length ? number(rows.length, 0) + " ditemukan" : "baik") + "</span></h2>" +
      (note ? "<p>" + note + "</p>" : "") + (rows.length ? "<ul>" + shown.join("") + more + "</ul>" : "") + "</section>"
    );
  }

  function report(found) {
    const quoted = (row) => "“" + text(row.text) + "” ";
    const close = found.close
      .filter((row) => row.distance < LEAST_DISTANCE)
      .map((row) => Object.assign({ where: row.palette }, row));
    const distances = found.close.map((row) => row.palette + " " + number(row.distance, 1)).join(" · ");
    const hours = number((performance.now() - watchedSince) / 3600000, 1);
    return (
      listed("Teks di bawah 16 menit busur", found.small, (row) =>
        quoted(row) + number(row.px, 1) + " px = " + number(row.arcmin, 1) + "′",
        number(found.texts, 0) + " teks diperiksa; terkecil " + number(found.unit, 1) + " px") +
      listed("Kontras di bawah batas", found.faint, (row) =>
        quoted(row) + number(row.ratio, 1) + " : 1, perlu " + number(row.needed, 1),
        "angka 7 : 1, label 4,5 : 1") +
      listed("Warna yang sulit dibedakan", close, (row) =>
        number(row.distance, 1) + " antara " + text(row.one) + " dan " + text(row.other) + " (" + VISION_WORDS[row.vision] + ")",
        "jarak ΔE2000 terkecil, empat macam penglihatan: " + distances) +
      listed("Teks terlalu dekat sambungan", found.seamed, (row) =>
        quoted(row) + (row.px <= 0 ? "melintasi sambungan" : number(row.px, 0) + " px dari sambungan"),
        "sekurangnya 24 px") +
      listed("Teks terpotong", found.cut, quoted) +
      listed("Piksel yang tidak berubah", found.fixed, (row) => quoted(row) + number(row.hours, 1) + " jam",
        "diamati selama " + hours + " jam; seluruh kanvas tetap bergeser beberapa piksel")
    );
  }

  function sheet() {
    const query = new URLSearchParams(window.location.search);
    const metres = Number(query.get("jarak")) || 5;
    const node = document.createElement("aside");
    node.className = "uji";
    node.innerHTML =
      "<header><h1>Uji layar</h1><p>Halaman ini memeriksa dirinya sendiri. Tutup dengan menghapus <code>uji=1</code> dari alamat.</p></header>" +
      '<form class="uji-form">' +
      '<label>Diagonal satu panel (inci) <input name="inches" type="number" min="5" max="600" step="0.1" value="55"></label>' +
      '<label>Lebar satu panel (piksel) <input name="width" type="number" min="320" max="16000" value="1920"></label>' +
      '<label>Tinggi satu panel (piksel) <input name="height" type="number" min="200" max="16000" value="1080"></label>' +
      '<label>Jarak baca terjauh (m) <input name="metres" type="number" min="0.5" max="50" step="0.5" value="' + metres + '"></label>' +
      '<output></output><button type="submit">Terapkan</button></form><div class="uji-found"></div>';
    document.body.append(node);
    const form = node.querySelector("form");
    const entered = () => {
      const [inches, width, height, far] = ["inches", "width", "height", "metres"].map((name) => Number(form.elements[name].value));
      const pitch = pitchOf(inches, width, height);
      return { pitch: pitch, far: far, unit: unitOf(far, pitch) };
    };
    const compute = () => {
      const { pitch, unit: needed } = entered();
      form.querySelector("output").textContent =
        "Jarak piksel " + number(pitch, 3) + " mm; teks terkecil " + number(needed, 1) + " px (sekarang " + number(unit(), 1) + " px)";
    };
    form.addEventListener("input", compute);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      query.set("jarak", entered().far);
      query.set("mm_px", entered().pitch.toFixed(3));
      window.location.search = query.toString();
    });
    compute();
    return node.querySelector(".uji-found");
  }

  function start() {
    watch();
    const place = sheet();
    const show = () => window.komando.fill(place, report(audit()));
    show();
    setInterval(show, AUDIT_MS);
  }

  window.komando.uji = { audit: audit, closest: closest, contrast: contrast, difference: difference, pitchOf: pitchOf, rgba: rgba, unitOf: unitOf };

  // The wall itself comes after this script.
  if (canvas() && new URLSearchParams(window.location.search).get("uji") === "1") document.addEventListener("DOMContentLoaded", start);
})();
