// Makes the chat live: sends without leaving the page, and shows messages as they are kept. The page works without it.
// Written for old phones: what a browser of 2017 does not know is not used.
"use strict";
(() => {
  const log = document.getElementById("log");
  const write = document.getElementById("write");
  const notice = document.getElementById("notice");
  const text = document.getElementById("text");
  const file = document.getElementById("file");
  const look = document.querySelector(".look");
  if (!window.EventSource || !window.fetch || !window.FormData || !window.crypto) return;
  document.body.classList.add("live");

  const say = (words) => { notice.textContent = words; notice.hidden = !words; };
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => (n % 36).toString(36)).join("");
  const tooLarge = () => file.files.length > 0 && file.files[0].size > Number(write.dataset.largest);

  // What comes close together (one's own words, an answer, a case number) is read from its beginning. Whoever is
  // reading further up is not moved, but told.
  let beginning = null;
  let pause = 0;
  const bringIntoView = (item, wasNearEnd) => {
    const mine = item.classList.contains("you");
    if (mine || !beginning) beginning = item;
    const burst = beginning !== item;
    clearTimeout(pause);
    pause = setTimeout(() => { beginning = null; }, 3000);
    if (mine && item.offsetHeight > window.innerHeight / 2) {
      item.scrollIntoView({ block: "end" });
      beginning = null;
    } else if (mine || burst || wasNearEnd) {
      beginning.scrollIntoView({ block: "start" });
    } else {
      look.hidden = false;
      look.classList.add("fresh");
      look.firstElementChild.textContent = write.dataset.fresh;
      look.firstElementChild.setAttribute("href", "#" + item.id);
    }
  };
  look.addEventListener("click", () => look.classList.remove("fresh"));

  let last = log.dataset.after;
  let source = null;
  const connect = () => {
    source = new EventSource("/events?after=" + last);
    source.addEventListener("message", (event) => {
      last = event.lastEventId;
      if (document.getElementById("m" + last)) return;
      const below = document.documentElement.scrollHeight - window.pageYOffset - window.innerHeight;
      log.insertAdjacentHTML("beforeend", event.data);
      bringIntoView(log.lastElementChild, below < window.innerHeight / 2);
    });
    // A browser gives up for good on an error page, as a proxy shows while we restart.
    source.addEventListener("error", () => { if (source.readyState === 2) setTimeout(connect, 5000); });
  };
  connect();
  // A phone that slept may hold a connection that is dead without knowing it.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { source.close(); connect(); }
  });

  // The pressed button, for browsers that do not say which one submitted a form.
  let pressed = null;
  document.addEventListener("click", (event) => { pressed = event.target.closest("button"); }, true);

  const sent = (form, words) => {
    say("");
    form.elements.nonce.value = fresh();
    if (form !== write) return;
    // What was typed while it was being sent stays.
    text.value = text.value.indexOf(words) === 0 ? text.value.slice(words.length).replace(/^\s+/, "") : text.value;
    file.value = "";
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.getAttribute("action") !== "/chat") return;
    event.preventDefault();
    if (form.dataset.busy) return;
    const words = text.value;
    if (form === write && tooLarge()) { say(write.dataset.tooLarge); return; }
    if (form === write && !words.trim() && !file.files.length) { say(write.dataset.empty); text.focus(); return; }
    const data = new FormData(form);
    const button = event.submitter || pressed;
    if (button && button.name && form.contains(button)) data.set(button.name, button.value);
    form.dataset.busy = "1";
    say(write.dataset.sending);
    const slow = setTimeout(() => say(write.dataset.slow), 5000);
    const stop = window.AbortController && !file.files.length ? new AbortController() : null;
    const late = setTimeout(() => { if (stop) stop.abort(); }, 60000);
    try {
      const options = { method: "POST", body: data, headers: { "X-Live": "1" }, credentials: "same-origin" };
      if (stop) options.signal = stop.signal;
      const answer = await fetch("/chat", options);
      if (answer.status === 204) {
        sent(form, words);
      } else if (answer.headers.get("x-notice")) {
        notice.innerHTML = await answer.text();
        notice.hidden = false;
      } else {
        say(write.dataset.failed);
      }
    } catch (error) {
      say(write.dataset.offline);
    } finally {
      clearTimeout(slow);
      clearTimeout(late);
      delete form.dataset.busy;
    }
  });

  file.addEventListener("change", () => say(tooLarge() ? write.dataset.tooLarge : ""));

  // Enter sends; not while an input method is composing a character, and not with Shift.
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      write.querySelector("button.main").click();
    }
  });

  const newest = document.getElementById("last");
  if (newest && location.search.indexOf("all=") < 0) newest.scrollIntoView({ block: "start" });
})();
