/** A process that cannot be observed counts as dead after this silence. Renewals are several times as frequent. */
export const silenceMs = 10 * 60_000

/** How often a lease is renewed, and a sign of life sent. */
export const renewEveryMs = 60_000
