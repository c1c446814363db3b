// Keeps the desk's lists current without touching what is being typed. The desk works without it.
"use strict";
(() => {
  if (!window.EventSource || !document.getElementById("live")) return;
  const source = new EventSource("/desk/events");
  source.addEventListener("changed", async () => {
    const answer = await fetch(location.href.split("#")[0]);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("live");
    const old = document.getElementById("live");
    if (fresh && fresh.innerHTML !== old.innerHTML) old.replaceWith(fresh);
  });
})();
