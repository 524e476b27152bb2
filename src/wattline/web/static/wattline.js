// What pages do by themselves: menus, dialogs, the palette, picking rows, copying, counting time, telling whether they are live.
"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const hit = event.target.closest?.(selector);
      if (hit) act(hit, event);
    });
  const say = (text) => { const place = $("#announce"); if (place) place.textContent = text; };

  // Menus: a button with data-menu="x" and a role=menu with id menu-x.
  let openButton = null;
  const items = () => $$("[role^=menuitem]", $(`#menu-${openButton.dataset.menu}`));
  const closeMenu = (focus) => {
    if (!openButton) return;
    const button = openButton;
    $(`#menu-${button.dataset.menu}`).hidden = true;
    button.setAttribute("aria-expanded", "false");
    openButton = null;
    if (focus) button.focus();
  };
  on("click", "[data-menu]", (button) => {
    const again = button === openButton;
    closeMenu(false);
    if (again) return;
    openButton = button;
    $(`#menu-${button.dataset.menu}`).hidden = false;
    button.setAttribute("aria-expanded", "true");
    items()[0]?.focus();
  });
  document.addEventListener("click", (event) => {
    if (openButton && !event.target.closest("[data-menu]") && !event.target.closest("[role=menu]")) closeMenu(false);
  });
  on("click", "[role^=menuitem]", (item) => { if (!item.hasAttribute("aria-disabled")) closeMenu(false); });
  document.addEventListener("keydown", (event) => {
    if (!openButton) return;
    const all = items(), at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) { event.preventDefault(); all[(to + all.length) % all.length].focus(); }
    if (event.key === "Escape") closeMenu(true);
    if (event.key === "Tab") closeMenu(false);
  });

  // The side on small screens.
  const side = (open) => {
    $("#side")?.classList.toggle("open", open);
    $("[data-side]")?.setAttribute("aria-expanded", String(open));
    if (open) $("#side a")?.focus();
  };
  on("click", "[data-side]", () => side(!$("#side").classList.contains("open")));
  document.addEventListener("click", (event) => { if (!event.target.closest("#side, [data-side]")) side(false); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") side(false); });

  // Dialogs: data-opens names one, data-closes closes the one around it. Closed, the focus goes back to what opened it,
  // or to the button of the menu in which that stood.
  let opener = null;
  const remember = (element) => {
    if (element.closest("dialog")) return;
    const menu = element.closest("[role=menu]");
    opener = menu ? $(`[data-menu="${menu.id.slice(5)}"]`) : element;
  };
  const show = (dialog) => {
    const back = opener;
    dialog.showModal();
    $("[autofocus]", dialog)?.focus();
    dialog.addEventListener("close", () => { if (!$("dialog[open]") && back?.isConnected) back.focus(); }, { once: true });
  };
  on("click", "[data-opens]", (button) => {
    if (button.getAttribute("aria-disabled") === "true") return;
    remember(button);
    button.closest("dialog")?.close();
    show(document.getElementById(button.dataset.opens));
  });
  on("click", "[hx-target='#dialogs']", remember);
  // Dialogs that are fetched when they are asked for open as soon as they are here, and only then.
  document.addEventListener("htmx:after:swap", () => {
    const dialog = $("#dialogs dialog:not([data-shown])");
    if (dialog) { dialog.dataset.shown = ""; show(dialog); }
    // A menu that was filled anew under the hand keeps the focus.
    if (openButton && document.activeElement === document.body) items()[0]?.focus();
  });
  on("click", "[data-closes]", (button) => button.closest("dialog").close());
  on("click", "[data-empties]", (button) => document.getElementById(button.dataset.empties).replaceChildren());
  document.addEventListener("click", (event) => { if (event.target instanceof HTMLDialogElement && !event.target.dataset.keep) event.target.close(); });

  // A remote action takes a while: its dialog closes, and the page says what we wait for.
  document.addEventListener("htmx:before:request", (event) => {
    const asker = event.target.closest?.("[data-asks]");
    if (!asker) return;
    asker.closest("dialog")?.close();
    const place = document.getElementById(asker.dataset.at ?? "outcome"), sheet = document.createElement("div"), words = document.createElement("span");
    sheet.className = "wl-sheet waiting";
    words.textContent = `${asker.dataset.asks}… Most answer within a second, some take 30.`;
    sheet.append(words);
    place.replaceChildren(sheet);
    place.scrollIntoView({ block: "nearest" });
  });

  on("click", "[data-theme-pick]", (item) => {
    window.wattlineTheme(item.dataset.themePick);
    $$("[data-theme-pick]").forEach((other) => other.setAttribute("aria-checked", String(other === item)));
    document.dispatchEvent(new CustomEvent("wattline:theme"));
  });
  on("click", "[data-copy]", async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    say("Copied");
    button.classList.add("touched");
    setTimeout(() => button.classList.remove("touched"), 900);
  });
  // A form is sent once, however often somebody presses; coming back to the page makes it fresh again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]")) return;
    if ("sent" in form.dataset) event.preventDefault();
    form.dataset.sent = "";
  });
  addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
  on("change", "[data-autosubmit] select", (select) => select.form.requestSubmit());
  on("click", "[data-print]", () => window.print());
  // Empty fields do not belong into an address.
  on("submit", "[data-autosubmit]", (form) => $$("input,select", form).forEach((field) => { field.disabled = !field.value; }));

  // Picking rows.
  const picked = () => {
    const boxes = $$("#boxes [name=box]"), count = boxes.filter((box) => box.checked).length;
    boxes.forEach((box) => box.closest("tr").classList.toggle("picked", box.checked));
    const matching = $("[data-pick-matching]");
    if (matching && count === 0) matching.checked = false;
    $$("[data-picked]").forEach((place) => { place.textContent = matching?.checked ? matching.dataset.pickMatching : count; });
    $$("[data-only-picked]").forEach((button) => { button.disabled = Boolean(matching?.checked); });
    const all = $("[data-pick-all]");
    if (all) { all.checked = count > 0 && count === boxes.length; all.indeterminate = count > 0 && count < boxes.length; }
    if ($("#bulk")) $("#bulk").hidden = count === 0;
  };
  on("change", "#boxes [name=box]", picked);
  on("change", "[data-pick-matching]", picked);
  on("change", "[data-pick-all]", (all) => { $$("#boxes [name=box]").forEach((box) => { box.checked = all.checked; }); picked(); });
  on("change", "[data-tick-all]", (all) => { $$("[type=checkbox]", all.closest("fieldset")).forEach((box) => { box.checked = all.checked; }); });
  on("click", "[data-pick-none]", () => { $$("#boxes [name=box]").forEach((box) => { box.checked = false; }); picked(); });
  on("submit", "#boxes", (form, event) => { if (event.submitter?.name !== "deed") event.preventDefault(); });

  // The palette.
  const palette = $("#palette");
  const options = () => $$("[role=option]", palette);
  const choose = (option) => {
    options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
    $("#palette-q").setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  };
  const openPalette = () => {
    palette.showModal();
    $("#palette-q").select();
    htmx.trigger("#palette-q", "palette-open");
  };
  on("click", "[data-palette]", openPalette);
  document.addEventListener("keydown", (event) => {
    if (palette && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); }
  });
  palette?.addEventListener("keydown", (event) => {
    const all = options(), at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined && all.length) { event.preventDefault(); choose(all[(to + all.length) % all.length]); }
    if (event.key === "Enter" && at >= 0) { event.preventDefault(); palette.close(); all[at].click(); }
  });
  $("#palette-found")?.addEventListener("htmx:after:swap", () => choose(options()[0]));
  on("mousemove", "#palette [role=option]", choose);
  // A deed from the palette: go to the page, then open its dialog. What runs at once does so only when we sent it there.
  const doAsTold = () => {
    const deed = CSS.escape(location.hash.slice(4));
    if (!location.hash.startsWith("#do-") || !deed) return;
    const target = $(`[data-deed="${deed}"]:not([aria-disabled])`);
    const ours = target?.hasAttribute("hx-get") || document.referrer.startsWith(location.origin + "/") || asked;
    history.replaceState(null, "", location.pathname + location.search);
    (ours && target ? target : $("[data-menu=actions]"))?.click();
  };
  let asked = false;
  addEventListener("hashchange", () => { asked = true; doAsTold(); });
  document.addEventListener("DOMContentLoaded", () => setTimeout(doAsTold, 0));

  // One-letter keys, when nobody is writing.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || openButton || $("dialog[open]") || event.target.closest("input,select,textarea,[contenteditable]")) return;
    const target = $(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (target) { event.preventDefault(); target.click(); }
  });

  // Time goes on.
  const lasted = (seconds) => {
    const s = Math.max(Math.floor(seconds), 0), two = (a, b) => a + (b ? " " + b : "");
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min`;
    if (s < 86400) return two(`${Math.floor(s / 3600)} h`, Math.floor(s % 3600 / 60) ? `${Math.floor(s % 3600 / 60)} min` : "");
    return two(`${Math.floor(s / 86400)} d`, Math.floor(s % 86400 / 3600) ? `${Math.floor(s % 86400 / 3600)} h` : "");
  };
  const stopwatch = (seconds) => {
    const s = Math.max(Math.floor(seconds), 0), pad = (n) => String(n).padStart(2, "0");
    return (s >= 3600 ? Math.floor(s / 3600) + ":" : "") + pad(Math.floor(s % 3600 / 60)) + ":" + pad(s % 60);
  };
  const since = (stamp) => (Date.now() - Date.parse(stamp)) / 1000;
  const set = (place, text) => { if (place.textContent !== text) place.textContent = text; };
  let news = Date.now(), pausedAt = null;
  const live = $("#live"), liveText = $("[data-live-text]");
  const heard = () => {
    if (pausedAt) say("Live again");
    news = Date.now();
    pausedAt = null;
    delete live.dataset.paused;
  };
  const tick = () => {
    $$("[data-stopwatch]").forEach((place) => set(place, stopwatch(since(place.dataset.stopwatch))));
    $$("[data-since]").forEach((place) => set(place, lasted(since(place.dataset.since))));
    if (!live) return;
    const age = Math.floor((Date.now() - news) / 1000);
    // A line that went dead without a word is hung up and dialled again; a hidden tab has hung up itself.
    if (age > 30 && age % 30 === 1 && !document.hidden) live._htmx?.sse?.reader?.cancel();
    if (age > 30 && !pausedAt && !document.hidden) {
      pausedAt = new Date(news).toTimeString().slice(0, 5);
      live.dataset.paused = "";
      say(`Live values paused at ${pausedAt}`);
    }
    set(liveText, pausedAt ? `Paused ${pausedAt}` : age < 2 ? "Live · now" : `Live · ${age} s ago`);
  };
  if (live) {
    live.addEventListener("htmx:sse:after:connection", heard);
    live.addEventListener("htmx:sse:before:message", heard);
    live.addEventListener("gone", () => location.reload());
    // Logged out meanwhile: the page asks for the log-in, which leads back here.
    live.addEventListener("htmx:sse:error", (event) => { if (event.detail?.status === 401) location.reload(); });
  }
  setInterval(tick, 1000);
})();
