// The browser's half of every map: it asks for a layer's features when their version moved, draws
// symbols on one canvas, opens popups (by mouse where one points, by keyboard one after the other),
// and turns a click on an area into a filter of the page.
// What a layer is called, how its marks look and what its popups say comes with it as `hideout`
// (dashboards/maps.py).
(function () {
  "use strict";

  const WHOLE_CITY = "31";
  const EMPTY = { type: "FeatureCollection", features: [] };
  const RETRY_MS = 5000;
  const BEHIND_MS = 1500;
  const TICK_MS = 10000;
  const SEARCH_MS = 150;
  const REST_MS = 700;
  const NARROW_PX = 700;
  const CODE_LENGTHS = { kota: 5, kecamatan: 8, kelurahan: 13 };
  const PREFIXES = { kota: "", kecamatan: "Kec. ", kelurahan: "Kel. " };
  const KINDS = {
    kelurahan: "Kelurahan",
    kecamatan: "Kecamatan",
    kota: "Kota dan kabupaten",
    station: "Pintu air dan pos pengamatan",
    pump_house: "Rumah pompa",
    air_station: "Stasiun udara",
    corridor: "Koridor dan jalan",
    camera: "Kamera",
  };
  const ARROWS = { naik: "↗", tetap: "→", turun: "↘" };
  const TOO_SHORT = "Ketik sedikitnya dua huruf dari nama tempat";
  const STALE = ["late", "expired", "disconnected"];
  const STEPS = { n: 1, N: 1, ArrowRight: 1, p: -1, P: -1, ArrowLeft: -1 };

  const komando = () => window.komando;
  const unchanged = () => window.dash_clientside.no_update;
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const moving = () => !window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  // The map of the page at hand; Dash builds a new one each time the page is opened.
  let map = null;
  let outlines = [];
  let chosen = WHOLE_CITY;
  let versions = null;

  const palette = new Map();

  function color(name) {
    if (!palette.has(name)) {
      palette.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
    }
    return palette.get(name);
  }

  // How much larger than on a desk things are drawn (assets/map.css).
  const scale = () => parseFloat(color("--map-scale")) || 1;

  function recolor() {
    palette.clear();
    redraw();
  }

  // By layer: whether its feeds are late, and what "now" is where a past moment is shown.
  const conditions = new Map();
  const conditionOf = (about) => conditions.get(about.id) || {};

  // A feature with budgets of its own (a gate) is judged by them, any other by its layer's feeds.
  function staleness(properties, about) {
    if (properties.t === undefined) return "";
    const { moment, stale } = conditionOf(about);
    if (properties.late !== undefined) {
      const seconds = (moment || komando().now() / 1000) - properties.t;
      return seconds > properties.expired ? "is-expired" : seconds > properties.late ? "is-late" : "";
    }
    return moment || !stale ? "" : "is-late";
  }

  // A feed that never came says nothing about the layer; one fresh feed is enough. Answers whether
  // the layer turned.
  function judge(about) {
    const states = about.feeds
      .map((name) => versions && versions.feeds[name])
      .filter((feed) => feed && feed.scheduled)
      .map(komando().stateOf)
      .filter((state) => state !== "never");
    const stale = states.length > 0 && states.every((state) => STALE.includes(state));
    const before = conditionOf(about);
    conditions.set(about.id, { moment: before.moment, stale: stale });
    return stale !== Boolean(before.stale);
  }

  const polygon = (sides, turn, size) => (ctx, x, y, r) => {
    for (let side = 0; side <= sides; side += 1) {
      const angle = turn + (2 * Math.PI * side) / sides;
      const point = [x + size * r * Math.cos(angle), y + size * r * Math.sin(angle)];
      if (side === 0) ctx.moveTo(point[0], point[1]);
      else ctx.lineTo(point[0], point[1]);
    }
  };
  const disc = (size) => (ctx, x, y, r) => {
    ctx.moveTo(x + size * r, y);
    ctx.arc(x, y, size * r, 0, 2 * Math.PI);
  };
  const block = (width, height) => (ctx, x, y, r) =>
    ctx.rect(x - width * r, y - height * r, 2 * width * r, 2 * height * r);

  const OUTLINES = {
    circle: disc(0.95),
    ring: disc(0.7),
    square: block(0.8, 0.8),
    box: block(0.7, 0.7),
    "dotted-box": block(0.7, 0.7),
    "half-square": block(0.7, 0.7),
    cross: block(0.85, 0.85),
    triangle: polygon(3, -Math.PI / 2, 1.2),
    diamond: polygon(4, -Math.PI / 2, 1.15),
    hexagon: polygon(6, 0, 1.1),
    depth: (ctx, x, y, r) => {
      ctx.moveTo(x, y - 1.5 * r);
      ctx.bezierCurveTo(x + 0.5 * r, y - 0.8 * r, x + r, y - 0.2 * r, x + r, y + 0.3 * r);
      ctx.arc(x, y + 0.3 * r, r, 0, Math.PI);
      ctx.bezierCurveTo(x - r, y - 0.2 * r, x - 0.5 * r, y - 0.8 * r, x, y - 1.5 * r);
    },
    speech: (ctx, x, y, r) => {
      ctx.moveTo(x - r, y - 0.8 * r);
      ctx.lineTo(x + r, y - 0.8 * r);
      ctx.lineTo(x + r, y + 0.5 * r);
      ctx.lineTo(x, y + 0.5 * r);
      ctx.lineTo(x - 0.5 * r, y + 1.1 * r);
      ctx.lineTo(x - 0.5 * r, y + 0.5 * r);
      ctx.lineTo(x - r, y + 0.5 * r);
      ctx.closePath();
    },
    person: (ctx, x, y, r) => {
      ctx.moveTo(x + 0.45 * r, y - 0.55 * r);
      ctx.arc(x, y - 0.55 * r, 0.45 * r, 0, 2 * Math.PI);
      ctx.moveTo(x - 0.8 * r, y + r);
      ctx.arc(x, y + r, 0.8 * r, Math.PI, 0);
      ctx.closePath();
    },
    camera: (ctx, x, y, r) => {
      ctx.rect(x - r, y - 0.6 * r, 1.35 * r, 1.2 * r);
      ctx.moveTo(x + 0.35 * r, y);
      ctx.lineTo(x + r, y - 0.5 * r);
      ctx.lineTo(x + r, y + 0.5 * r);
      ctx.closePath();
    },
  };
  // A shape is an outline with what is drawn into it: "air-circle", "depth-2", "camera-off".
  const SHAPES = {
    "speech-full": ["speech", "full"],
    speech: ["speech", "open"],
    "person-light": ["person", "open"],
    "camera-light": ["camera", "open"],
    "camera-off": ["camera", "struck"],
    "half-square": ["half-square", "half"],
    cross: ["cross", "crossed"],
    ring: ["ring", "open"],
    box: ["box", "open"],
    "dotted-box": ["dotted-box", "dotted"],
  };

  function shapeOf(name) {
    if (name in SHAPES) return SHAPES[name];
    if (name.startsWith("letter:")) return ["circle", "letter"];
    if (name.startsWith("air-")) return [name.slice(4), "holed"];
    if (name.startsWith("depth-")) return ["depth", "level" + name.slice(6)];
    return [name, "full"];
  }

  // Symbols grow as the map comes nearer, and with the screen.
  function radius() {
    const zoom = map ? map.getZoom() : 11;
    return scale() * (zoom < 11 ? 4 : zoom < 12 ? 5 : zoom < 13.5 ? 6.5 : 8);
  }

  const INSIDE = {
    half: (ctx, x, y, r) => ctx.fillRect(x - 0.7 * r, y, 1.4 * r, 0.7 * r),
    holed: (ctx, x, y, r) => {
      ctx.beginPath();
      ctx.arc(x, y, 0.32 * r, 0, 2 * Math.PI);
      ctx.fillStyle = color("--map-paper");
      ctx.fill();
    },
    crossed: (ctx, x, y, r) => {
      strike(ctx, x - 0.5 * r, y - 0.5 * r, x + 0.5 * r, y + 0.5 * r, color("--map-paper"));
      strike(ctx, x + 0.5 * r, y - 0.5 * r, x - 0.5 * r, y + 0.5 * r, color("--map-paper"));
    },
    struck: (ctx, x, y, r) => strike(ctx, x - r, y + r, x + r, y - r, color("--map-alert")),
    level0: (ctx, x, y, r) => bars(ctx, x, y + 0.35 * r, r, 0),
    level1: (ctx, x, y, r) => bars(ctx, x, y + 0.35 * r, r, 1),
    level2: (ctx, x, y, r) => bars(ctx, x, y + 0.35 * r, r, 2),
    level3: (ctx, x, y, r) => bars(ctx, x, y + 0.35 * r, r, 3),
  };

  function strike(ctx, x0, y0, x1, y1, ink) {
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.strokeStyle = ink;
    ctx.lineWidth = 1.75;
    ctx.stroke();
  }

  // One bar for each class of depth, so that the class can be read without its colour.
  function bars(ctx, x, y, r, count) {
    ctx.fillStyle = "#14181f";
    for (let bar = 0; bar < count; bar += 1) {
      ctx.fillRect(x - 0.5 * r, y + r * (0.3 * (count - 1)) - 0.6 * r * bar - 0.12 * r, r, 0.26 * r);
    }
  }

  const hollow = (inside) => ["open", "half", "dotted"].includes(inside);

  function paint(ctx, layer) {
    const { about, properties } = layer.options.drawn;
    const look = about.marks[properties.mark];
    if (!look) return;
    const [outline, inside] = shapeOf(look.shape);
    const { x, y } = layer._point;
    const r = radius();
    const stale = staleness(properties, about) !== "" && !about.fades;
    const ink = color(look.color);
    ctx.globalAlpha = about.fades ? presence(properties, about) : 1;
    if (ctx.globalAlpha === 0) return;
    ctx.lineJoin = "round";
    ctx.setLineDash([]);
    ctx.beginPath();
    OUTLINES[outline](ctx, x, y, r);
    ctx.lineWidth = 3.5;
    ctx.strokeStyle = color("--map-halo");
    ctx.stroke();
    ctx.fillStyle = stale || hollow(inside) ? color("--map-paper") : ink;
    ctx.fill();
    ctx.lineWidth = stale ? 2 : 1.5;
    ctx.setLineDash(inside === "dotted" ? [1.5, 2.5] : []);
    // A light fill needs a dark edge; the edge is also what marks a simulated symbol.
    ctx.strokeStyle = stale || hollow(inside) ? ink : color("--mark-edge");
    if (stale || hollow(inside) || properties.sim) ctx.stroke();
    ctx.setLineDash([]);
    if (properties.late_known !== undefined) {
      // What was not known at the moment that is replayed has a frame of the replay's colour.
      ctx.strokeStyle = color("--replay");
      ctx.lineWidth = 2.5;
      ctx.strokeRect(x - 1.6 * r, y - 1.6 * r, 3.2 * r, 3.2 * r);
    }
    ctx.fillStyle = ink;
    if (inside in INSIDE && !stale) INSIDE[inside](ctx, x, y, r);
    if (inside === "letter") initial(ctx, x, y, r, look.shape.slice(7));
    ctx.globalAlpha = 1;
  }

  function initial(ctx, x, y, r, letter) {
    ctx.fillStyle = color("--map-paper");
    ctx.font = "700 " + Math.round(1.4 * r) + "px " + getComputedStyle(document.body).fontFamily;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(letter, x, y + 0.08 * r);
  }

  // From 1 to 0 between the two ages at which a feature begins to leave and is gone.
  function presence(properties, about) {
    const { moment } = conditionOf(about);
    const seconds = (moment || komando().now() / 1000) - properties.t;
    if (seconds >= properties.expired) return 0;
    const left = (properties.expired - seconds) / (properties.expired - properties.late);
    return Math.max(0.25, Math.min(1, left));
  }

  let SymbolLayer = null;

  // dash_leaflet brings Leaflet with it, and later than this file.
  function symbolClass() {
    if (!SymbolLayer) {
      SymbolLayer = window.L.CircleMarker.extend({
        _updatePath: function () {
          if (this._renderer._drawing && !this._empty()) paint(this._renderer._ctx, this);
        },
      });
    }
    return SymbolLayer;
  }

  const GATE_SHAPES = {
    hexagon: '<polygon points="-10,0 -5,-8.7 5,-8.7 10,0 5,8.7 -5,8.7"/><text y="4.5">1</text>',
    diamond: '<polygon points="0,-10 10,0 0,10 -10,0"/>',
    triangle: '<polygon points="0,-9.5 10,8 -10,8"/>',
    circle: '<circle r="7"/>',
    ring: '<circle r="5"/>',
  };

  function gateIcon(properties, about) {
    const look = about.marks[properties.mark];
    const shape = '<svg viewBox="-13 -13 26 26" aria-hidden="true">' + GATE_SHAPES[look.shape] + "</svg>";
    const label =
      properties.level === undefined
        ? ""
        : '<span class="gate-label"><b>' + Math.round(properties.level).toLocaleString("id") +
          "</b> cm<i>" + (ARROWS[properties.trend] || "") + "</i><small></small></span>";
    const size = Math.max(24, 26 * scale());
    return window.L.divIcon({
      className: "gate gate-" + properties.mark + (properties.sim ? " is-simulated" : "") + (properties.late_known === undefined ? "" : " is-late-known"),
      html: shape + label,
      iconSize: [size, size],
    });
  }

  function gateMarker(feature, latlng, about) {
    const properties = feature.properties;
    const marker = window.L.marker(latlng, {
      icon: gateIcon(properties, about),
      title: properties.name,
      zIndexOffset: 1000 * (5 - (parseInt(properties.mark, 10) || 5)),
      drawn: { properties: properties, about: about },
    });
    const spoken = [properties.name, properties.word, valueText(properties.level, "cm")];
    marker.on("add", () => {
      marker.getElement().setAttribute("aria-label", spoken.filter(Boolean).join(", "));
      dateGate(marker);
    });
    return marker;
  }

  function dateGate(marker) {
    const { properties, about } = marker.options.drawn;
    const node = marker.getElement();
    if (!node) return;
    const stale = staleness(properties, about);
    node.classList.toggle("is-late", stale === "is-late");
    node.classList.toggle("is-expired", stale === "is-expired");
    const age = node.querySelector("small");
    if (age) age.textContent = ageText(properties.t, about);
  }

  function symbol(feature, latlng, context) {
    meet(context.map);
    const about = context.hideout;
    if (about.labelled) return gateMarker(feature, latlng, about);
    return new (symbolClass())(latlng, {
      radius: 10,
      drawn: { properties: feature.properties, about: about },
    });
  }

  function line(feature, context) {
    if (feature.geometry.type === "Point") return {};
    const about = context.hideout;
    const look = about.marks[feature.properties.mark];
    const level = parseInt(feature.properties.mark, 10) || 1;
    const stale = staleness(feature.properties, about) !== "";
    return {
      color: color(look ? look.color : "--map-quiet"),
      weight: 1.5 + level,
      opacity: stale ? 0.45 : 0.95,
      dashArray: stale ? "2 5" : level === 5 ? "8 5" : null,
      lineCap: "butt",
      drawn: { properties: feature.properties, about: about },
    };
  }

  function cluster(feature, latlng, _index, context) {
    const count = feature.properties.point_count;
    const size = Math.max(1, scale()) * (count < 10 ? 26 : count < 100 ? 32 : count < 1000 ? 38 : 46);
    const text = count < 10000 ? count.toLocaleString("id") : Math.round(count / 1000) + " rb";
    return window.L.marker(latlng, {
      icon: window.L.divIcon({
        className: "cluster cluster-" + context.hideout.id,
        html: "<span>" + text + "</span>",
        iconSize: [size, size],
      }),
      title: count.toLocaleString("id") + " " + context.hideout.title.toLowerCase(),
    });
  }

  // Who closes a popup in which they are is back where they were.
  function leaveTo(popup, place) {
    const box = popup.getElement();
    popup.once("remove", () => {
      // It fades away with the focus still in it.
      if (document.activeElement !== document.body && !box.contains(document.activeElement)) return;
      place().focus({ preventScroll: true });
    });
  }

  // Enter does what a click does, and takes the reader into the popup.
  function bindKeys(layer, does) {
    layer.on("keypress", (event) => {
      if (event.originalEvent.key !== "Enter") return;
      map.closePopup();
      does();
      const popup = map._popup;
      // Of a cluster nothing is left once it was opened.
      if (!popup || !popup.isOpen()) return map.getContainer().focus({ preventScroll: true });
      const box = popup.getElement();
      box.tabIndex = -1;
      box.focus();
      leaveTo(popup, () => {
        const marker = layer.getElement();
        return marker && marker.isConnected ? marker : map.getContainer();
      });
    });
  }

  function bind(feature, layer, context) {
    if (feature.properties.cluster) {
      bindKeys(layer, () => layer.fire("click", { latlng: layer.getLatLng(), layer: layer }, true));
      return;
    }
    layer.on("click", (event) => {
      window.L.DomEvent.stopPropagation(event);
      openPopup(event.latlng, feature.properties, context.hideout);
    });
    bindKeys(layer, () => openPopup(layer.getLatLng(), feature.properties, context.hideout));
  }

  function node(tag, className, children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...(Array.isArray(children) ? children : [children]).filter((one) => one !== null));
    return made;
  }

  // Where a past moment is shown, ages count from it and stand still.
  function ageText(seconds, about) {
    const { moment } = conditionOf(about);
    return komando().age(seconds * 1000, moment ? moment * 1000 : undefined);
  }

  function ageNode(seconds, about) {
    const made = node("time", "", ageText(seconds, about));
    made.dateTime = new Date(seconds * 1000).toISOString();
    if (!conditionOf(about).moment) made.dataset.age = "";
    return made;
  }

  function valueText(value, unit) {
    if (unit === "time") return komando().moment(value * 1000);
    if (typeof value !== "number") return value || "";
    const digits = Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0;
    return value.toLocaleString("id", { maximumFractionDigits: digits }) + (unit ? " " + unit : "");
  }

  function filterButton(code, text) {
    const button = node("button", "popup-filter", text);
    button.type = "button";
    button.addEventListener("click", () => {
      map.closePopup();
      komando().go({ wilayah: code });
    });
    return button;
  }

  function show(latlng, content, watched) {
    const popup = window.L.popup({ maxWidth: 320, minWidth: 220, className: "map-popup" });
    if (watched) {
      // The city looks more often at a camera that somebody looks at.
      const tell = () => fetch(watched);
      const timer = setInterval(tell, 30000);
      popup.on("remove", () => clearInterval(timer));
      tell();
    }
    popup.setLatLng(latlng).setContent(content).openOn(map);
    popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", "Tutup");
  }

  // What a layer that was loaded by hand says of a feature, as it came.
  const told = (properties) =>
    (properties.told || []).map(([label, value]) =>
      node("div", "", [node("dt", "", label), node("dd", "", value)])
    );

  function furtherLink(word, href, id) {
    const target = new URL(href.replace("{id}", encodeURIComponent(id)), window.location.href);
    const link = node("a", "popup-filter", word);
    link.href = target.pathname + target.search;
    if (target.pathname === window.location.pathname) {
      // This page has it: it need not be built anew.
      link.addEventListener("click", (event) => {
        event.preventDefault();
        map.closePopup();
        komando().go(Object.fromEntries(target.searchParams));
      });
    } else link.dataset.act = "visit";
    return link;
  }

  function openPopup(latlng, properties, about) {
    const look = about.marks[properties.mark];
    const rows = about.fields
      .filter(([, name]) => properties[name] !== undefined)
      .map(([label, name, unit]) =>
        node("div", "", [node("dt", "", label), node("dd", "", valueText(properties[name], unit))])
      );
    const titles = about.feeds
      .map((name) => versions && versions.feeds[name])
      .filter((feed) => feed && feed.scheduled)
      .map((feed) => feed.title);
    const stale = staleness(properties, about);
    const place = outlines.find((one) => one.code === properties.area);
    show(
      latlng,
      node("article", "popup " + stale, [
        node("h3", "", properties.name),
        look && !about.labelled ? node("p", "popup-mark", look.word) : null,
        node("dl", "", rows.concat(told(properties))),
        node("p", "popup-source", [
          about.note ? about.note : "Sumber: " + (titles.join(", ") || about.title),
          ...(properties.t === undefined
            ? about.note ? [] : [" · belum ada data"]
            : [" · " + komando().clock(properties.t * 1000) + " WIB · ", ageNode(properties.t, about)]),
          stale ? " · datanya terlambat" : null,
        ]),
        properties.sim ? node("p", "mark-simulated", "DATA SIMULASI") : null,
        properties.late_known === undefined
          ? null
          : node("p", "late-known", "baru diketahui " + komando().duration(1000 * properties.late_known) + " kemudian"),
        ...(about.more || []).map(([word, href]) => furtherLink(word, href, properties.id)),
        place && chosen !== place.code
          ? filterButton(place.code, "Saring halaman ke " + titleOf(place))
          : null,
      ]),
      about.watch && about.watch.replace("{id}", encodeURIComponent(properties.id))
    );
  }

  // Where a point is, and about where anything longer is.
  function placeOf(geometry) {
    let pair = geometry.coordinates;
    while (Array.isArray(pair[0])) pair = pair[pair.length >> 1];
    return window.L.latLng(pair[1], pair[0]);
  }

  // A canvas has nothing in it that a keyboard could reach: its features are read one by one, from
  // the middle of the map outwards.
  function read(button) {
    if (!map || !map.getContainer().isConnected) return;
    const middle = map.getCenter();
    const found = [...button.parentNode.querySelectorAll(".layer-count")]
      .map((one) => held.get(one.dataset.layer))
      .filter((entry) => entry && entry.data)
      .flatMap(({ about, data }) => data.features.map(({ geometry, properties }) => ({ about: about, properties: properties, at: placeOf(geometry) })))
      .filter(({ about, properties }) => !about.fades || presence(properties, about) > 0)
      .map((one) => Object.assign(one, { metres: middle.distanceTo(one.at) }))
      .sort((one, other) => one.metres - other.metres);
    if (found.length > 0) readOne(button, found, 0);
    else komando().note("Tidak ada titik di peta", "Nyalakan lapisan, atau pilih wilayah lain.", "gray");
  }

  function readOne(button, found, turn) {
    const { about, properties, at, metres } = found[turn];
    const go = (by) => readOne(button, found, (turn + by + found.length) % found.length);
    const stepper = (word, key, by) => {
      const made = node("button", "popup-filter", word);
      made.type = "button";
      made.title = word + " (" + key + ")";
      made.addEventListener("click", () => go(by));
      return made;
    };
    // What closes for the next one is not left.
    button.focus({ preventScroll: true });
    openPopup(at, properties, about);
    const popup = map._popup;
    const content = popup.getContent();
    const far = metres < 1000 ? valueText(Math.round(metres), "m") : valueText(metres / 1000, "km");
    const told = [...content.querySelectorAll("h3, dl div, p")].map((one) => one.innerText.replace(/\s+/g, " "));
    const head = (turn + 1).toLocaleString("id") + " dari " + found.length.toLocaleString("id");
    button.parentNode.querySelector(".map-said").textContent = [head, far + " dari pusat peta", ...told].join("; ");
    const next = stepper("Berikutnya", "N", 1);
    content.append(node("div", "popup-steps", [stepper("Sebelumnya", "P", -1), node("span", "", head), next]));
    popup.update();
    next.focus({ preventScroll: true });
    popup.getElement().addEventListener("keydown", (event) => {
      if (!(event.key in STEPS) || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      go(STEPS[event.key]);
    });
    leaveTo(popup, () => button);
  }

  // On paper the looks of what is drawn stand below the map, whose own place has no room for them.
  const key = document.createElement("div");
  key.className = "map-key";
  window.addEventListener("beforeprint", () => {
    if (!map || !map.getContainer().isConnected) return;
    const box = map.getContainer().parentNode;
    const shown = [...box.querySelectorAll(".legend [data-layer]")].filter((one) => held.get(one.dataset.layer));
    const looks = node("dl", "legend", shown.map((one) => one.cloneNode(true)));
    key.replaceChildren(looks, box.querySelector(".layer-legend p").cloneNode(true));
    box.parentNode.after(key);
  });
  window.addEventListener("afterprint", () => key.remove());

  const titleOf = (area) => PREFIXES[area.level] + area.name;

  // The base map is SVG below the canvas of symbols, so that CSS alone gives it day and night.
  const grounds = new Map();

  function ground(pane, className, context) {
    meet(context.map);
    if (!grounds.has(pane)) grounds.set(pane, window.L.svg({ pane: pane, padding: 0.5 }));
    return { renderer: grounds.get(pane), className: className, interactive: false };
  }

  const land = (_feature, context) => ground("darat", "map-land", context);
  const river = (_feature, context) => ground("sungai", "map-river", context);
  const outline = (feature, context) =>
    ground("batas", "map-outline map-" + feature.properties.level, context);

  function placeName(feature, latlng) {
    return window.L.marker(latlng, {
      icon: window.L.divIcon({
        className: "map-name map-name-" + feature.properties.kind,
        html: "<span>" + feature.properties.name + "</span>",
        iconSize: [0, 0],
      }),
      interactive: false,
      keyboard: false,
      pane: "darat",
    });
  }

  function keepOutline(feature, layer, context) {
    meet(context.map);
    const { id, level, name } = feature.properties;
    const shape = feature.geometry;
    outlines.push({
      code: id,
      level: level,
      name: name,
      path: layer,
      bounds: layer.getBounds(),
      polygons: shape.type === "MultiPolygon" ? shape.coordinates : [shape.coordinates],
    });
    clearTimeout(keepOutline.timer);
    keepOutline.timer = setTimeout(outlinesAreHere, 0);
  }

  function outlinesAreHere() {
    drawInset();
    highlight(false);
  }

  function inRing(ring, lon, lat) {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [xi, yi] = ring[i];
      const [xj, yj] = ring[j];
      if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  }

  function kelurahanAt(latlng) {
    return outlines.find(
      (area) =>
        area.level === "kelurahan" &&
        area.bounds.contains(latlng) &&
        area.polygons.some((rings) => inRing(rings[0], latlng.lng, latlng.lat))
    );
  }

  // A click goes one level deeper inside the chosen area, and to a sibling outside of it.
  function areaOfClick(code) {
    const depth = chosen === WHOLE_CITY ? 0 : chosen.length;
    const lengths = Object.values(CODE_LENGTHS);
    if (chosen === WHOLE_CITY || code.startsWith(chosen)) {
      return code.slice(0, lengths.find((length) => length > depth) || 13);
    }
    return code.slice(0, depth);
  }

  let hadPopup = false;
  // Who waits for a place to be picked, if anyone does.
  let awaited = null;

  function pickArea(event) {
    if (hadPopup) return;
    if (awaited) {
      const picked = awaited;
      awaited = null;
      picked(event.latlng);
      return;
    }
    const found = kelurahanAt(event.latlng);
    if (found) komando().go({ wilayah: areaOfClick(found.code) });
  }

  function boundsOf(code) {
    const found = outlines.filter((area) => area.level === "kelurahan" && area.code.startsWith(code));
    return found.length === 0
      ? null
      : found.reduce((all, area) => all.extend(area.bounds), window.L.latLngBounds(found[0].bounds));
  }

  function fit(bounds, animate) {
    if (animate && moving()) map.flyToBounds(bounds, { duration: 0.8, padding: [24, 24] });
    else map.fitBounds(bounds, { animate: false, padding: [24, 24] });
  }

  function highlight(animate) {
    if (!map || outlines.length === 0) return;
    for (const area of outlines) {
      const element = area.path.getElement && area.path.getElement();
      if (!element) continue;
      element.classList.toggle("is-chosen", area.code === chosen);
      element.classList.toggle("is-outside", chosen !== WHOLE_CITY && !area.code.startsWith(chosen));
    }
    const own = outlines.find((area) => area.code === chosen);
    if (own) own.path.bringToFront();
    const bounds = chosen === WHOLE_CITY ? highlight.home : boundsOf(chosen);
    if (bounds && (animate || chosen !== WHOLE_CITY)) fit(bounds, animate);
  }

  function drawInset() {
    const place = document.getElementById("map-inset-shape");
    const islands = outlines.filter((area) => area.level === "kelurahan" && area.code.startsWith("31.01"));
    if (!place || islands.length === 0) return;
    const bounds = boundsOf("31.01");
    const size = 100 / Math.max(bounds.getEast() - bounds.getWest(), bounds.getNorth() - bounds.getSouth());
    const draw = (ring) =>
      "M" + ring.map(([lon, lat]) =>
        ((lon - bounds.getWest()) * size).toFixed(1) + " " + ((bounds.getNorth() - lat) * size).toFixed(1)
      ).join("L") + "Z";
    const paths = islands.map((area) => area.polygons.map((rings) => draw(rings[0])).join("")).join("");
    const width = ((bounds.getEast() - bounds.getWest()) * size).toFixed(0);
    const height = ((bounds.getNorth() - bounds.getSouth()) * size).toFixed(0);
    place.innerHTML =
      '<svg viewBox="-3 -3 ' + (Number(width) + 6) + " " + (Number(height) + 6) +
      '" aria-hidden="true"><path d="' + paths + '"/></svg>';
  }

  // A page may take its map away while that still waits to be fitted to a place or to be moved:
  // then it does so where nobody sees it.
  const remove = window.L.Map.prototype.remove;
  window.L.Map.include({
    remove: function () {
      remove.call(this);
      this._mapPane = document.createElement("div");
      return this;
    },
  });

  const CONTROLS = { "leaflet-control-zoom-in": "Perbesar", "leaflet-control-zoom-out": "Perkecil" };

  // Leaflet speaks English, and of the map itself not at all.
  function nameControls(box) {
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "Peta; tombol panah menggesernya, + dan − memperbesar dan memperkecil");
    for (const [name, word] of Object.entries(CONTROLS)) {
      const control = box.querySelector("." + name);
      if (!control) continue;
      control.title = word;
      control.setAttribute("aria-label", word);
    }
  }

  function meet(found) {
    if (found === map) return;
    map = found;
    outlines = [];
    grounds.clear();
    highlight.home = map.getBounds();
    nameControls(map.getContainer());
    const zoomed = () => {
      const zoom = map.getZoom();
      map.getContainer().dataset.zoom = zoom < 12.5 ? "far" : zoom < 14 ? "middle" : "near";
    };
    zoomed();
    map.on("zoomend", zoomed);
    // The click that closes a popup must not also choose an area.
    map.on("preclick", () => {
      hadPopup = Boolean(map._popup && map._popup.isOpen());
    });
    map.on("click", pickArea);
    const control = map.getContainer().parentNode.querySelector(".layer-control");
    if (control && map.getContainer().clientWidth < NARROW_PX) control.open = false;
    const inset = document.getElementById("map-inset");
    if (inset) inset.addEventListener("click", () => fit(boundsOf("31.01"), true));
    ready();
    count();
    // Who asked for a place on another page waits no longer.
    awaited = null;
    document.dispatchEvent(new CustomEvent("komando:peta"));
  }

  function eachDrawn(visit) {
    if (!map || !map.getContainer().isConnected) return;
    map.eachLayer((layer) => layer.options.drawn && visit(layer, layer.options.drawn.about));
  }

  function draw(layer) {
    if (layer.options.icon) dateGate(layer);
    else if (layer instanceof symbolClass()) layer.redraw();
    else layer.setStyle(line(layer.feature, { hideout: layer.options.drawn.about }));
  }

  const redraw = () => eachDrawn(draw);

  // Ages of gates run on; anything else looks different only when its feeds turn late.
  function tick() {
    const turned = new Map();
    eachDrawn((layer, about) => {
      if (!turned.has(about.id)) turned.set(about.id, judge(about));
      if (layer.options.icon || about.fades || turned.get(about.id)) draw(layer);
    });
  }

  setInterval(() => document.hidden || tick(), TICK_MS);
  new MutationObserver(recolor).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["data-theme"],
  });

  const held = new Map();
  let counted = "";
  let counting = null;

  function load(about, wanted, waitMs, before) {
    const entry = { about: about, url: wanted.url, query: wanted.query, at: before ? before.at : 0, data: null };
    const controller = new AbortController();
    entry.stop = () => controller.abort();
    const ask = () =>
      fetch(wanted.url, { signal: controller.signal, cache: "no-cache" }).then((answer) => {
        if (!answer.ok) throw new Error(about.id + ": " + answer.status);
        // Another worker may not have heard yet of the version that this page knows.
        const told = answer.headers.get("X-Signature");
        const behind = wanted.signature !== null && told !== wanted.signature && !entry.waited;
        entry.waited = true;
        return behind ? sleep(BEHIND_MS).then(ask) : answer.json();
      });
    const insist = () =>
      ask().catch((error) => {
        if (error.name === "AbortError") throw error;
        say(about.id, "gagal dimuat");
        return sleep(RETRY_MS).then(insist);
      });
    entry.promise = sleep(waitMs)
      .then(insist)
      .then((data) => {
        entry.at = Date.now();
        entry.data = data;
        conditions.set(about.id, { moment: data.layer.moment, stale: conditionOf(about).stale });
        say(about.id, data.layer);
        ready();
        return data;
      })
      .catch(() => unchanged());
    held.set(about.id, entry);
    return entry.promise;
  }

  // For tests and for readers of the screen: whether what was asked for is drawn.
  function ready() {
    if (!map) return;
    const busy = [...held.values()].some((entry) => entry !== null && entry.data === null);
    map.getContainer().setAttribute("aria-busy", String(busy));
  }

  // Written into the page directly: a property of Dash would be told to the whole page.
  function say(layer, head) {
    const place = document.querySelector('.layer-count[data-layer="' + layer + '"]');
    if (!place) return;
    if (typeof head === "string") {
      place.replaceChildren(node("span", "layer-failed", head));
      return;
    }
    if (!head.known) {
      place.title = "Tidak ada sumber data yang mencakup saat ini";
      place.replaceChildren(node("span", "layer-unknown", "belum ada data"));
      return;
    }
    const unplaced = head.unplaced.toLocaleString("id") + " tanpa titik";
    place.title = head.unplaced > 0 ? unplaced + " di peta" : "";
    place.replaceChildren(
      node("span", "layer-number", head.count.toLocaleString("id")),
      ...(head.unplaced > 0 ? [node("small", "", "+ " + unplaced)] : []),
      ...(head.simulated ? [node("span", "mark-simulated", "DATA SIMULASI")] : [])
    );
  }

  function count() {
    if (!map || !map.getContainer().isConnected) return;
    fetch("/geo/lapisan.json?" + komando().query(komando().readAddress(), []), { cache: "no-cache" })
      .then((answer) => (answer.ok ? answer.json() : {}))
      .then((heads) => Object.entries(heads).forEach(([layer, head]) => say(layer, head)))
      .catch(() => null);
  }

  const found = new Map();
  let asked = 0;

  function options(list) {
    const groups = new Map();
    for (const place of list) {
      const value = place.kind + ":" + place.id;
      found.set(value, place);
      const label = place.name + (place.detail ? " · " + place.detail : "");
      if (!groups.has(place.kind)) groups.set(place.kind, []);
      groups.get(place.kind).push({ value: value, label: label });
    }
    return [...groups].map(([kind, items]) => ({ group: KINDS[kind], items: items }));
  }

  function goTo(place) {
    const latlng = window.L.latLng(place.lat, place.lon);
    const bounds = place.kind in CODE_LENGTHS ? boundsOf(place.id) : null;
    const area = outlines.find((one) => one.code === place.area);
    map.once("moveend", () => {
      show(
        latlng,
        node("article", "popup", [
          node("h3", "", place.name),
          node("p", "popup-mark", KINDS[place.kind] + (place.detail ? " · " + place.detail : "")),
          area
            ? filterButton(area.code, "Saring halaman ke " + titleOf(area))
            : node("p", "", "Di luar wilayah Jakarta"),
        ])
      );
    });
    if (bounds) fit(bounds, true);
    else if (moving()) map.flyTo(latlng, 15, { duration: 0.8 });
    else map.setView(latlng, 15, { animate: false });
  }

  const ask = (text) =>
    fetch("/geo/cari.json?q=" + encodeURIComponent(text)).then((answer) => (answer.ok ? answer.json() : null));

  // Before the search field hears of it, which forgets what was chosen when it is.
  const onKey = (event) => {
    if (event.key === "Escape" && map && !document.querySelector("dialog[open]")) map.closePopup();
    const field = event.target;
    // Without an option under the arrow keys the list does nothing; the best hit is what is meant.
    if (event.key !== "Enter" || !field.closest || !field.closest(".place-search")) return;
    if (!field.value || document.querySelector("[data-combobox-selected]")) return;
    ask(field.value)
      .then((list) => {
        if (!list || list.length === 0) return;
        field.blur();
        goTo(list[0]);
      })
      .catch(() => null);
  };
  document.addEventListener("keydown", onKey, { capture: true });

  komando().act("read-map", read);

  window.komando = Object.assign(window.komando || {}, {
    map: {
      current: () => (map && map.getContainer().isConnected ? map : null),
      pick: (picked) => (awaited = picked),
      color: color,
      symbol: symbol,
      line: line,
      cluster: cluster,
      bind: bind,
      land: land,
      river: river,
      outline: outline,
      keepOutline: keepOutline,
      placeName: placeName,
    },
  });

  window.dashMantineFunctions = Object.assign(window.dashMantineFunctions || {}, {
    asFound: ({ options }) => options,
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.komando = Object.assign(window.dash_clientside.komando || {}, {
    mapLayer: function (newest, address, shown, about, drawn) {
      if (!newest || !address || !about) return unchanged();
      versions = komando().versions();
      if (judge(about)) eachDrawn((layer, drawnFor) => drawnFor.id === about.id && draw(layer));
      const before = held.get(about.id);
      if (!shown) {
        if (before) before.stop();
        held.set(about.id, null);
        return drawn && drawn.features.length > 0 ? EMPTY : unchanged();
      }
      const query = komando().query(address, about.params);
      // A replayed moment stays as it is, whatever comes in meanwhile.
      const isPast = komando().replayed(address) !== null;
      const signature = isPast ? null : komando().signature(newest, about.feeds);
      const version = isPast ? "" : "v=" + encodeURIComponent(signature) + "&";
      const url = "/geo/" + about.id + ".geojson?" + version + query;
      if (before && before.url === url) {
        if (before.data === null) return before.promise;
        setTimeout(ready, 0);
        return before.data === drawn ? unchanged() : before.data;
      }
      if (before) before.stop();
      // Data redraw a layer at most every few seconds; a reader's choice does so at once.
      const isData = before && before.query === query;
      const waitMs = isData ? Math.max(0, before.at + 1000 * about.rest - Date.now()) : 0;
      return load(about, { url: url, query: query, signature: signature }, waitMs, before);
    },

    mapCounts: function (newest, address) {
      if (!newest || !address) return;
      const version = komando().replayed(address) === null ? newest.tag : "";
      const wanted = komando().query(address, []) + "|" + version;
      if (wanted === counted) return;
      counted = wanted;
      clearTimeout(counting);
      // Who scrubs through time sees the layers that are shown; the others are counted at rest.
      counting = setTimeout(count, version ? 0 : REST_MS);
    },

    mapArea: function (address) {
      if (!address) return;
      const wanted = address.query.wilayah || WHOLE_CITY;
      if (wanted === chosen) return;
      chosen = wanted;
      highlight(true);
    },

    mapSearch: function (text) {
      const turn = (asked += 1);
      const same = [unchanged(), unchanged()];
      if (!text || text.trim().length < 2) return [[], TOO_SHORT];
      // Picking an option writes its label into the field: that is not a new question.
      return sleep(SEARCH_MS)
        .then(() => (turn === asked ? ask(text) : null))
        .then((list) => (list === null || turn !== asked ? same : [options(list), "Tidak ditemukan"]))
        .catch(() => same);
    },

    mapGo: function (value) {
      if (value && map && found.has(value)) goTo(found.get(value));
    },
  });
})();
