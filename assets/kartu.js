// /tren/kartu: uploads of figures per kelurahan. A file is read here only to be sent; what is wrong
// with it the server says, line by line.
(function () {
  "use strict";

  const { act, byId, go, hurry, post, text } = window.komando;
  const LEDGER = "alarm_ledger";

  const asText = (file) =>
    new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.onerror = () => reject(new Error("Berkas tidak dapat dibaca."));
      reader.readAsDataURL(file);
    });

  function show(form, message) {
    const [first, ...others] = message.split("\n");
    const list = others.map((line) => "<li>" + text(line) + "</li>").join("");
    form.querySelector(".kartu-galat").innerHTML =
      message && "<p>" + text(first) + "</p>" + (list && "<ul>" + list + "</ul>");
  }

  function send(url, body) {
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    return fetch(url, options)
      .catch(() => Promise.reject(new Error("Server tidak dapat dihubungi.")))
      .then((answer) =>
        answer.json().then(
          (found) => (answer.ok ? found : Promise.reject(new Error(found.error))),
          () => Promise.reject(new Error("Server tidak dapat menerima berkas ini. Kode " + answer.status + "."))
        )
      );
  }

  act("kartu-unggah", (node) => {
    const form = node.closest(".kartu-formulir");
    const field = (name) => form.querySelector('[name="' + name + '"]');
    const file = field("file").files[0];
    if (!file) return show(form, "Pilih berkas CSV.");
    if (file.size > Number(node.dataset.most)) {
      return show(form, "Berkas terlalu besar: paling besar 5 MB. Unggah hanya jumlah per kelurahan, satu baris tiap kelurahan.");
    }
    show(form, "");
    node.disabled = true;
    const kind = field("kind").value;
    asText(file)
      .then((content) =>
        send(node.dataset.url, {
          kind: kind,
          name: file.name,
          source: field("source").value,
          dated: field("dated").value,
          simulated: field("simulated").checked,
          content: content,
        })
      )
      .then((kept) => {
        byId("laci").close();
        hurry(LEDGER);
        go({ [kind]: String(kept.id) });
      })
      .catch((error) => show(form, error.message))
      .finally(() => (node.disabled = false));
  });

  act("kartu-pakai", (node) => {
    byId("laci").close();
    go({ [node.dataset.name]: node.dataset.value });
  });

  act("kartu-tarik", (node) =>
    post("/tren/kartu/berkas/tarik", { id: Number(node.dataset.value) }).then(
      () => {
        byId("laci").close();
        hurry(LEDGER);
        go({ [node.dataset.name]: null });
        window.komando.poll();
      },
      () => null
    )
  );
})();
