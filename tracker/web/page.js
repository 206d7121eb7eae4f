// The page's part of a session: finds the websocket beside the page, sees when the link is dead, and says when what is shown is old.
// textual-serve's textual.js draws the terminal and makes the socket.
"use strict";

const PING_MS = 10_000;
const AGAIN_MS = 3_000;

window.WebSocket = class extends WebSocket {
  constructor(path) {
    const url = new URL(path, location.href); // beside the page, whatever name or proxy it came through
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    super(url);
    let heard = true;
    const watch = setInterval(() => {
      if (heard && this.readyState <= WebSocket.OPEN) {
        heard = false;
        if (this.readyState === WebSocket.OPEN) this.send(JSON.stringify(["ping", String(Date.now())]));
      } else {
        over(null);
      }
    }, PING_MS);
    let isOver = false;
    const over = (event) => {
      clearInterval(watch);
      if (!isOver) ended(event);
      isOver = true;
    };
    this.addEventListener("message", () => (heard = true));
    this.addEventListener("open", () => document.querySelector(".xterm-helper-textarea").focus());
    this.addEventListener("close", over);
    addEventListener("pagehide", () => this.close()); // a browser may keep a page that was left, and its socket with it
  }
};

function ended(event) {
  const meant = event !== null && event.code !== 1001 && event.code !== 1006;
  const why = meant ? event.reason || "This dashboard was left, or has ended." : "NO LINK to the tracker. What you see is old. Trying again …";
  document.getElementById("why").textContent = why;
  document.getElementById("ended").hidden = false;
  document.getElementById("again").focus();
  if (!meant) setTimeout(again, AGAIN_MS);
}

async function again() {
  try {
    if ((await fetch(location.href, { cache: "no-store" })).ok) return location.reload();
  } catch (error) {
    console.log(`not yet: ${error}`);
  }
  setTimeout(again, AGAIN_MS);
}

addEventListener("DOMContentLoaded", () => document.getElementById("again").addEventListener("click", () => location.reload()));
