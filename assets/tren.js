// /tren: the choices that stand in the address, pictures of the figure, and annotations.
(function () {
  "use strict";

  const { act, go, post, readAddress } = window.komando;
  const PIXELS = { png: 2, svg: 1 };

  document.addEventListener("change", (event) => {
    const node = event.target;
    const kind = node.dataset && node.dataset.tren;
    if (kind === "seri") go({ seri: node.value, tempat: null, per: null, catatan: null });
    if (kind === "tempat" && node.value) {
      const places = node.dataset.places ? node.dataset.places.split("|") : [];
      go({ tempat: [...places, node.value].join("|") });
    }
  });

  act("tren-rentang", (node) => go({ dari: node.dataset.value, sampai: null, per: null }));
  act("tren-awal", () => go({ seri: null, tempat: null, dari: null, sampai: null, per: null, tampil: null }));

  // A picture on paper is read without the page around it: it carries title, span and origin.
  act("tren-gambar", (node) => {
    const panel = node.closest(".panel");
    const figure = panel.querySelector(".js-plotly-plot");
    const heading = panel.querySelector(".tren-judul");
    if (!figure || !window.Plotly) return;
    const layout = JSON.parse(JSON.stringify(figure.layout));
    const style = getComputedStyle(document.documentElement);
    Object.assign(layout, {
      paper_bgcolor: style.getPropertyValue("--surface").trim(),
      title: {
        text: heading.querySelector("h3").textContent + "<br><sub>" + heading.querySelector("p").textContent + "</sub>",
        x: 0.01,
        xanchor: "left",
        font: { size: 18 },
      },
      margin: Object.assign({}, layout.margin, { l: 60, r: 30, t: 120, b: 50 }),
      width: 1200,
      height: 640,
      autosize: false,
    });
    const kind = node.dataset.value;
    window.Plotly.downloadImage(
      { data: figure.data, layout: layout, config: { locale: "id", locales: figure._context.locales } },
      { format: kind, width: 1200, height: 640, scale: PIXELS[kind], filename: "komando-" + heading.dataset.trenNama }
    );
  });

  const noted = (answer) => {
    window.komando.byId("laci").close();
    go({ catatan: String(answer.id) + "." + String(Number(readAddress().query.catatan || 0) % 10 + 1) });
  };

  act("tren-catat", (node) => {
    const body = { series: node.dataset.value };
    node.closest(".tren-formulir").querySelectorAll("input").forEach((field) => (body[field.name] = field.value));
    post("/tren/catatan/tulis", body).then(noted, () => null);
  });

  act("tren-tarik", (node) => post("/tren/catatan/tarik", { id: Number(node.dataset.value) }).then(noted, () => null));
})();
