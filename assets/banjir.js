// What the page /banjir adds: choosing a station shows its section too.
(function () {
  "use strict";

  const { act, byId, go } = window.komando;
  const moving = () => !window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  act("pos", (node) => {
    go({ pos: node.dataset.value });
    const section = byId("pos");
    if (section) section.scrollIntoView({ block: "nearest", behavior: moving() ? "smooth" : "auto" });
  });
})();
