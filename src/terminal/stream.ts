/** Shared by every counted progress: a place on the screen that is redrawn, or plain lines without one. */
import { colorsOf, isLive, type Colors } from "./terminal.js";
import { Redraw } from "./redraw.js";

export class ProgressStream {
  /** Undefined where nothing can be drawn over. */
  protected readonly redraw: Redraw | undefined;
  protected readonly colors: Colors;
  /** That it is stopping. */
  protected message: string | undefined;

  constructor(protected readonly stream: NodeJS.WriteStream) {
    this.colors = colorsOf(stream);
    this.redraw = isLive(stream) ? new Redraw(stream) : undefined;
    process.once("exit", this.close);
  }

  /** A line that stays. */
  keep(line: string): void {
    if (this.redraw) this.redraw.keep(line);
    else this.stream.write(`${line}\n`);
  }

  stopping(message: string): void {
    this.message = message;
    if (this.redraw) this.redraw.draw(["", message]);
    else this.stream.write(`${message}\n`);
  }

  /** The cursor is given back, however the process ends. */
  readonly close = (): void => {
    this.redraw?.close();
    process.off("exit", this.close);
  };
}
