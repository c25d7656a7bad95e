// The wall: it chooses the layout by the room there is, leaves out what finds none, lets scenes take
// turns, and puts what is abnormal on the map. Nothing is made smaller than the distance allows.
// assets/_core.js brings the panels, assets/dinding-hidup.js the supervisor's orders and the night.
(function () {
  "use strict";

  const POLL_MS = 1000;
  const TURN_MS = 20000;
  const STEADY_MS = 30000;
  const LOOK_MS = 5000;
  const SEAM_PX = 24;
  // Where the walls' own panels meet, as shares of the screen, if the address does not say.
  const USUAL_SEAMS = { satu: [[], []], penuh: [[], []], dua: [[1 / 2], []], enam: [[1 / 3, 2 / 3], [1 / 2]] };
  const GATE_FORMS = { satu: ["kartu", "rapat"], penuh: ["ringkas", "rapat"], dua: ["rapat"], enam: ["kartu", "ringkas", "rapat"] };
  // As many units wide, one screen holds the whole strip of gates; as many high, two tiles of a scene.
  const FULL_UNITS = 48;
  // On less, the map leaves.
  const NARROW_UNITS = 28;
  const TILE_UNITS = 4.2;
  const LINE_UNITS = 3.05;
  const LEAST_GATES = 3;
  // A screen as high as this has room for all gates.
  const TALL_UNITS = 32;
  const STRIP_SHARE = { tall: 0.4, other: 0.25 };
  // A smaller map has no room for an inset.
  const INSET_UNITS = [14, 8];
  const TWO_ROOMS_UNITS = 9.6;
  const TWO_ROWS_UNITS = 12;
  // Of a picture of a camera, so that it shows more than its name.
  const PICTURE_UNITS = [9, 5];
  const URGENT = ["siaga1", "siaga2"];

  // ── Pure parts ─────────────────────────────────────────────────────────────────────────────

  function layoutOf(width, height, unit) {
    const aspect = width / height;
    if (aspect >= 3) return "dua";
    if (aspect >= 2.2) return "enam";
    return width / unit < FULL_UNITS ? "satu" : "penuh";
  }

  const numbers = (text) => (text || "").split(",").filter(Boolean).map(Number);

  // "1920,3840x1080" as the positions of vertical and horizontal seams that lie on the screen.
  function readSeams(text, layout, width, height) {
    if (text === "tanpa") return { x: [], y: [] };
    const inside = (list, size) => list.filter((at) => at > 0 && at < size).sort((one, other) => one - other);
    if (text) {
      const [x, y] = text.split("x");
      return { x: inside(numbers(x), width), y: inside(numbers(y), height) };
    }
    const [x, y] = USUAL_SEAMS[layout];
    return { x: x.map((share) => share * width), y: y.map((share) => share * height) };
  }

  // Which scene is shown, and who holds it: an order before an alarm, an alarm before the address.
  function choose({ order, alarm, address, turn, scenes }) {
    const held = [["perintah", order], ["alarm", alarm], ["alamat", address]].find(([, scene]) => scenes.includes(scene));
    return held ? { scene: held[1], by: held[0] } : { scene: scenes[turn % scenes.length], by: null };
  }

  // The order that is shown: the wanted one, unless it would move what was moved a moment ago.
  // What is new stands where it belongs at once.
  function keepOrder(before, wanted) {
    const stays = before.filter((key) => wanted.includes(key));
    let next = 0;
    return wanted.map((key) => (before.includes(key) ? stays[next++] : key));
  }

  const overlaps = (one, other) =>
    one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

  // Where the words of a mark may stand, best first: beside, above and below it, and so that its
  // first or last letter is over it. Farther away, a line leads from the mark to its words.
  const SPOTS = [[1, 0.5], [-1, 0.5], [0.5, -1], [0.5, 1], [1, 0], [1, 1], [-1, 0], [-1, 1], [0, -1], [0, 1], [1, -1], [1, 1]]
    .map(([across, down], number) => ({ across: across, down: down, isBeside: number < 2 || (number > 3 && number < 8) }));
  const [NEAR, FAR] = [[1, 2.4, 4], [6, 8.5, 11.5]];
  // A mark of a greater rank gives way to the words of one up to it.
  const FIRM_RANK = 20;

  function spot(box, { across, down, isBeside }, reach) {
    const left = isBeside ? (across > 0 ? box.x + reach : box.x - reach - box.width) : box.x - across * box.width;
    const top = isBeside ? box.y - down * box.height : down > 0 ? box.y + reach : box.y - reach - box.height;
    return { left: left, top: top, right: left + box.width, bottom: top + box.height };
  }

  // Give each box, gravest first, a place that touches no other and no seam; null where there is
  // none. Of one rank all that find room nearby have it before one of them goes farther. The gravest
  // rather cover lesser marks than go far.
  function placeLabels(boxes, taken, frame, reach) {
    const used = taken.slice();
    const places = boxes.map(() => null);
    const isInside = (one) =>
      one.left >= frame.left && one.right <= frame.right && one.top >= frame.top && one.bottom <= frame.bottom;
    const ranks = [...new Set(boxes.map((box) => box.rank))].sort((one, other) => one - other);
    for (const rank of ranks) {
      const firm = rank > FIRM_RANK ? used : used.filter((one) => !(one.rank > FIRM_RANK));
      for (const [rings, taboo] of [[NEAR, used], [NEAR, firm], [FAR, used], [FAR, firm]]) {
        const isFree = (one) => isInside(one) && !taboo.some((other) => overlaps(one, other));
        for (const ring of rings) {
          boxes.forEach((box, number) => {
            if (box.rank !== rank || places[number] || (box.near && ring > 1)) return;
            const found = SPOTS.map((one) => spot(box, one, ring * reach)).find(isFree);
            if (!found) return;
            new Set([used, firm]).forEach((list) => list.push(found));
            places[number] = found;
          });
        }
      }
    }
    return places;
  }

  // Which gates are shown: those at Siaga 1, then those at Siaga 2, then the others. Those of the
  // first rank that does not find room take turns.
  function gatesShown(gates, room, turn) {
    const chosen = new Set();
    for (const rank of [1, 2, 3]) {
      const keys = gates.filter((gate) => gate.rank === rank).map((gate) => gate.key);
      const many = Math.min(room - chosen.size, keys.length);
      const from = many ? (turn * many) % keys.length : 0;
      keys.concat(keys).slice(from, from + many).forEach((key) => chosen.add(key));
    }
    return gates.map((gate) => gate.key).filter((key) => chosen.has(key));
  }

  const komando = (window.komando = Object.assign(window.komando || {}, {
    wall: {
      choose: choose, gatesShown: gatesShown, keepOrder: keepOrder, layoutOf: layoutOf,
      placeLabels: placeLabels, readSeams: readSeams,
    },
  }));

  const root = document.getElementById("dinding");
  if (!root) return;

  // ── The screen ─────────────────────────────────────────────────────────────────────────────

  const body = document.body;
  const all = (query, inside = root) => Array.from(inside.querySelectorAll(query));
  const unit = () => parseFloat(getComputedStyle(body).getPropertyValue("--u"));
  let layout = "";
  let seams = { x: [], y: [] };
  let pages = [];
  let turn = 0;
  let turnedAt = performance.now();
  let gateTurn = 0;
  let cameraTurn = 0;
  let orders = { scene: null, extent: null, camera: null };
  let chosen = { scene: "", by: null };
  let drawnAt = null;

  function arrange() {
    const [width, height, u] = [window.innerWidth, window.innerHeight, unit()];
    layout = layoutOf(width, height, u);
    seams = readSeams(root.dataset.seams, layout, width, height);
    body.dataset.layout = layout;
    body.dataset.narrow = layout === "satu" && width / u < NARROW_UNITS ? "yes" : "";
    const thirds = [width / 3, (2 * width) / 3];
    const [x1, x2] = seams.x.length > 1 ? seams.x : thirds;
    const set = (name, px) => body.style.setProperty(name, px + "px");
    set("--width", width);
    set("--x1", layout === "dua" ? seams.x[0] || width / 2 : x1);
    set("--x2", x2);
    set("--y1", seams.y[0] || height / 2);
    set("--bar-height", Math.max(0.06 * height, 3.1 * u));
    const cameraHeight = (x1 / 3) * (9 / 16);
    set("--camera-height", cameraHeight);
    // Where there is no room for two rows of tiles, air and weather leave.
    body.dataset.rows = (height - (seams.y[0] || height / 2) - cameraHeight) / u < TWO_ROWS_UNITS ? 1 : 2;
    settle();
  }

  function settle() {
    brief();
    placeGates();
    deal();
    show();
    // Some that had no room until now have a heading too.
    brief();
    all(".zone").forEach(fit);
    placeCameras();
    placeMarks();
  }

  // ── Leaving out ────────────────────────────────────────────────────────────────────────────

  const isFull = (node) => node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1;

  // What leaves first has the greatest number; of a list, the last row.
  const leaving = (zone) =>
    all("[data-leave], .rows > li, .exceptions > li:not([data-rest]), .status-asks > li", zone)
      .map((node) => ({
        node: node,
        rank: node.dataset.leave ? Number(node.dataset.leave) : 2 + Array.from(node.parentNode.children).indexOf(node) / 100,
      }))
      .sort((one, other) => other.rank - one.rank)
      .map((one) => one.node);

  function fit(zone) {
    const bodyOf = zone.querySelector(".panel-body");
    if (!bodyOf || zone.classList.contains("zone-pintu")) return;
    const nodes = leaving(zone);
    nodes.forEach((node) => node.classList.remove("is-left-out"));
    const tooMuch = () => isFull(zone) || isFull(bodyOf) || all(".status-asks", zone).some(isFull);
    all("[data-rest]", zone).forEach((rest) => (rest.hidden = true));
    for (const node of nodes) {
      if (!tooMuch()) break;
      node.classList.add("is-left-out");
      tellRest(node.parentNode);
    }
    count(zone);
    return nodes.filter((node) => node.classList.contains("is-left-out"));
  }

  // What stands for those of a list that were left out, unless all were.
  function tellRest(list) {
    const parts = Array.from(list.children);
    for (const rest of parts.filter((one) => one.dataset.rest)) {
      const kind = parts.filter((one) => one !== rest && one.dataset.kind === rest.dataset.kind);
      const gone = kind.filter((one) => one.classList.contains("is-left-out")).length;
      rest.hidden = !gone || gone === kind.length;
      const words = (rest.matches(".rest") ? ", +" : "+") + gone + " " + rest.dataset.rest;
      (rest.querySelector(".rest") || rest).textContent = words;
    }
  }

  function count(zone) {
    const list = zone.querySelector("ol[data-all]");
    const place = zone.querySelector(".zone-count");
    if (!place) return;
    const shown = list ? new Set(all("li:not(.is-left-out, [hidden])", list).map((item) => item.dataset.kind)).size : 0;
    const gone = list ? Number(list.dataset.all) - shown : 0;
    place.textContent = gone > 0 ? "+" + gone + " lain" : "";
  }

  // A heading has one line. Its age leaves first, as long as the data are fresh; then the words
  // DATA SIMULASI, if the bar says them of the whole screen; then the title of a tile, which its
  // figure tells too.
  // The bar without the date, without the picture of the status, without what it is a status of, and
  // at last in two lines.
  const BRIEFER = ["is-brief", "is-briefer", "is-briefest", "is-stacked"];

  const sticksOut = (node) => {
    const [inner, outer] = [node.getBoundingClientRect(), node.closest(".wall-bar").getBoundingClientRect()];
    return inner.left < outer.left - 1 || inner.right > outer.right + 1;
  };

  function brief() {
    const zones = all(".zone");
    const marked = zones.filter((zone) => zone.querySelector(".mark-simulated"));
    const known = zones.filter((zone) => komando.versions() && zone.dataset.state);
    const isAll = !body.dataset.narrow && marked.length > 0 && marked.length === known.length;
    document.getElementById("dinding-simulasi").hidden = !isAll;
    body.dataset.simulated = isAll ? "yes" : "";
    const bar = root.querySelector(".wall-bar");
    bar.classList.remove(...BRIEFER);
    for (const look of BRIEFER) {
      if (bar.scrollWidth <= bar.clientWidth + 1 && !all(".wall-time, .status-now", bar).some(sticksOut)) break;
      bar.classList.add(look);
    }
    root.querySelector(".map-badge").hidden = isAll && layout === "satu";
    root.querySelector(".zone-kamera").classList.toggle("is-unmarked", isAll && layout === "enam");
    for (const zone of zones) {
      const head = zone.querySelector(".zone-head");
      if (!head) continue;
      zone.classList.remove("is-brief", "is-briefer", "is-untitled");
      const isHigh = () => head.offsetHeight > 1.9 * unit();
      if (isHigh()) zone.classList.add("is-brief");
      if (isHigh() && isAll) zone.classList.add("is-briefer");
      if (isHigh() && zone.dataset.scene) zone.classList.add("is-untitled");
    }
  }

  // ── Lists that stand still ─────────────────────────────────────────────────────────────────

  const orderOf = new Map();

  function steady(slot) {
    all(".rows, .exceptions", slot).forEach((list, number) => {
      const id = slot.dataset.panel + ":" + number;
      const items = new Map(Array.from(list.children).map((item) => [item.dataset.key, item]));
      const wanted = Array.from(items.keys());
      const last = orderOf.get(id);
      if (!last) {
        orderOf.set(id, { keys: wanted, at: -STEADY_MS });
        return;
      }
      clearTimeout(last.timer);
      const kept = keepOrder(last.keys, wanted);
      const moves = kept.join("\n") !== wanted.join("\n");
      const rest = last.at + STEADY_MS - performance.now();
      const wait = moves && rest > 0;
      const keys = wait ? kept : wanted;
      if (wait) keys.forEach((key) => list.append(items.get(key)));
      orderOf.set(id, {
        keys: keys,
        at: moves && !wait ? performance.now() : last.at,
        timer: wait ? setTimeout(() => resettle(slot, list, wanted), rest) : 0,
      });
    });
  }

  function resettle(slot, list, wanted) {
    const items = new Map(Array.from(list.children).map((item) => [item.dataset.key, item]));
    wanted.forEach((key) => items.has(key) && list.append(items.get(key)));
    const id = slot.dataset.panel + ":" + all(".rows, .exceptions", slot).indexOf(list);
    orderOf.set(id, { keys: wanted, at: performance.now() });
    fit(slot);
  }

  // ── Scenes ─────────────────────────────────────────────────────────────────────────────────

  const scenes = root.dataset.scenes.split(" ").map((id, number) => ({ id: id, title: root.dataset.titles.split("|")[number] }));

  // One room shows one tile at a time, two rooms the tiles of a scene together.
  function deal() {
    const isFixed = layout === "enam";
    const stays = (zone) => isFixed || (layout === "dua" && zone.classList.contains("zone-pompa"));
    all(".zone[data-scene]").forEach((zone) => zone.classList.toggle("is-fixed", stays(zone)));
    const turning = all(".zone[data-scene]:not(.is-fixed)");
    const rooms = isFixed ? 1 : makeRooms();
    const found = [];
    for (const scene of scenes) {
      const zones = turning.filter((zone) => zone.dataset.scene === scene.id && (rooms || zone.querySelector(".figures, .camera-tiles")));
      zones.forEach((zone) => zone.classList.remove("is-second"));
      if (rooms === 2 && zones.length) {
        zones.slice(1).forEach((zone) => zone.classList.add("is-second"));
        found.push({ scene: scene.id, zones: zones });
      } else zones.forEach((zone) => found.push({ scene: scene.id, zones: [zone] }));
    }
    pages = isFixed ? [] : found;
  }

  // What needs attention comes first, unless the supervisor ordered a scene; what it leaves is room
  // for the first figure of a tile, for one tile or for two.
  function makeRooms() {
    const zone = root.querySelector(".zone-perhatian");
    const map = root.querySelector(".zone-peta");
    body.dataset.rooms = 1;
    body.style.setProperty("--second", "auto");
    // Beside the pumps, a tile has their height too.
    const beside = layout === "dua" ? root.querySelector(".zone-pompa").offsetHeight : 0;
    const setTile = (units) => body.style.setProperty("--tile", Math.max(0, units * unit() - beside) + "px");
    setTile(TILE_UNITS);
    all(".zone.is-second").forEach((one) => one.classList.remove("is-second"));
    const isOrdered = Boolean(orders.scene && (layout === "dua" || orders.scene.value !== "kamera"));
    const leftOut = fit(zone) || [];
    const cut = !isOrdered && leftOut.some((node) => node.parentNode.matches(".exceptions"));
    // In the line, what says that only some of the data are simulated stands above the figure.
    const isMarked = !body.dataset.simulated && root.querySelector("[data-scene] .mark-simulated");
    if (cut && !isMarked) setTile(LINE_UNITS);
    const left = (map.getBoundingClientRect().bottom - zone.getBoundingClientRect().bottom) / unit();
    const rooms = cut ? 0 : left >= TWO_ROOMS_UNITS && layout !== "dua" ? 2 : 1;
    body.style.setProperty("--second", rooms === 2 ? "1fr" : "auto");
    body.dataset.rooms = rooms;
    return rooms;
  }

  function alarmScene() {
    const urgent = all(".exceptions > li").find(
      (item) => URGENT.includes(item.dataset.severity) && item.dataset.waits === "yes" && item.dataset.scene
    );
    return urgent ? urgent.dataset.scene : null;
  }

  function show() {
    const before = chosen.scene + chosen.by;
    const ids = pages.map((page) => page.scene);
    if (!pages.length) chosen = { scene: "", by: null };
    else {
      chosen = choose({
        // Who asks for a camera and for no scene wants to see it.
        order: orders.scene ? orders.scene.value : orders.camera && "kamera",
        alarm: alarmScene(),
        address: root.dataset.sceneWanted,
        turn: turn,
        scenes: ids,
      });
    }
    const page = chosen.by ? pages.find((one) => one.scene === chosen.scene) : pages[turn % pages.length];
    const shown = new Set(page ? page.zones : []);
    all(".zone[data-scene]").forEach((zone) => zone.classList.toggle("is-shown", shown.has(zone) || zone.classList.contains("is-fixed")));
    body.dataset.scene = chosen.scene;
    if (before !== chosen.scene + chosen.by) placeMarks();
  }

  // ── Gates ──────────────────────────────────────────────────────────────────────────────────

  function placeGates() {
    const zone = root.querySelector(".zone-pintu");
    const list = zone.querySelector(".gates");
    if (!list) return;
    const pumps = root.querySelector(".zone-pompa");
    pumps.classList.remove("is-left-out");
    const items = Array.from(list.children);
    items.forEach((item) => item.classList.remove("is-left-out"));
    const gates = items.map((item) => ({ key: item.dataset.key, rank: Math.min(3, Number(item.dataset.siaga) || 3) }));
    const pinned = gates.filter((gate) => gate.rank < 3).length;
    const sizes = GATE_FORMS[layout].map((form) => measure(list, form));
    let best = bestForm(zone, sizes, gates.length, pinned);
    if (layout === "dua" && best.columns * best.rows < pinned) {
      pumps.classList.add("is-left-out");
      best = bestForm(zone, sizes, gates.length, pinned);
    }
    // The strip grows where it must, but leaves room for the map; a column cannot grow.
    const isTall = window.innerHeight / unit() > TALL_UNITS;
    const most = Math.max(1, Math.floor((STRIP_SHARE[isTall ? "tall" : "other"] * window.innerHeight) / best.height));
    const wanted = Math.ceil((isTall ? gates.length : pinned) / best.columns);
    const rows = isStrip() ? Math.min(most, Math.max(best.rows, wanted)) : best.rows;
    const room = best.columns * rows;
    const shown = new Set(gatesShown(gates, room, gateTurn));
    list.dataset.form = best.form;
    const across = Math.ceil(shown.size / Math.ceil(shown.size / best.columns));
    list.style.setProperty("--columns", layout === "satu" ? best.columns : across);
    items.forEach((item) => item.classList.toggle("is-left-out", !shown.has(item.dataset.key)));
    zone.querySelector(".zone-count").textContent = shown.size < gates.length ? shown.size + " dari " + gates.length : "";
  }

  const isStrip = () => layout === "satu" || layout === "penuh";

  function bestForm(zone, sizes, count, pinned) {
    const box = zone.querySelector(".panel-body");
    const stripRows = layout === "penuh" ? 3 : 1;
    const fits = sizes.map((size) => {
      const columns = Math.floor((box.clientWidth + size.gapX) / (size.width + size.gapX));
      const strip = stripRows * (sizes[0].height + size.gapY) - size.gapY;
      const height = isStrip() ? Math.max(strip, size.height) : box.clientHeight;
      const rows = Math.floor((height + size.gapY) / (size.height + size.gapY));
      return { form: size.form, columns: Math.min(count, Math.max(1, columns)), rows: Math.max(1, rows), height: size.height };
    });
    const holds = (least) => fits.find((one) => one.columns * one.rows >= least);
    return holds(count) || holds(Math.max(pinned, LEAST_GATES)) || fits[fits.length - 1];
  }

  function measure(list, form) {
    const before = list.dataset.form;
    list.dataset.form = form;
    list.classList.add("is-measured");
    const boxes = Array.from(list.children).map((item) => item.getBoundingClientRect());
    const style = getComputedStyle(list);
    const found = {
      form: form,
      width: Math.max(...boxes.map((box) => box.width)),
      height: Math.max(...boxes.map((box) => box.height)),
      gapX: parseFloat(style.columnGap),
      gapY: parseFloat(style.rowGap),
    };
    list.classList.remove("is-measured");
    list.dataset.form = before || form;
    return found;
  }

  // ── Cameras ────────────────────────────────────────────────────────────────────────────────

  // As many tiles as there is room for; the next ones at the next turn. Only those that are seen
  // have a camera, for assets/cctv.js fetches the picture of every one that has.
  function placeCameras() {
    const zone = root.querySelector(".zone-kamera");
    const list = zone && zone.querySelector(".camera-tiles");
    if (!list) return;
    const [wide, high] = PICTURE_UNITS.map((size) => size * unit());
    const across = layout === "enam" ? 6 : Math.max(1, Math.floor(list.clientWidth / wide));
    const room = layout === "enam" ? 6 : across * Math.max(1, Math.floor(list.clientHeight / high));
    all("[data-ordered]", list).forEach((tile) => tile.dataset.key !== (orders.camera || {}).value && tile.remove());
    const isListed = (tile) => orders.camera && tile.dataset.key === orders.camera.value;
    if (orders.camera && !Array.from(list.children).some(isListed)) list.prepend(orderedTile(list.firstElementChild));
    const tiles = Array.from(list.children);
    const wanted = tiles.findIndex(isListed);
    const from = wanted >= 0 ? wanted : tiles.length > room ? (cameraTurn * room) % tiles.length : 0;
    const shown = new Set(tiles.concat(tiles).slice(from, from + Math.min(room, tiles.length)));
    const isSeen = zone.classList.contains("is-shown") && list.clientHeight > 0;
    let moved = false;
    list.style.setProperty("--across", across);
    tiles.forEach((tile) => {
      tile.classList.toggle("is-left-out", !shown.has(tile));
      tile.classList.toggle("is-fourth", tiles.filter((one) => shown.has(one)).indexOf(tile) === 3);
      const picture = tile.querySelector(".camera-picture");
      const camera = isSeen && shown.has(tile) ? tile.dataset.key : undefined;
      if (picture.dataset.camera === camera) return;
      moved = true;
      if (camera) picture.dataset.camera = camera;
      else {
        delete picture.dataset.camera;
        picture.replaceChildren();
      }
    });
    if (moved && komando.pictures) komando.pictures.poll();
  }

  // The camera that the supervisor chose, where the panel does not have it.
  function orderedTile(model) {
    const tile = model.cloneNode(true);
    all(".camera-word", tile).forEach((node) => node.remove());
    tile.dataset.ordered = "yes";
    tile.dataset.key = orders.camera.value;
    tile.querySelector(".camera-name").textContent = orders.camera.title;
    const picture = tile.querySelector(".camera-picture");
    picture.replaceChildren();
    delete picture.dataset.camera;
    return tile;
  }

  // ── The map ────────────────────────────────────────────────────────────────────────────────

  const picture = root.querySelector(".wall-picture");
  const home = picture.getAttribute("viewBox");

  // The units of dashboards/wall_map.py.
  function placeUnits(lon, lat) {
    const shorter = Math.cos((6.2 * Math.PI) / 180);
    return [(lon - 106) * shorter * 10000, (-5 - lat) * 10000];
  }

  function viewBox() {
    const bounds = orders.extent && orders.extent.bounds;
    if (!orders.extent) return home;
    if (!bounds) return root.dataset.city;
    const [[south, west], [north, east]] = bounds;
    const [left, top] = placeUnits(west, north);
    const [right, bottom] = placeUnits(east, south);
    return [left, top, right - left, bottom - top].map(Math.round).join(" ");
  }

  function placeMarks() {
    const zone = root.querySelector(".zone-peta");
    const { clientWidth: width, clientHeight: height } = zone;
    if (!width || !height) return;
    const box = viewBox();
    all(":scope > .wall-picture, .wall-over", zone).forEach((one) => one.setAttribute("viewBox", box));
    fillFlooded(zone);
    const [left, top, wide, high] = box.split(" ").map(Number);
    const scale = Math.min(width / wide, height / high);
    const at = (node) => ({
      x: (width - wide * scale) / 2 + (Number(node.dataset.x) - left) * scale,
      y: (height - high * scale) / 2 + (Number(node.dataset.y) - top) * scale,
    });
    const u = unit();
    const reach = 0.75 * u;
    const edge = 0.75 * u;
    const inside = ({ x, y }) => x >= 0 && x <= width && y >= 0 && y <= height;
    const clamp = ({ x, y }) => ({ x: Math.min(width - edge, Math.max(edge, x)), y: Math.min(height - edge, Math.max(edge, y)) });
    const inset = zone.querySelector(".map-inset");
    inset.hidden = width < INSET_UNITS[0] * u || height < INSET_UNITS[1] * u;
    const origin = zone.getBoundingClientRect();
    const away = SEAM_PX + 0.7 * u;
    const offSeam = (at, seamsAt, from) => {
      const seam = seamsAt.map((one) => one - from).find((one) => Math.abs(at - one) < away);
      return seam === undefined ? at : at < seam ? seam - away : seam + away;
    };
    const stripes = seams.x
      .map((x) => ({ left: x - origin.left - SEAM_PX, right: x - origin.left + SEAM_PX, top: -1e6, bottom: 1e6 }))
      .concat(seams.y.map((y) => ({ left: -1e6, right: 1e6, top: y - origin.top - SEAM_PX, bottom: y - origin.top + SEAM_PX })));
    const fixed = all(".map-badge:not([hidden]), .map-inset:not([hidden])", zone).map((node) => {
      const one = node.getBoundingClientRect();
      return { left: one.left - origin.left, right: one.right - origin.left, top: one.top - origin.top, bottom: one.bottom - origin.top };
    });
    const symbolOf = ({ x, y, rank }) => ({ left: x - 0.5 * u, right: x + 0.5 * u, top: y - 0.5 * u, bottom: y + 0.5 * u, rank: rank });
    const marks = all(".map-mark", zone)
      .map((node) => ({ node: node, at: at(node), rank: Number(node.dataset.rank) }))
      .filter(({ node, at: point }) => {
        const shown = (inside(point) || node.dataset.beyond === "yes") && isOfScene(node);
        node.hidden = !shown;
        return shown && getComputedStyle(node).display !== "none";
      })
      .sort((one, other) => one.rank - other.rank);
    marks.forEach((mark) => {
      Object.assign(mark, clamp(mark.at));
      // What comes from beyond stands at the edge, one beside the other.
      const others = marks.filter((other) => other !== mark && "x" in other && other.rank <= mark.rank);
      const isTaken = () =>
        others.some((other) => Math.hypot(other.x - mark.x, other.y - mark.y) < 1.2 * u) ||
        fixed.some((box) => overlaps(symbolOf(mark), box));
      while (!inside(mark.at) && isTaken()) {
        if (mark.x + 1.2 * u > width - edge) break;
        mark.x += 0.3 * u;
      }
      mark.x = offSeam(mark.x, seams.x, origin.left);
      mark.y = offSeam(mark.y, seams.y, origin.top);
      mark.node.style.transform = "translate(" + Math.round(mark.x) + "px," + Math.round(mark.y) + "px)";
    });
    // Where symbols would lie on each other, the lesser one gives way, unless it is Siaga 1 or 2.
    const symbols = [];
    const drawn = marks.filter((mark) => {
      const symbol = symbolOf(mark);
      const isHidden = mark.rank > FIRM_RANK && symbols.some((other) => overlaps(symbol, other));
      mark.node.hidden = isHidden;
      if (!isHidden && mark.node.dataset.spoken !== "yes") symbols.push(symbol);
      return !isHidden;
    });
    const labels = drawn.map((mark) => mark.node.querySelector(".map-label"));
    const sizes = labels.map((label, number) => ({
      x: drawn[number].x,
      y: drawn[number].y,
      width: label.offsetWidth,
      height: label.offsetHeight,
      near: drawn[number].rank > FIRM_RANK,
      rank: drawn[number].rank,
    }));
    const frame = { left: 0.2 * u, top: 0.2 * u, right: width - 0.2 * u, bottom: height - 0.2 * u };
    const taken = symbols.concat(stripes, fixed);
    const placed = placeLabels(sizes, taken, frame, reach);
    // Graver words may lie on the symbol of a lesser mark, and later ones on that of a mark that is
    // shown only with its words.
    const isCovered = (mark, number) =>
      mark.rank > FIRM_RANK &&
      placed.some((place, other) => place && other !== number && overlaps(place, symbolOf(mark)));
    drawn.forEach((mark, number) => {
      if (!isCovered(mark, number)) return;
      placed[number] = null;
      mark.node.hidden = true;
    });
    const leaders = [];
    placed.forEach((place, number) => {
      const { node, x, y } = drawn[number];
      const label = labels[number];
      label.style.visibility = place ? "" : "hidden";
      // What is only said in words has no symbol without them.
      if (!place && node.dataset.spoken === "yes") node.hidden = true;
      if (!place) return;
      label.style.transform = "translate(" + Math.round(place.left - x) + "px," + Math.round(place.top - y) + "px)";
      const [toX, toY] = [Math.min(place.right, Math.max(place.left, x)), Math.min(place.bottom, Math.max(place.top, y))];
      if (Math.hypot(toX - x, toY - y) > 1.3 * reach) leaders.push("M" + [x, y, toX, toY].map(Math.round).join(" "));
    });
    zone.querySelector(".map-leaders path").setAttribute("d", leaders.join(""));
    placeNames(zone, at, taken.concat(placed.filter(Boolean)), frame);
  }

  function fillFlooded(zone) {
    const depth = new Map(all("[data-flooded]", zone).map((node) => [node.dataset.flooded, node.dataset.depth]));
    all("[data-kelurahan]", zone).forEach((path) => {
      const found = depth.get(path.dataset.kelurahan) || "";
      if ((path.dataset.depth || "") !== found) path.dataset.depth = found;
    });
  }

  function placeNames(zone, at, taken, frame) {
    const names = all(".map-name", zone);
    const boxes = names.map((node) => Object.assign(at(node), { width: node.offsetWidth, height: node.offsetHeight, near: true, rank: 0 }));
    const placed = placeLabels(boxes, taken, frame, 0);
    names.forEach((node, number) => {
      const place = placed[number];
      node.style.visibility = place ? "" : "hidden";
      if (place) node.style.transform = "translate(" + Math.round(place.left) + "px," + Math.round(place.top) + "px)";
    });
  }

  // A wall with a place for everything shows the marks of every scene.
  const isOfScene = (node) => layout === "enam" || layout === "dua" || !node.dataset.of || node.dataset.of === chosen.scene;

  // ── Life ───────────────────────────────────────────────────────────────────────────────────

  function second() {
    const now = performance.now();
    if (now - turnedAt >= TURN_MS) {
      turnedAt = now;
      turn += chosen.by ? 0 : 1;
      gateTurn += 1;
      cameraTurn += 1;
      show();
      placeGates();
      placeCameras();
    }
    showReplay();
  }

  function showReplay() {
    const at = komando.replayed(komando.readAddress());
    const place = document.getElementById("dinding-putar");
    place.hidden = at === null;
    place.textContent = at === null ? "" : "PUTAR ULANG " + komando.clock(at) + " WIB";
  }

  function take(given) {
    orders = given;
    // The panel of the cameras brings the ordered one, wherever in the city it stands.
    const camera = given.camera ? given.camera.value : null;
    if ((komando.readAddress().query.kamera || null) !== camera) komando.go({ kamera: camera });
    show();
    placeMarks();
  }

  komando.wall.take = take;

  document.addEventListener("komando:gambar", (event) => {
    drawnAt = komando.present();
    const slot = event.detail.slot;
    steady(slot);
    settle();
  });
  document.addEventListener("komando:detak", () => {
    const heart = root.querySelector(".heart");
    if (document.documentElement.dataset.lost !== "yes") heart.classList.toggle("is-beat");
  });
  window.addEventListener("resize", arrange);
  document.fonts.addEventListener("loadingdone", arrange);
  setInterval(second, 1000);
  // Ages grow longer, and numbers turn stale, without any news.
  setInterval(settle, LOOK_MS);
  arrange();
  komando.follow({ every: POLL_MS, jitter: 0 });
  document.addEventListener("DOMContentLoaded", () => {
    if (!komando.life) return;
    komando.life.start({
      root: root,
      name: root.dataset.name,
      scenes: layout === "enam" ? [] : scenes,
      scene: () => chosen.scene,
      pictureAt: () => drawnAt,
      calm: () => alarmScene() === null,
      take: take,
    });
  });
})();
