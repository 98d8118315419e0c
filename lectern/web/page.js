// What a page of the builder does where there is JavaScript; everything works without it.
"use strict";

// The hub's toggle of light and dark counts here too.
const theme = localStorage.getItem("jupyterhub-bs-theme");
if (theme) document.documentElement.setAttribute("data-bs-theme", theme);
