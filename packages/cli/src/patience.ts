/**
 * Time limit of work that a person can interrupt, or that a CI job limits itself. Drivers have timeouts of their own for a
 * hanging store.
 */
export const patienceMs = 60 * 60_000
