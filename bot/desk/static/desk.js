// Keeps the desk's lists current without touching what is being typed. The desk works without it.
"use strict";
(() => {
  if (!window.EventSource || !window.fetch || !document.getElementById("live")) return;
  const refresh = async () => {
    const answer = await fetch(location.href.split("#")[0], { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("live");
    const old = document.getElementById("live");
    document.title = page.title;
    if (fresh && fresh.innerHTML !== old.innerHTML) old.parentNode.replaceChild(fresh, old);
  };
  let source = null;
  const connect = () => {
    source = new EventSource("/desk/events");
    source.addEventListener("changed", () => { refresh().catch(() => {}); });
  };
  connect();
  // Back from sleep: the connection may be gone, and ages have grown.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    source.close();
    connect();
    refresh().catch(() => {});
  });
})();
