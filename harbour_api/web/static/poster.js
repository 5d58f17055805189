// One click to print; without it the page tells how.
"use strict";
const button = document.getElementById("print");
button.hidden = false;
document.getElementById("print-hint").hidden = true;
button.addEventListener("click", () => window.print());
