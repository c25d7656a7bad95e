// The life of a wall that nobody touches: it says that it is alive, takes the supervisor's orders,
// follows the city's night, wanders by a few pixels, and loads itself anew when it should.
//
// assets/dinding.js hands over the wall once, with komando.life.start(wall):
//   root       the canvas: what wanders
//   name       as in ?nama=
//   scenes     [{id, title}] that the supervisor may choose from
//   scene()    id of the scene on the screen
//   pictureAt()  city time of the newest picture, ms; null before the first
//   calm()     whether nothing on the screen is alarming: a planned reload waits for it
//   take(orders)  {scene, extent, camera}, each null or {value, title, until, bounds?}; called when
//              one of them changes
(function () {
  "use strict";

  const ASK_MS = 1700;
  const ASK_TIMEOUT_MS = 5000;
  const SAY_MS = 10000;
  const MINUTE_MS = 60000;
  const DAY_MS = 86400000;
  const WIB_MS = 7 * 3600000;
  // The day of a wall begins when nobody looks at it: 04.30 WIB.
  const DAY_BEGINS_MS = 4.5 * 3600000;
  const WASH_MS = 20000;
  const ORBIT_PX = 24;
  const ORBIT_SHARE = 0.015;
  const ORBIT_STEP_PX = 2;
  const HEAP_LIMIT_MB = 400;
  const HEAP_GROWTH_MB = 150;
  const HEAP_SAMPLES = 30;
  // A watchdog that bites again at once would only hide what is wrong.
  const LEAST_LIFE_MS = 10 * MINUTE_MS;
  // Workers of one server are replaced one after the other.
  const BUILD_SETTLES_MS = 5000;
  const KINDS = ["scene", "extent", "camera"];
  const REASON = "dinding-muat-ulang";
  const THEMES = { terang: "light", gelap: "dark" };

  // ── Pure parts ─────────────────────────────────────────────────────────────────────────────

  // Half the width of the orbit: its whole is at most 24 px, and 1.5 % of the shorter side.
  const amplitude = (width, height) => Math.min(ORBIT_PX, ORBIT_SHARE * Math.min(width, height)) / 2;

  // A circle on which the canvas moves two pixels a minute.
  function orbit(ms, reach) {
    if (reach < 1) return { x: 0, y: 0 };
    const angle = (Math.floor(ms / MINUTE_MS) * ORBIT_STEP_PX) / reach;
    return { x: Math.round(reach * Math.cos(angle)), y: Math.round(reach * Math.sin(angle)) };
  }

  const wallDay = (ms) => Math.floor((ms + WIB_MS - DAY_BEGINS_MS) / DAY_MS);

  // What is still in force; the wall lets go by itself, even while the server is away.
  function inForce(orders, ms) {
    const standing = (order) => (order && Date.parse(order.until) > ms ? order : null);
    return Object.fromEntries(KINDS.map((kind) => [kind, standing(orders[kind])]));
  }

  // The least of the last half hour is what a collection of garbage leaves behind.
  function isGrowing(samples) {
    if (samples.length < 2 * HEAP_SAMPLES) return false;
    const least = (from) => Math.min(...samples.slice(from, from + HEAP_SAMPLES));
    return least(samples.length - HEAP_SAMPLES) - least(0) > HEAP_GROWTH_MB;
  }

  // ── One wall ───────────────────────────────────────────────────────────────────────────────

  let wall = null;
  let query = new URLSearchParams();
  let orders = {};
  let tag = null;
  let taken = "";
  let heard = false;
  let answersAt = 0;
  let reloadSeen = null;
  let reloadWanted = "";
  let build = null;
  let otherBuildSince = null;
  let day = null;
  let leaving = false;
  let said = "";
  let saidAt = 0;
  let washedUntil = 0;
  const screenId = Math.random().toString(36).slice(2, 10);
  const heaps = [];

  const isPreview = () => query.get("pratinjau") === "1";
  // The clock of the tab: nobody can set it wrong, and it starts with the page.
  const real = () => performance.now();
  const heapMb = () => (performance.memory ? Math.round(performance.memory.usedJSHeapSize / 1048576) : null);
  const theme = () => document.documentElement.dataset.theme || "";

  function start(given) {
    wall = given;
    query = new URLSearchParams(window.location.search);
    if (query.get("uji") !== "1") document.documentElement.classList.add("is-untouched");
    window.komando.chooseTheme(THEMES[query.get("tema")] || "auto", false);
    if (query.get("uji") !== "1") keepHandsOff();
    keepAwake();
    ask();
    wander();
    setInterval(second, 1000);
    setInterval(minute, MINUTE_MS);
  }

  function ask() {
    fetch("/dinding/perintah?nama=" + encodeURIComponent(wall.name), {
      cache: "no-cache",
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    })
      .then((answer) => {
        if (!answer.ok) throw new Error("perintah: " + answer.status);
        answersAt = real();
        const found = answer.headers.get("ETag");
        if (found === tag) return null;
        tag = found;
        return answer.json().then(obey);
      })
      .catch(() => null)
      .finally(() => setTimeout(ask, ASK_MS));
  }

  function obey(document) {
    orders = document.orders;
    // What was ordered before this page came is done: it is what brought the page.
    if (reloadSeen === null) reloadSeen = document.reload;
    if (document.reload > reloadSeen) {
      reloadSeen = document.reload;
      reloadWanted = "perintah";
    }
    if (build === null) build = document.build;
    otherBuildSince = document.build === build ? null : otherBuildSince || real();
    heard = true;
    second();
  }

  function second() {
    if (!heard || leaving) return;
    const now = window.komando.present();
    const active = inForce(orders, now);
    const told = JSON.stringify(active);
    if (told !== taken) {
      taken = told;
      wall.take(active);
    }
    if (!isPreview()) {
      say(active);
      considerReload(now);
    }
  }

  function minute() {
    wander();
    const heap = heapMb();
    if (heap !== null) heaps.push(heap);
    if (heaps.length > 4 * HEAP_SAMPLES) heaps.splice(HEAP_SAMPLES, 1);
  }

  function wander() {
    const { x, y } = orbit(Date.now(), amplitude(window.innerWidth, window.innerHeight));
    wall.root.style.translate = x + "px " + y + "px";
  }

  // ── What the supervisor hears ──────────────────────────────────────────────────────────────

  function say(active) {
    const pictureAt = wall.pictureAt();
    const news = {
      scene: wall.scene(),
      theme: theme(),
      orders: KINDS.filter((kind) => active[kind]).map((kind) => active[kind].id),
    };
    const told = JSON.stringify(news);
    if (told === said && real() - saidAt < SAY_MS) return;
    said = told;
    saidAt = real();
    const body = Object.assign(news, {
      wall: wall.name,
      screen: screenId,
      width: window.innerWidth,
      height: window.innerHeight,
      search: window.location.search,
      scenes: wall.scenes,
      heap_mb: heapMb(),
      picture_at: pictureAt === null ? null : new Date(pictureAt).toISOString(),
      life_s: Math.round(real() / 1000),
      reloaded: recall(),
    });
    fetch("/dinding/kabar", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    })
      .then((answer) => (answer.ok ? forget() : null))
      .catch(() => null);
  }

  // Why the page was loaded anew crosses the reload in the session, where that can be written.
  const recall = () => session((store) => store.getItem(REASON)) || "";
  const forget = () => session((store) => store.removeItem(REASON));
  const remember = (reason) => session((store) => store.setItem(REASON, reason));

  function session(use) {
    try {
      return use(window.sessionStorage);
    } catch {
      return null;
    }
  }

  // ── Loading anew ───────────────────────────────────────────────────────────────────────────

  function considerReload(now) {
    const today = wallDay(now);
    if (day === null) day = today;
    // One side of the screen does not carry the status bar for ever.
    document.documentElement.dataset.side = today % 2 ? "other" : "one";
    const isAway = real() - answersAt > 3 * ASK_MS;
    // Inverted colours mean other things: what alarms is never shown in them.
    if (washedUntil && (isAway || !wall.calm())) unwash();
    if (isAway) return;
    if (reloadWanted) reload(reloadWanted);
    else if (otherBuildSince && real() - otherBuildSince > BUILD_SETTLES_MS) reload("versi baru");
    else if (real() > LEAST_LIFE_MS && (heapMb() > HEAP_LIMIT_MB || isGrowing(heaps))) reload("memori");
    else if (today !== day && wall.calm()) wash();
  }

  function wash() {
    if (!washedUntil) {
      washedUntil = real() + WASH_MS;
      document.documentElement.classList.add("is-washed");
    } else if (real() > washedUntil) {
      unwash();
      reload("rencana 04.30");
    }
  }

  function unwash() {
    washedUntil = 0;
    document.documentElement.classList.remove("is-washed");
  }

  // A picture is given up only for a page that is known to come.
  function reload(reason) {
    leaving = true;
    fetch(window.location.href, { cache: "no-store", signal: AbortSignal.timeout(ASK_TIMEOUT_MS) })
      .then((answer) => {
        if (!answer.ok) throw new Error("dinding: " + answer.status);
        return answer.text();
      })
      .then(() => {
        remember(reason);
        window.location.reload();
      })
      .catch(() => (leaving = false));
  }

  // ── Nobody touches ─────────────────────────────────────────────────────────────────────────

  function keepHandsOff() {
    document.addEventListener("focusin", (event) => event.target.blur());
    document.addEventListener("contextmenu", (event) => event.preventDefault());
    document.addEventListener("dragstart", (event) => event.preventDefault());
  }

  // The lock is lost whenever the page is hidden.
  function keepAwake() {
    if (!("wakeLock" in navigator) || isPreview()) return;
    const lock = () => {
      if (document.visibilityState === "visible") navigator.wakeLock.request("screen").catch(() => null);
    };
    document.addEventListener("visibilitychange", lock);
    lock();
  }

  window.komando = Object.assign(window.komando || {}, {
    life: { amplitude: amplitude, inForce: inForce, isGrowing: isGrowing, orbit: orbit, start: start, wallDay: wallDay },
  });
})();
