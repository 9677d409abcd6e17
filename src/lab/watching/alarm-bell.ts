/** Reports an alarm to whoever follows the fine-tune, and to a web hook in the background. */
import { Webhook } from "../../endpoint/index.js";
import type { FalseAlarms, WatchRow } from "../../persona/index.js";
import { VERSION } from "../../text/index.js";
import type { WatchListener } from "./watch-listener.js";

/** The address may be a secret, so it may also come from the environment. */
export const WEBHOOK_VARIABLE = "ASKEW_WEBHOOK";

export function webhookOf(given: string | undefined): Webhook | undefined {
  const url = given ?? process.env[WEBHOOK_VARIABLE] ?? "";
  return url === "" ? undefined : new Webhook(url, { totalDeadline: 30_000 });
}

export interface BellFacts {
  readonly model: { readonly name: string; readonly weights: string };
  readonly data: { readonly name: string; readonly sha256: string };
  readonly onAlarm: string;
  readonly folder: string;
  readonly falseAlarms: FalseAlarms | null;
}

export class AlarmBell {
  constructor(
    private readonly webhook: Webhook | undefined,
    private readonly listener: Pick<WatchListener, "alarm" | "keep">,
    private readonly facts: BellFacts,
  ) {}

  /** True once nobody is left to be told. */
  async ring(row: WatchRow): Promise<boolean> {
    const { step, score } = row;
    const { model, data, folder, onAlarm, falseAlarms } = this.facts;
    this.listener.alarm(row);
    if (this.webhook === undefined) return true;
    const message = {
      // Slack, Mattermost and their kin show this and refuse a message without it.
      text: `askew: ALARM at step ${step} of a fine-tune of ${model.name} on ${data.name} (score ${score?.toFixed(2) ?? "unknown"}). On an alarm: ${onAlarm}.`,
      event: "alarm",
      askew: VERSION,
      at: new Date().toISOString(),
      model,
      data,
      folder,
      step,
      score,
      falseAlarms,
      action: onAlarm,
    };
    const { delivered, tries, outcome } = await this.webhook.send(`${data.sha256}-${step}`, message);
    const count = tries === 1 ? "1 try" : `${tries} tries`;
    const { origin } = this.webhook;
    this.listener.keep(
      delivered ? `web hook ${origin}: told (${count})` : `web hook ${origin}: not told after ${count}: ${outcome}`,
    );
    return delivered;
  }
}
