// SPDX-License-Identifier: Apache-2.0
"use strict";

const byId = (id) => document.getElementById(id);
const shown = new Map();
const limit = 50;
let seen = 0;
let mine = "";
let away = false;

function say(text, failed) {
  byId("message").textContent = text;
  byId("message").className = failed ? "error" : "";
}

function show(order) {
  let line = shown.get(order.id);
  if (!line) {
    line = document.createElement("li");
    shown.set(order.id, line);
    byId("orders").prepend(line);
  }
  const where = order.state === "received" ? `, partition ${order.partition}, offset ${order.offset}` : "";
  const state = document.createElement("strong");
  state.className = order.state;
  state.textContent = order.state + where;
  line.replaceChildren(`${order.quantity} × ${order.item}: `, state);
  if (order.id === mine && order.state === "received") say(`Order received: ${order.quantity} × ${order.item}${where}`, false);
  if (shown.size > limit) {
    const [oldest, last] = shown.entries().next().value;
    shown.delete(oldest);
    last.remove();
  }
}

async function fetchJson(path, options) {
  const answer = await fetch(path, options);
  const body = await answer.json().catch(() => ({ error: `${answer.status} ${answer.statusText}` }));
  if (!answer.ok) throw new Error(body.error || answer.statusText);
  return body;
}

async function poll() {
  try {
    const news = await fetchJson(`api/orders?since=${seen}`);
    if (news.version < seen) shown.clear(), byId("orders").replaceChildren();
    seen = news.version;
    news.orders.forEach(show);
    byId("empty").hidden = shown.size > 0;
    const stats = await fetchJson("api/stats");
    for (const name of ["placed", "processed", "duplicates"]) byId(name).textContent = stats[name];
    if (away) say("The server is back.", false);
    away = false;
  } catch (failure) {
    away = true;
    say(`The server does not answer: ${failure.message}`, true);
  }
  setTimeout(poll, document.hidden ? 3000 : 500);
}

byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const order = await fetchJson("api/orders", { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
    mine = order.id;
    say(`Order placed: ${order.quantity} × ${order.item}`, false);
  } catch (failure) {
    say(failure.message, true);
  }
});

poll();
