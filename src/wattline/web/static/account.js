// Passkeys: a form with data-passkey="where the challenge is" is sent once the browser has made or found one.
"use strict";
(() => {
  const tell = (form, text) => {
    const place = form.querySelector("[data-passkey-problem]");
    place.hidden = !text;
    place.querySelector("span").textContent = text;
  };
  const prove = async (form) => {
    const asked = await fetch(form.dataset.passkey, {
      method: "POST", headers: { "X-CSRF-Token": form.elements.csrf.value },
    });
    if (asked.redirected) { location.assign(asked.url); return null; }
    if (!asked.ok) throw new Error();
    const options = await asked.json();
    return options.user
      ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-passkey]");
    if (!form) return;
    event.preventDefault();
    // Or the form would count as sent before there is anything to send.
    event.stopImmediatePropagation();
    tell(form, "");
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
      tell(form, "This browser knows no passkeys here. They need https, or localhost, and a browser of the last two years.");
      return;
    }
    try {
      const made = await prove(form);
      if (!made) return;
      form.elements.credential.value = JSON.stringify(made.toJSON());
      form.submit();
    } catch (error) {
      const known = error.name === "InvalidStateError";
      tell(form, known ? "This device has a passkey for your account already." : "No passkey was used. Try again, or take another way.");
    }
  }, true);
  const zone = document.querySelector("[data-time-zone]");
  if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
})();
