// Choices of a page that stand in the address: `select[data-go="koridor"]` writes its value there.
(function () {
  "use strict";

  document.addEventListener("change", (event) => {
    const name = event.target.dataset && event.target.dataset.go;
    if (name) window.komando.go({ [name]: event.target.value });
  });
})();
