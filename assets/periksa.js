// Perlu diperiksa: what an inspector notes of a unit's cases.
(function () {
  "use strict";

  const { act, byId, hurry, poll, post } = window.komando;

  // The server looks at the store once a second.
  const ASK_AGAIN_MS = 1200;

  act("check-save", (node) => {
    const form = node.closest("form");
    node.disabled = true;
    post("/periksa/catat", {
      signal: node.dataset.signal,
      unit: node.dataset.unit,
      action: form.elements.action.value,
      note: form.elements.note.value,
    })
      .then(() => {
        byId("laci").close();
        setTimeout(() => {
          hurry("alarm_ledger");
          poll();
        }, ASK_AGAIN_MS);
      })
      .catch(() => (node.disabled = false));
  });
})();
