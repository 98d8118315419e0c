// What a page of the builder does where there is JavaScript; everything works without it.
"use strict";

// The hub's toggle of light and dark counts here too.
const theme = localStorage.getItem("jupyterhub-bs-theme");
if (theme) document.documentElement.setAttribute("data-bs-theme", theme);

// A build's log as it comes; when the build has ended the page is read anew, for how it ended.
const log = document.querySelector("[data-lines]");
if (log) {
  log.scrollTop = log.scrollHeight;
  const lines = new EventSource(`${log.dataset.lines}?from=${log.dataset.from}`);
  lines.onmessage = (event) => {
    const follows = log.scrollTop + log.clientHeight >= log.scrollHeight - 40;
    log.append(`${JSON.parse(event.data)}\n`);
    if (follows) log.scrollTop = log.scrollHeight;
  };
  lines.addEventListener("end", () => {
    lines.close();
    location.reload();
  });
}
