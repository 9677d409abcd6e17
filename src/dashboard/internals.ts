/** What tests look into; no part of the package's interface. */
export { startDashboard, type Dashboard, type DashboardOptions } from "./dashboard.js";
export type {
  AnswersPage,
  ComparisonView,
  ConversationView,
  LoggedEvent,
  ResultView,
  RunsEvent,
  RunsSnapshot,
} from "./contract.js";
export type { PlayEvent, PlayFit, PlayOffer, PlayRequest } from "./play/contract.js";
export type { Started, StartOffer } from "./start/contract.js";
