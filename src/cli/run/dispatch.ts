/** Lets a command run another one in its place: `main.ts` knows all of them, and they do not know each other. */
type Dispatch = (words: readonly string[]) => Promise<void>;

let known: Dispatch | undefined;

export const setDispatch = (execute: Dispatch): void => {
  known = execute;
};

export async function dispatch(words: readonly string[]): Promise<void> {
  if (known === undefined) throw new Error("dispatch: main.ts has set none");
  await known(words);
}
