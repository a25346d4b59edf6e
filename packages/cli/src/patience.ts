/** For what a person waits for, and can stop, and for what a CI job may take at most: a store that hangs has time-outs of its own. */
export const patienceMs = 60 * 60_000
