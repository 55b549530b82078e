"use strict";
// Makes pages that already work more pleasant: fields appear as they are needed, answers are saved
// while typing, uploads show how far they are. Without it nothing is missing.
(() => {
  const all = (what, within = document) => [...within.querySelectorAll(what)];

  // On a phone the list comes first; what narrows it opens when asked for.
  for (const fold of all("details.filters:not([data-used])")) fold.open = !matchMedia("(max-width:40rem)").matches;

  // Where a page came back with mistakes, reading begins there.
  document.querySelector(".error-summary")?.focus();

  // A link with code and key after "#" opens its dossier at once.
  const track = document.querySelector("form[data-fragment]");
  if (track && location.hash.includes(".")) {
    const cut = location.hash.lastIndexOf(".");
    track.elements.code.value = decodeURIComponent(location.hash.slice(1, cut));
    track.elements.key.value = decodeURIComponent(location.hash.slice(cut + 1));
    history.replaceState(null, "", location.pathname);
    track.submit();
  }

  // The secret of a mailed link stands after "#", which browsers do not send.
  const code = document.querySelector("form[data-code] #code");
  if (code && location.hash.length > 1) {
    code.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
  }

  for (const form of all("form[data-autosave]")) {
    const seen = document.createElement("input");
    Object.assign(seen, { type: "hidden", name: "_script", value: "1" });
    form.append(seen);
    const given = (name) =>
      all("input,select,textarea", form)
        .filter((field) => field.name === name && (!/radio|checkbox/.test(field.type) || field.checked))
        .map((field) => field.value);
    const reveal = () => {
      for (const part of all("[data-on]", form)) {
        const on = given(part.dataset.on);
        const asked = form.elements.namedItem(part.dataset.on);
        if (asked) part.classList.toggle("hidden", !part.dataset.values.split("|").some((v) => on.includes(v)));
      }
    };
    reveal();
    const status = form.querySelector("[data-saved]");
    let timer, running;
    const save = async () => {
      running?.abort();
      running = new AbortController();
      try {
        const answer = await fetch(form.action, {
          method: "POST",
          body: new URLSearchParams(new FormData(form)),
          headers: { Autosave: "1" },
          signal: running.signal,
        });
        const now = new Date().toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" });
        const ended = answer.status === 401 || answer.status === 403;
        status.textContent = answer.ok ? status.dataset.saved + " " + now : ended ? status.dataset.ended + " " : status.dataset.refused;
        if (ended) {
          const link = { href: status.dataset.signIn, textContent: status.dataset.signInHere, target: "_blank", rel: "noopener" };
          status.append(Object.assign(document.createElement("a"), link));
        }
      } catch (stopped) {
        if (stopped.name !== "AbortError") status.textContent = status.dataset.unsaved;
      }
    };
    form.addEventListener("input", () => {
      reveal();
      clearTimeout(timer);
      timer = setTimeout(save, 800);
    });
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      running?.abort();
    });
  }

  // What is chosen is named in the language of the page; the browser's own button is not.
  for (const input of all(".file input")) {
    const chosen = input.parentElement.querySelector(".chosen");
    const name = () => {
      const files = [...input.files].map((file) => file.name);
      chosen.textContent = files.join(", ") || chosen.dataset.none;
    };
    document.documentElement.classList.add("scripted");
    input.addEventListener("change", name);
    name();
  }

  for (const hint of all("[data-print]")) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: hint.dataset.print });
    button.addEventListener("click", () => print());
    hint.replaceChildren(button);
  }

  for (const form of all("form[data-upload]")) {
    form.addEventListener("submit", (event) => {
      if (!form.elements.file.files.length) return;
      event.preventDefault();
      const bar = form.querySelector("progress");
      const button = form.querySelector("button:not(.hidden)");
      bar.classList.remove("hidden");
      button.disabled = true;
      button.textContent = form.dataset.upload + "…";
      const send = new XMLHttpRequest();
      send.open("POST", form.action);
      send.setRequestHeader("Accept", "text/html");
      send.upload.onprogress = (at) => at.lengthComputable && (bar.value = (100 * at.loaded) / at.total);
      send.onload = () => {
        if (send.status === 200) return location.assign(send.responseURL);
        document.open();
        document.write(send.responseText);
        document.close();
      };
      send.onerror = () => form.submit();
      send.send(new FormData(form));
    });
  }

  // What is under way is looked at again until it is done; whoever reads inside it is not disturbed.
  const poll = () => {
    const part = document.querySelector("[data-poll]");
    if (!part) return;
    setTimeout(async () => {
      try {
        const page = await (await fetch(location.href)).text();
        const now = new DOMParser().parseFromString(page, "text/html").getElementById(part.id);
        if (!now?.matches("[data-poll]")) return location.reload();
        if (!part.contains(document.activeElement)) part.replaceWith(now);
      } catch {
        // Away for a moment: asked again.
      }
      poll();
    }, 2000);
  };
  poll();

  // A page left open stays true: its parts that others change are drawn anew, each unless somebody is working
  // in it; a dossier says that it was changed elsewhere.
  const busy = (part) => part.contains(document.activeElement) || part.querySelector("input:checked");
  const redraw = async (address) => {
    const answer = await fetch(address, { headers: { Fragment: "1" } });
    if (!answer.ok || answer.redirected) return;
    for (const now of [...new DOMParser().parseFromString(await answer.text(), "text/html").body.children]) {
      const part = document.getElementById(now.id);
      if (part && !busy(part)) part.replaceWith(now);
    }
  };
  // The list does not wait until all of it has been counted.
  const whole = document.querySelector("a[data-count]")?.href;
  if (whole) redraw(whole).catch(() => {}); // The link still counts.
  const look = async () => {
    if (document.hidden) return;
    if (!all("[data-fresh]").every(busy)) await redraw(whole ?? location.href);
    const seen = document.querySelector("[data-version]");
    if (seen) {
      const now = await (await fetch(seen.dataset.at)).text();
      if (/^\d+$/.test(now)) seen.classList.toggle("hidden", now === seen.dataset.version);
    }
  };
  if (document.querySelector("[data-fresh],[data-version]")) {
    const again = () => look().catch(() => {}); // Away for a moment: asked again.
    setInterval(again, 60_000);
    document.addEventListener("visibilitychange", again);
  }

  // Before the session ends there is time to sign in again; what is typed meanwhile stays.
  const session = document.getElementById("phien");
  if (session) {
    const left = () => Math.floor((session.dataset.ends * 1000 - Date.now()) / 60_000);
    const look = async () => {
      // Near the end it is asked again: its reader may have signed in anew on another page.
      if (left() < 10) session.dataset.ends = await (await fetch("/desk/phien")).text().catch(() => "0");
      const minutes = left();
      session.classList.toggle("hidden", !(minutes < 10));
      session.firstElementChild.textContent = `${session.dataset.left} ${Math.max(minutes, 0)}.`;
    };
    look();
    setInterval(look, 30_000);
  }

  // Shortcuts of the desk; the key "?" lists them. Never while something is typed.
  const keys = document.getElementById("phim");
  if (keys) {
    let went;
    const off = document.getElementById("phim-tat");
    off.checked = localStorage.getItem("phim-tat") === "1";
    off.addEventListener("change", () => localStorage.setItem("phim-tat", off.checked ? "1" : ""));
    const list = () => {
      for (const old of all("[data-here]", keys)) old.remove();
      for (const one of all("[data-key]")) {
        const name = Object.assign(document.createElement("dd"), { textContent: one.firstChild.textContent });
        const key = document.createElement("dt");
        key.append(Object.assign(document.createElement("kbd"), { textContent: one.dataset.key }));
        name.dataset.here = key.dataset.here = "";
        keys.querySelector("dl").append(key, name);
      }
      keys.showModal();
    };
    const button = document.getElementById("phim-mo");
    button.classList.remove("hidden");
    button.addEventListener("click", list);
    addEventListener("keydown", (event) => {
      const rows = all("[data-row]");
      // What the list of keys had in focus may keep it for a moment after the list was closed.
      const types = !keys.contains(event.target) && event.target.closest("input,select,textarea");
      if (off.checked || keys.open || types || event.ctrlKey || event.metaKey || event.altKey) return;
      const search = document.getElementById("tim");
      const step = { j: 1, k: -1 }[event.key];
      const place = went && all("a[data-go]").find((link) => link.dataset.go === event.key);
      const act = !went && document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (place) location.assign(place.href);
      else if (act?.matches("summary")) {
        act.parentElement.open = true;
        act.focus();
      } else if (act) act.focus();
      else if (event.key === "?") list();
      else if (event.key === "/" && search) search.focus();
      else if (step && rows.length) {
        const at = rows.indexOf(document.activeElement);
        rows[Math.min(Math.max(at < 0 ? 0 : at + step, 0), rows.length - 1)].focus();
      } else {
        went = event.key === "g";
        return;
      }
      went = false;
      event.preventDefault();
    });
  }
})();
