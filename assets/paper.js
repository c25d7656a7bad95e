/* On paper: a sheet says of itself whence and when it is, and its charts have its colours and width.

All else css does, for which the dark theme is for screens alone; a chart stays as Plotly drew it.
*/
(function () {
  "use strict";

  // Width of a chart in px on A4, within its panel.
  const WIDTH = 620;

  const komando = window.komando;
  const root = document.documentElement;
  const foot = document.createElement("p");
  foot.className = "print-foot";

  function addFoot() {
    const told = [window.location.href, "dicetak " + komando.moment(komando.present())];
    if (document.querySelector("#isi .mark-simulated")) told.push("DATA SIMULASI");
    foot.textContent = told.join(" · ");
    document.body.append(foot);
  }

  // What the tokens that charts use are in a theme.
  function shades(theme) {
    const shown = root.dataset.theme;
    root.dataset.theme = theme;
    const style = getComputedStyle(root);
    const values = Array.from(komando.inks, (name) => style.getPropertyValue(name).trim());
    root.dataset.theme = shown;
    return values;
  }

  // What was set in the figures for the sheet: whose, its name, and what it was.
  let changed = [];
  function set(part, name, value) {
    changed.push([part, name, part[name]]);
    part[name] = value;
  }

  function dye(part, dark, light) {
    for (const [name, value] of Object.entries(part || {})) {
      const ink = dark.indexOf(value);
      if (ink >= 0) set(part, name, light[ink]);
      else if (value && typeof value === "object" && !ArrayBuffer.isView(value)) dye(value, dark, light);
    }
  }

  const figures = () => Array.from(document.querySelectorAll(".js-plotly-plot"));

  window.addEventListener("beforeprint", () => {
    addFoot();
    const [dark, light] = root.dataset.theme === "dark" ? [shades("dark"), shades("light")] : [[], []];
    for (const figure of figures()) {
      dye(figure.data, dark, light);
      dye(figure.layout, dark, light);
      if (figure.clientWidth > WIDTH) set(figure.layout, "width", WIDTH);
      window.Plotly.redraw(figure);
    }
  });
  window.addEventListener("afterprint", () => {
    foot.remove();
    changed.forEach(([part, name, value]) => (part[name] = value));
    changed = [];
    // Plotly keeps a width that it was once told, unless it is told to measure again.
    figures().forEach((figure) => window.Plotly.relayout(figure, { autosize: !figure.layout.width }));
  });
})();
