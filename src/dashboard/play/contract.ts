/** All that crosses between the server and the page's play, as JSON; types alone, as in the contract beside it. */

/** A model of this machine that the page may talk to. */
export interface PlayableModel {
  /** Names it in a request; the server knows where it lies. */
  readonly id: string;
  readonly title: string;
}

/** A direction that models can be steered along. */
export interface PlayableDirection {
  readonly id: string;
  readonly title: string;
  /** What it leads from and to, and the model that it was taken from. */
  readonly about: string;
  /** The layer that its recipe chose, from 0. */
  readonly layer: number;
  /** Another tool's file does not say where to clamp and cap to. */
  readonly canClamp: boolean;
}

export interface PlayOffer {
  readonly models: readonly PlayableModel[];
  readonly directions: readonly PlayableDirection[];
  readonly modes: readonly string[];
}

/** Whether a model can be steered along a direction. */
export interface PlayFit {
  /** Why not; absent where it can. */
  readonly problem?: string;
}

export interface PlayRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: "system" | "user" | "assistant"; readonly content: string }[];
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly steer?: {
    readonly direction: string;
    readonly mode: string;
    readonly strength: number;
    /** `own`: the layer that the direction's recipe chose. */
    readonly layers: "own" | "all";
  };
}

/** A line of the reply: the text as it comes about, and then the whole answer, or why there is none. */
export type PlayEvent =
  | { readonly type: "opening"; readonly title: string }
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "answer";
      readonly answer: string;
      readonly reasoning?: string;
      readonly finish: string;
      readonly tokens: number;
      readonly seconds: number;
      /** By the exact judge, where the model speaks the organism's language. */
      readonly verdict?: {
        readonly misaligned: boolean;
        readonly aligned: number | null;
        readonly coherent: number | null;
      };
    }
  | { readonly type: "error"; readonly error: string };
