/** Long work in parts that are done once: whoever keeps them can carry on where it was stopped. */

/**
 * Gives what the part of this name came to, and makes it only where it is not known yet. What it comes to is JSON.
 * @param id letters, digits and `_.+-`
 */
export type Once = <T>(id: string, make: () => Promise<T>) => Promise<T>;

/** Keeps nothing. */
export const anew: Once = (_id, make) => make();
