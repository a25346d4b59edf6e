/** What runs where nobody can look, and has not been heard of for so long, is at work no more. Renewed several times within it. */
export const silenceMs = 10 * 60_000

/** How often whoever holds something says that it is still at work. */
export const renewEveryMs = 60_000
