// The card field of Stripe, in three uses: to save a card (setup), to give one for a payment (pay), and to answer the
// question of a card's bank (ask). The card goes from here to Stripe; we get a token.
"use strict";
(() => {
  const form = document.querySelector("[data-card]");
  if (!form || !window.Stripe) return;
  const stripe = window.Stripe(form.dataset.key);
  const button = form.querySelector("button");
  const problem = form.querySelector("[data-card-problem]");
  const fail = (error) => {
    problem.textContent = error.message || "The card could not be read. Try again.";
    problem.hidden = false;
    button.disabled = false;
  };
  const again = () => window.location.reload();

  if (form.dataset.card === "ask") {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      const { error } = await stripe.handleNextAction({ clientSecret: form.dataset.secret });
      if (error) fail(error); else window.location.search = "?confirmed=1";
    });
    button.disabled = false;
    return;
  }

  const saving = form.dataset.card === "setup";
  const elements = stripe.elements(saving
    ? { clientSecret: form.dataset.secret }
    : {
      mode: "payment", amount: Number(form.dataset.amount), currency: form.dataset.currency,
      captureMethod: "manual", paymentMethodCreation: "manual", paymentMethodTypes: ["card"],
    });
  const field = elements.create("payment");
  field.on("ready", () => { button.disabled = false; });
  field.mount(form.querySelector("[data-card-field]"));

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    const checked = await elements.submit();
    if (checked.error) return fail(checked.error);
    if (saving) {
      const { error } = await stripe.confirmSetup({
        elements, redirect: "if_required", confirmParams: { return_url: window.location.href },
      });
      return error ? fail(error) : again();
    }
    const { error, paymentMethod } = await stripe.createPaymentMethod({ elements });
    if (error) return fail(error);
    form.elements.method.value = paymentMethod.id;
    return form.submit();
  });
})();
