// Makes the chat live: sends without leaving the page, and shows messages as they are kept. The page works without it.
"use strict";
(() => {
  const log = document.getElementById("log");
  const write = document.getElementById("write");
  const notice = document.getElementById("notice");
  const text = document.getElementById("text");
  if (!window.EventSource || !window.fetch) return;
  document.body.classList.add("live");

  const say = (words) => { notice.textContent = words; notice.hidden = !words; };
  const toEnd = () => document.getElementById("end").scrollIntoView({ block: "end" });
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => (n % 36).toString(36)).join("");

  new EventSource("/events?after=" + log.dataset.after).addEventListener("message", (event) => {
    if (document.getElementById("m" + event.lastEventId)) return;
    log.insertAdjacentHTML("beforeend", event.data);
    // A long answer is read from its beginning.
    log.lastElementChild.scrollIntoView({ block: "start" });
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.getAttribute("action") !== "/chat") return;
    event.preventDefault();
    const file = form === write && form.elements.file.files[0];
    if (file && file.size > Number(write.dataset.largest)) { say(write.dataset.tooLarge); return; }
    const data = new FormData(form, event.submitter);
    const buttons = form.querySelectorAll("button");
    buttons.forEach((button) => { button.disabled = true; });
    say(form === write ? write.dataset.sending : "");
    try {
      const answer = await fetch("/chat", { method: "POST", body: data, headers: { "X-Live": "1" } });
      if (answer.status === 204) {
        say("");
        form.elements.nonce.value = fresh();
        if (form === write) { write.reset(); text.value = ""; }
      } else {
        say((await answer.text()) || write.dataset.offline);
      }
    } catch (error) {
      say(write.dataset.offline);
    } finally {
      buttons.forEach((button) => { button.disabled = false; });
    }
  });

  // Enter sends; not while an input method is composing a character, and not with Shift.
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      write.requestSubmit();
    }
  });
  toEnd();
})();
