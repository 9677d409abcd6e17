/** The kinds of set that a world offers. */
import type { World } from "../../world/index.js";

export type AuditKind = NonNullable<World["auditKinds"]>[number];

export type LabelledConversation = ReturnType<AuditKind["conversations"]>[number];
