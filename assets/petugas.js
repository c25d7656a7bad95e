// The map of officers: the track of one of them as a line that runs in the direction of time, and
// the place that the nearest ones are counted from.
(function () {
  "use strict";

  const PATH = "/petugas";
  const GAP_S = 600;
  const AGAIN_MS = 15000;
  const EARTH_M = 6371008.8;

  const komando = () => window.komando;
  const byId = (id) => document.getElementById(id);

  let drawn = null;
  let spot = null;
  let wanted = "";
  let timer = null;
  let turn = 0;

  function clear() {
    if (drawn) drawn.remove();
    drawn = null;
    const box = byId("jejak");
    if (box) box.hidden = true;
  }

  function metres([lon0, lat0], [lon1, lat1]) {
    const x = ((lon1 - lon0) * Math.PI) / 180 * Math.cos((lat0 * Math.PI) / 180);
    return EARTH_M * Math.hypot(x, ((lat1 - lat0) * Math.PI) / 180);
  }

  // Where no position came for ten minutes nobody knows the way: the line has a gap.
  function pieces(points) {
    return points.reduce((found, point, index) => {
      if (index === 0 || point[2] - points[index - 1][2] > GAP_S) found.push([]);
      found[found.length - 1].push(point);
      return found;
    }, []);
  }

  function draw(map, track, isNew) {
    const L = window.L;
    clear();
    const renderer = (draw.renderer = draw.renderer && draw.renderer._map === map ? draw.renderer : L.svg({ padding: 0.3 }));
    const lines = pieces(track.points).map((piece) => piece.map(([lon, lat]) => [lat, lon]));
    const layers = lines.flatMap((line) => [
      L.polyline(line, { renderer: renderer, className: "track-line", interactive: false, weight: 6 }),
      L.polyline(line, { renderer: renderer, className: "track-flow", interactive: false, weight: 3 }),
    ]);
    const ends = track.points.length ? [track.points[0], track.points[track.points.length - 1]] : [];
    ends.forEach(([lon, lat, seconds], index) => {
      const icon = L.divIcon({
        className: "track-end" + (index ? " is-last" : ""),
        html: "<span>" + komando().clock(seconds * 1000) + "</span>",
        iconSize: [0, 0],
      });
      layers.push(L.marker([lat, lon], { icon: icon, interactive: false, keyboard: false }));
    });
    drawn = L.layerGroup(layers).addTo(map);
    if (isNew && lines.length) map.fitBounds(L.latLngBounds(lines.flat()).pad(0.3), { maxZoom: 16 });
    tell(track);
  }

  function tell(track) {
    const box = byId("jejak");
    const points = track.points;
    const length = points.slice(1).reduce((sum, point, index) => sum + metres(points[index], point), 0);
    const text = komando().text;
    const choice = (hours) =>
      '<button type="button" class="choice" data-act="go" data-name="jam" data-value="' + hours +
      '" aria-pressed="' + (hours === track.hours) + '">' + hours + " jam</button>";
    const told = points.length
      ? points.length + " posisi · " + (length / 1000).toLocaleString("id", { maximumFractionDigits: 1 }) +
        " km · pukul " + komando().clock(points[0][2] * 1000) + "–" +
        komando().clock(points[points.length - 1][2] * 1000) + " WIB"
      : "Tidak ada posisi selama bertugas dalam " + track.hours + " jam terakhir";
    box.innerHTML =
      "<strong>Jejak " + text(track.name) + "</strong><span>" + text(track.agency || "") + "</span><span>" + told +
      "</span>" + (track.simulated ? komando().simulated : "") + '<span class="choices" role="group" aria-label="Lama jejak">' +
      [1, 2, 3].map(choice).join("") + "</span>" +
      '<button type="button" class="link" data-act="go" data-name="jejak" data-value="">Tutup jejak</button>';
    box.hidden = false;
  }

  function failed(status) {
    const box = byId("jejak");
    if (!box) return;
    box.textContent = status === 404 ? "Petugas itu tidak terdaftar." : "Jejak tidak dapat dimuat.";
    box.hidden = false;
  }

  function follow() {
    clearTimeout(timer);
    const core = komando();
    const address = core.readAddress();
    const map = core.map && core.map.current();
    if (address.path !== PATH || !map || !byId("jejak")) return;
    const officer = address.query.jejak;
    const mine = (turn += 1);
    if (!officer) {
      wanted = "";
      clear();
      return;
    }
    const query = new URLSearchParams(core.query(address, []));
    query.set("petugas", officer);
    query.set("jam", address.query.jam || "2");
    const isNew = wanted !== query.toString();
    wanted = query.toString();
    fetch("/petugas/jejak?" + query, { cache: "no-store" })
      .then((answer) => {
        if (!answer.ok) throw Object.assign(new Error("jejak"), { status: answer.status });
        return answer.json();
      })
      .then((track) => mine === turn && draw(map, track, isNew))
      .catch((error) => {
        if (mine !== turn) return;
        if (isNew) clear();
        failed(error.status);
      });
  }

  // The panel says where the place is that it counts from.
  function mark() {
    const map = komando().map && komando().map.current();
    const told = document.querySelector("[data-spot]");
    if (!map) return;
    if (!told) {
      if (spot) spot.remove();
      spot = null;
      return;
    }
    const [lon, lat] = told.dataset.spot.split(",").map(Number);
    const icon = window.L.divIcon({ className: "spot", html: "<i></i>", iconSize: [0, 0] });
    if (spot && spot._map === map) spot.setLatLng([lat, lon]);
    else spot = window.L.marker([lat, lon], { icon: icon, interactive: false, keyboard: false }).addTo(map);
  }

  komando().act("pilih-titik", (button) => {
    const map = komando().map.current();
    if (!map) return;
    button.setAttribute("aria-pressed", "true");
    map.getContainer().classList.add("is-picking");
    komando().map.pick((latlng) => {
      map.getContainer().classList.remove("is-picking");
      komando().go({ dekat: latlng.lng.toFixed(5) + "," + latlng.lat.toFixed(5), pos: null, alarm: null });
    });
  });

  document.addEventListener("komando:alamat", follow);
  document.addEventListener("komando:gambar", mark);
  // Each look is logged, so that the track is asked for anew only where there may be more of it.
  document.addEventListener("komando:versi", () => {
    const known = komando().versions();
    const feed = known && known.feeds.traccar;
    if (!wanted || !feed || feed.version === follow.version) return;
    follow.version = feed.version;
    clearTimeout(timer);
    timer = setTimeout(follow, AGAIN_MS);
  });
  document.addEventListener("komando:peta", () => {
    follow();
    mark();
  });
})();
