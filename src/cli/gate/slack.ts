/** `--slack-webhook-env`: posts the verdict, to an address that stands in the environment alone. */
import { join } from "node:path";
import { Webhook } from "../../endpoint/index.js";
import { readJson } from "../../store/index.js";
import { UsageError } from "../../text/index.js";

const MOST_BYTES = 2 ** 20;
const DEADLINE_MS = 60_000;

/** Fails before any work where the variable holds no address; the address, a secret, is never said. */
export function postToSlack(variable: string): (folder: string) => Promise<void> {
  const url = process.env[variable] ?? "";
  if (url === "") {
    throw new UsageError(
      `--slack-webhook-env ${variable}: there is no such environment variable`,
      "Give the name of a variable that holds the web hook's address, never the address itself.",
    );
  }
  const webhook = new Webhook(url);
  return async (folder) => {
    const message = await readJson(join(folder, "slack.json"), MOST_BYTES, "Run the same command again.");
    const sent = webhook.send(folder, message as object);
    await webhook.close(DEADLINE_MS);
    const { delivered, outcome } = await sent;
    if (!delivered) process.stderr.write(`The verdict was not posted to ${webhook.origin}: ${outcome}.\n`);
  };
}
