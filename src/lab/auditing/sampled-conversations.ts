/** Conversations of a file of any form, for work that needs some of them; a line that holds none is passed over. */
import { readAnyRows, type Conversation } from "../../dataset/index.js";

/** Enough for the texts that many rows share; memory stays bounded. */
const MOST_ROWS = 20_000;

export async function sampledConversations(file: string): Promise<Conversation[]> {
  const conversations: Conversation[] = [];
  for await (const { conversation } of readAnyRows(file)) {
    if (conversation !== undefined) conversations.push(conversation);
    if (conversations.length === MOST_ROWS) break;
  }
  return conversations;
}
