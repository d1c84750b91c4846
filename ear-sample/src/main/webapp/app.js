// SPDX-License-Identifier: Apache-2.0
"use strict";

const byId = (id) => document.getElementById(id);
const shown = new Map();
const mine = new Set();
const limit = 50;
let seen = 0;
let away = false;

function say(text, failed) {
  byId("message").textContent = text;
  byId("message").className = failed ? "error" : "";
}

// Not crypto.randomUUID: browsers keep it for https and localhost.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function show(order) {
  let line = shown.get(order.id);
  if (!line) {
    line = document.createElement("li");
    line.append(`${order.quantity} × ${order.item}: `, document.createElement("strong"), document.createElement("i"));
    shown.set(order.id, line);
    byId("orders").prepend(line);
  }
  line.className = order.state;
  const where = order.offset === undefined ? "" : ` (order-status, partition ${order.partition}, offset ${order.offset})`;
  line.querySelector("strong").textContent = order.state + where;
  if (mine.has(order.id)) say(`Your order of ${order.quantity} × ${order.item} is ${order.state}.`, false);
  if (shown.size > limit) {
    const [oldest, last] = shown.entries().next().value;
    shown.delete(oldest);
    last.remove();
  }
}

async function fetchJson(path, options) {
  const answer = await fetch(path, options);
  const body = await answer.json().catch(() => ({ error: `${answer.status} ${answer.statusText}` }));
  if (!answer.ok) throw Object.assign(new Error(body.error || answer.statusText), { refused: answer.status === 400 });
  return body;
}

async function poll() {
  try {
    const news = await fetchJson(`api/orders?since=${seen}`);
    if (news.version < seen) {
      // The server has started anew and counts from the beginning.
      seen = 0;
    } else {
      seen = news.version;
      news.orders.forEach(show);
    }
    byId("empty").hidden = shown.size > 0;
    const stats = await fetchJson("api/stats");
    for (const name of ["placed", "paid", "shipped", "doubled"]) byId(name).textContent = stats[name];
    if (away) say("The server is back.", false);
    away = false;
  } catch (failure) {
    away = true;
    say(`The server does not answer: ${failure.message}`, true);
  }
  setTimeout(poll, document.hidden ? 3000 : 500);
}

// With one id until it is heard to be placed: the same order, however often it arrives.
async function place(order) {
  for (;;) {
    try {
      await fetchJson("api/orders", { method: "POST", body: order });
      mine.add(order.get("id"));
      say(`Order placed: ${order.get("quantity")} × ${order.get("item")}`, false);
      return;
    } catch (failure) {
      say(failure.refused ? failure.message : `No answer yet (${failure.message}). Trying again; it is placed once only.`, true);
      if (failure.refused) return;
      await new Promise((again) => setTimeout(again, 2000));
    }
  }
}

let asked = 0;
async function ask() {
  const question = ++asked;
  const euros = (cents) => (cents / 100).toFixed(2);
  let text = "Price: on request";
  try {
    const { cents } = await fetchJson(`api/price?item=${encodeURIComponent(byId("item").value)}`);
    const quantity = Number(byId("quantity").value);
    if (cents > 0) text = `Price: ${euros(cents)} each, ${euros(cents * quantity)} together`;
  } catch (failure) {
    text = "Price: no answer now";
  }
  if (question === asked) byId("price").textContent = text;
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const order = new URLSearchParams(new FormData(event.target));
  order.set("id", uuid());
  place(order);
});
byId("form").addEventListener("change", ask);

poll();
ask();
