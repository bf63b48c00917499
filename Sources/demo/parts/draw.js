// Draws the arena on the big screen, and in small on a phone.

import { HEIGHT, WIDTH } from "./arena.js";

export const COLORS = ["#ff4d5e", "#2f9bff", "#2fc25b", "#ffb400", "#b06cff", "#ff7ac3", "#12c9c9", "#ff8126"];

const isCalm = matchMedia("(prefers-reduced-motion: reduce)");

/** The cells, one pixel each. */
export function drawCells(context, owners) {
  context.clearRect(0, 0, WIDTH, HEIGHT);
  for (let at = 0; at < owners.length; at++) {
    if (owners[at] === 0) continue;
    context.fillStyle = COLORS[owners[at] - 1];
    context.fillRect(at % WIDTH, Math.floor(at / WIDTH), 1, 1);
  }
}

/** The big screen's canvas, with what flies about on it for a moment: rings, cheers and confetti. */
export class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.cells = new OffscreenCells();
    this.sparks = [];
  }

  ring(comet) {
    if (comet) this.sparks.push({ kind: "ring", x: comet.x, y: comet.y, color: COLORS[comet.colour], age: 0, life: 0.5 });
  }

  cheer(comet, text) {
    if (comet) this.sparks.push({ kind: "cheer", comet, text, age: 0, life: 1.4 });
  }

  confetti(color) {
    if (isCalm.matches) return;
    for (let piece = 0; piece < 200; piece++) {
      const angle = Math.random() * 2 * Math.PI;
      const speed = 6 + Math.random() * 22;
      this.sparks.push({
        kind: "confetti", x: WIDTH / 2, y: HEIGHT / 2, vx: Math.cos(angle) * speed, vy: Math.sin(angle) * speed - 8,
        color: piece % 3 ? COLORS[piece % COLORS.length] : color, age: 0, life: 2.5 + Math.random(),
      });
    }
  }

  draw(game, seconds) {
    const { canvas, context } = this;
    const width = Math.round(canvas.clientWidth * devicePixelRatio);
    const height = Math.round((width * HEIGHT) / WIDTH);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = false;
    context.globalAlpha = 0.85;
    context.drawImage(this.cells.drawn(game.arena.owners), 0, 0, width, height);
    context.globalAlpha = 1;
    this.scale = width / WIDTH;
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const star of game.arena.stars) this.text("⭐", star.x, star.y, 2.6);
    for (const comet of game.arena.comets.values()) this.comet(comet, game.players.get(comet.slot));
    this.sparks = this.sparks.filter((spark) => (spark.age += seconds) < spark.life);
    for (const spark of this.sparks) this.spark(spark, seconds);
  }

  comet(comet, player) {
    const { context } = this;
    const isAway = player?.away ?? false;
    context.globalAlpha = isAway ? 0.45 : 1;
    context.fillStyle = COLORS[comet.colour];
    context.strokeStyle = "#fff";
    context.lineWidth = 0.3;
    context.beginPath();
    context.arc(comet.x, comet.y, 1.45, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    context.save();
    context.translate(comet.x, comet.y);
    if (comet.stunned > 0 && !isCalm.matches) context.rotate(comet.stunned * 12);
    this.text(isAway ? "💤" : (player?.face ?? "🤖"), 0, 0, 1.9);
    context.restore();
    if (player) this.label(player.name, comet.x, comet.y < 5 ? comet.y + 2.7 : comet.y - 2.7);
    context.globalAlpha = 1;
  }

  label(name, x, y) {
    const { context } = this;
    context.font = this.font(1.25);
    const half = context.measureText(name).width / this.scale / 2 + 0.5;
    const middle = Math.min(WIDTH - half, Math.max(half, x));
    context.fillStyle = "#14161fe0";
    context.beginPath();
    context.roundRect?.(middle - half, y - 0.9, 2 * half, 1.8, 0.6);
    context.fill();
    this.text(name, middle, y, 1.25, "#fff");
  }

  /** Set in the canvas's own pixels: type of the size of one cell would not be sharp. */
  text(text, x, y, size, color = "#000") {
    const { context, scale } = this;
    context.save();
    context.translate(x, y);
    context.scale(1 / scale, 1 / scale);
    context.font = this.font(size);
    context.fillStyle = color;
    context.fillText(text, 0, 0);
    context.restore();
  }

  font(size) {
    return `700 ${size * this.scale}px system-ui, sans-serif`;
  }

  spark(spark, seconds) {
    const { context } = this;
    const age = spark.age / spark.life;
    context.globalAlpha = 1 - age * age;
    if (spark.kind === "ring") {
      context.strokeStyle = spark.color;
      context.lineWidth = 0.6;
      context.beginPath();
      context.arc(spark.x, spark.y, isCalm.matches ? 4 : 2 + age * 5, 0, 2 * Math.PI);
      context.stroke();
    } else if (spark.kind === "cheer") {
      this.text(spark.text, spark.comet.x, spark.comet.y - 4 - (isCalm.matches ? 0 : age * 4), 3.4);
    } else {
      spark.vy += 16 * seconds;
      spark.x += spark.vx * seconds;
      spark.y += spark.vy * seconds;
      context.fillStyle = spark.color;
      context.fillRect(spark.x, spark.y, 0.8, 0.2 + 0.7 * Math.abs(Math.sin(spark.age * 7)));
    }
    context.globalAlpha = 1;
  }
}

/** A canvas of one pixel for each cell, which is not in the page. */
class OffscreenCells {
  constructor() {
    this.canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    this.context = this.canvas.getContext("2d");
  }

  drawn(owners) {
    drawCells(this.context, owners);
    return this.canvas;
  }
}
