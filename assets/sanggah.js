// Sanggah: what a person does about an appeal, and how long there is to decide.
(function () {
  "use strict";

  const { act, post } = window.komando;

  const ACTION = "/sanggah/tindakan";
  const LEDGER = "alarm_ledger";
  const FIELDS = ["unit", "reason", "text", "evidence"];
  const ASK_AGAIN_MS = 1200;

  act("appeal", (node) => {
    const form = node.closest("form");
    const action = node.dataset.do;
    const body = { action: action, pengaduan: node.dataset.complaint };
    FIELDS.forEach((name) => {
      const field = form && form.querySelector('[name="' + name + '"]');
      if (field) body[name] = field.value;
    });
    if (node.dataset.unit) body.unit = node.dataset.unit;
    node.disabled = true;
    post(ACTION, body)
      .then(() => {
        if (action === "file") form.reset();
        // The server looks at what people did once a second.
        setTimeout(() => {
          window.komando.hurry(LEDGER);
          window.komando.poll();
        }, ASK_AGAIN_MS);
      })
      .catch(() => (node.disabled = false));
  });

  function left() {
    document.querySelectorAll("[data-deadline]").forEach((node) => {
      const span = Date.parse(node.dataset.deadline) - window.komando.now();
      const told = (span > 0 ? "sisa " : "lewat ") + window.komando.duration(Math.abs(span));
      if (node.textContent !== told) node.textContent = told;
    });
  }
  setInterval(left, 30000);
  document.addEventListener("komando:gambar", left);
})();
