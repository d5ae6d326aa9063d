"use strict";

// A mail's link carries its token behind "#", which browsers keep to themselves. A click sends it in the form;
// until then nothing happens, whoever follows the link.
(function () {
  const token = location.hash.slice(1);
  const form = document.querySelector("[data-fragment-form]");
  if (form && token) {
    form.querySelector("[data-fragment-field]").value = token;
    for (const element of document.querySelectorAll("[data-without-fragment]")) element.hidden = true;
    for (const element of document.querySelectorAll("[data-with-fragment]")) element.hidden = false;
    for (const element of document.querySelectorAll("[data-link-details]")) element.open = true;
    // Another language, the same link.
    for (const link of document.querySelectorAll(".languages a")) link.hash = token;
    // The token is not to stay in the browser's history.
    form.addEventListener("submit", () => history.replaceState(null, "", location.pathname));
  }
  const problem = document.querySelector("[data-focus]");
  if (problem) problem.focus();
})();
