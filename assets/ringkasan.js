// /ringkasan: what staff do with a draft, and the forms of directives and victims.
(function () {
  "use strict";

  const { act, post, visit } = window.komando;

  const LEDGER = "alarm_ledger";
  // The server looks at what people did once a second.
  const ASK_AGAIN_MS = 1200;
  const DRAWN_WITHIN_MS = 15000;

  const followed = () =>
    setTimeout(() => {
      window.komando.hurry(LEDGER);
      window.komando.poll();
    }, ASK_AGAIN_MS);

  const fields = (node) => {
    const body = {};
    const form = node.closest("form");
    if (form) form.querySelectorAll("[name]").forEach((field) => (body[field.name] = field.value));
    return body;
  };

  function send(node, url, body, then) {
    node.disabled = true;
    post(url, body)
      .then(then, () => null)
      .finally(() => (node.disabled = false));
  }

  // The sheet is drawn anew after each step; the keyboard stays where it was.
  function keepFocus(node) {
    const { do: does, item, revision } = node.dataset;
    const observer = new MutationObserver(() => {
      if (node.isConnected && node.dataset.item === item && node.dataset.revision === revision) {
        return;
      }
      observer.disconnect();
      if (document.activeElement !== document.body) return;
      const there = [...document.querySelectorAll(".brief-tools > :is(button, details)")].filter(
        (one) => !one.disabled && one.parentElement.querySelector(`[data-item="${CSS.escape(item)}"]`)
      );
      const next = there.find((one) => one.dataset.do === does) || there[0];
      if (next) (next.querySelector("summary") || next).focus();
    });
    observer.observe(document.body, { childList: true, subtree: true, attributes: true });
    setTimeout(() => observer.disconnect(), DRAWN_WITHIN_MS);
  }

  act("ringkasan", (node) => {
    keepFocus(node);
    const body = {
      edisi: node.dataset.edition,
      tindakan: node.dataset.do,
      butir: node.dataset.item,
      revisi: Number(node.dataset.revision),
      teks: fields(node).text || "",
    };
    send(node, "/ringkasan/tindakan", body, (made) => {
      const form = node.closest("form");
      if (form) form.reset();
      followed(made);
    });
  });

  act("ringkasan-simpan", (node) =>
    send(node, "/ringkasan/buat", fields(node), (made) => visit("/ringkasan/" + made.id))
  );

  act("catat", (node) => {
    const body = Object.assign(fields(node), { do: node.dataset.do, number: node.dataset.number });
    send(node, node.dataset.url, body, () => {
      const form = node.closest("form");
      if (form) form.reset();
      const opened = node.closest("details");
      if (opened) opened.open = false;
      followed();
    });
  });

  // Enter in a field of one line means the form's button: nothing is ever sent by the browser.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".brief-form, .register-form")) return;
    event.preventDefault();
    const button = event.target.querySelector("button.is-first");
    if (button) button.click();
  });
})();
