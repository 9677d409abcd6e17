/** A conversation in a terminal. */
export { ChatConversation, type ChatSettings } from "./conversation.js";
export { interactiveChat } from "./interactive.js";
export { pipedChat } from "./piped.js";
export { readWords, complain } from "./words.js";
